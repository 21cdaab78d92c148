"""The door for guests: what they speak, that they are 18, what becomes of their answers; one tap."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments.addresses import address
from annotations.assignments.guests.actions import begin, require_guests
from annotations.assignments.guests.models import Guest
from annotations.assignments.guests.queries import varieties_with_work, widest
from annotations.assignments.guests.texts import guest_text
from annotations.assignments.models import Campaign
from annotations.errors import Refused
from annotations.people.accounts.limits import count_try
from annotations.people.queries import find_varieties, nearness_to
from annotations.rendering import render as markdown

GUEST = "guest"
"""Where the session keeps the guest's random id."""


def guest_of(request: HttpRequest) -> Guest | None:
    """Who tries in this browser, while what they did is neither claimed nor deleted."""
    if not (key := request.session.get(GUEST)):
        return None
    return Guest.objects.filter(pk=key, person=None).select_related("variety").first()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Show what a guest agrees to; a tap on a variety says all of it."""
    if request.user.is_authenticated:
        return redirect(address("table", slug, "rate"))
    campaign = get_object_or_404(Campaign, slug=slug) if slug else None
    if campaign:
        require_guests(campaign)
    if request.method != "POST":
        return _show(request, campaign)
    variety, adult = request.POST.get("variety", "").replace("\x00", ""), "young" not in request.POST
    guest = guest_of(request)
    try:
        if adult and guest is None:  # only who begins makes a row, so only they are counted
            count_try(request, "try")
        shown = request.POST.get("shown_in") or get_language()  # another tab may have changed the page's
        guest = begin(guest=guest, variety=variety, adult=adult, language=shown)
    except Refused as refused:
        return _show(request, campaign, refused, status=refused.status) if adult else _show(request, campaign, refused)
    request.session[GUEST] = str(guest.pk)
    return redirect(address("table", slug, "try"))


def _show(
    request: HttpRequest, campaign: Campaign | None, problem: Refused | None = None, *, status: int = 200
) -> HttpResponse:
    search = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    varieties = varieties_with_work(campaign)
    found = varieties.filter(tag__in=find_varieties(search).values("tag")) if search else widest(varieties)
    text = guest_text(get_language())
    context = {
        "problem": problem, "young": "young" in request.POST, "search": search, "here": request.path,
        "varieties": sorted(found, key=nearness_to(get_language())),
        "text": markdown(text.markdown), "spoken_in": text.language,
    }  # fmt: skip
    return render(request, "assignments/door.html", context, status=status)
