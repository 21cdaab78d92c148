"""Browsing varieties, and the pages on which somebody steps forward."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.errors import Refused
from annotations.people.accounts.limits import count_try
from annotations.people.models import Variety
from annotations.people.queries import named
from annotations.people.stewards import actions
from annotations.people.stewards.forms import AcceptForm, StewardForm, VarietyProposalForm
from annotations.people.stewards.models import Steward
from annotations.people.stewards.pictures import picture_of
from annotations.people.stewards.queries import by_zone, proposals_of, stewardships_of, tree
from annotations.people.views import person_of


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Every variety: by zone, by language, or what a search finds."""
    search = request.GET.get("q", "").strip()[:60]
    by_language = request.GET.get("by") == "language"
    context = {
        "search": search,
        "by_language": by_language,
        "found": named(search) if search else None,
        "tree": tree() if by_language and not search else [],
        "zones": by_zone() if not by_language and not search else [],
    }
    return render(request, "people/stewards/browse.html", context)


@cache_control(public=True, max_age=24 * 3600)
@require_safe
def label_picture(_request: HttpRequest, name: str) -> FileResponse:
    """The picture of a label, where one was placed."""
    if (path := picture_of(name)) is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose_steward(request: HttpRequest, tag: str) -> HttpResponse:
    """How stewards are proposed, and the form to do it."""
    variety = get_object_or_404(Variety, pk=tag)
    form = StewardForm(request.POST or None)
    if request.method == "POST":
        count_try(request, "names", str(person_of(request).pk))
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose_steward(
                proposer=person_of(request), person=form.person, variety=variety, why=form.cleaned_data["why"]
            )
        except Refused as refused:
            form.add_error(None, str(refused.detail))
        else:
            return redirect("my_varieties")
    return render(request, "people/stewards/propose_steward.html", {"form": form, "variety": variety})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose_variety(request: HttpRequest) -> HttpResponse:
    """A variety that is missing."""
    form = VarietyProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.propose_variety(person=person_of(request), **form.cleaned_data)
        return redirect("my_varieties")
    return render(request, "people/stewards/propose_variety.html", {"form": form})


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I was proposed for, what I am a steward of, which varieties I missed, and what became of it."""
    person = person_of(request)
    context = {
        "stewardships": stewardships_of(person),
        "proposals": proposals_of(person),
        "form": AcceptForm(initial={"shown_name": person.username}),
    }
    return render(request, "people/stewards/mine.html", context)


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """I take it on, by this name."""
    steward = get_object_or_404(Steward, pk=pk)
    shown_name = request.POST.get("shown_name", "").replace("\x00", "")
    actions.accept_stewardship(person=person_of(request), steward=steward, shown_name=shown_name)
    return redirect("my_varieties")


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """I do not take it on, or step down."""
    steward = get_object_or_404(Steward, pk=pk, person=person_of(request))
    reason = request.POST.get("reason", "").replace("\x00", "")
    actions.end_stewardship(person=person_of(request), steward=steward, reason=reason)
    return redirect("my_varieties")
