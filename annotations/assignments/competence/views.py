"""The page on which everybody sees, for what they speak, whether it is confirmed and how it can be."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments.competence.actions import confirm_by_quiz
from annotations.assignments.competence.queries import standings
from annotations.assignments.models import Campaign
from annotations.errors import Refused
from annotations.people.accounts.limits import count_try
from annotations.people.competence.actions import new_vouch_code
from annotations.people.competence.models import VouchCode
from annotations.people.competence.queries import NEEDED
from annotations.people.models import Person, Variety
from annotations.people.views import person_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Variety by variety; a code to hand over is made on a press of the button and shown once."""
    person = person_of(request)
    if request.method != "POST":
        return _page(request, person)
    variety = get_object_or_404(Variety, pk=_posted(request, "variety"))
    if slug := _posted(request, "campaign"):
        confirm_by_quiz(person=person, campaign=get_object_or_404(Campaign, slug=slug), variety=variety)
        return redirect("my_confirmed")
    count_try(request, "vouch", str(person.pk))
    try:
        return _page(request, person, code_for=variety, code=new_vouch_code(person=person, variety=variety))
    except Refused as refused:
        if refused.code == "consent_required":
            raise
        return _page(request, person, problem=refused)


def _posted(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")


def _page(
    request: HttpRequest,
    person: Person,
    *,
    code_for: Variety | None = None,
    code: str = "",
    problem: Refused | None = None,
) -> HttpResponse:
    context = {
        "rows": standings(person), "needed": NEEDED, "until": timezone.now() + VouchCode.LASTS,
        "code": code, "code_for": code_for, "problem": problem,
    }  # fmt: skip
    return render(request, "people/competence/mine.html", context, status=problem.status if problem else 200)
