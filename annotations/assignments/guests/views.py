"""The door for guests: what they speak, that they are 18, what becomes of their answers; one tap."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments.guests.actions import begin
from annotations.assignments.guests.models import Guest
from annotations.assignments.guests.queries import guest_campaigns, varieties_with_work, widest
from annotations.assignments.guests.texts import guest_text
from annotations.assignments.models import Campaign
from annotations.errors import Refused
from annotations.people.models import Variety
from annotations.people.queries import find_varieties
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
    where = [slug] if slug else []
    if request.user.is_authenticated:
        return redirect(reverse("rate_in" if slug else "rate", args=where))
    problem, young = None, "young" in request.POST
    if request.method == "POST":
        try:
            variety = request.POST.get("variety", "").replace("\x00", "")
            guest = begin(guest=guest_of(request), variety=variety, adult=not young, language=get_language())
        except Refused as refused:
            problem = refused
        else:
            request.session[GUEST] = str(guest.pk)
            return redirect(reverse("try_one_in" if slug else "try_one", args=where))
    return _show(request, get_object_or_404(Campaign, slug=slug) if slug else None, problem, young=young)


def _show(request: HttpRequest, campaign: Campaign | None, problem: Refused | None, *, young: bool) -> HttpResponse:
    if campaign and not guest_campaigns(campaign).exists():
        raise Refused("not_open")
    search = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    varieties = varieties_with_work(campaign)
    found = varieties.filter(tag__in=find_varieties(search).values("tag")) if search else widest(varieties)
    context = {
        "campaign": campaign, "problem": problem, "young": young, "search": search, "here": request.path,
        "varieties": sorted(found, key=_nearness_to(get_language())),
        "text": markdown(guest_text(get_language()).markdown),
    }  # fmt: skip
    return render(request, "assignments/door.html", context, status=problem.status if problem and not young else 200)


def _nearness_to(language: str | None) -> Callable[[Variety], tuple[bool, str]]:
    """Those of the page's language first, then by name."""
    return lambda variety: (not variety.tag.startswith((language or "es")[:2]), variety.name)
