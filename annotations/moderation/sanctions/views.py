"""The page on which somebody reads what was decided about them and why, and says what is wrong with it. It is open to
whoever can log in, whatever was decided."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.errors import Refused
from annotations.moderation.appeals.actions import appeal
from annotations.moderation.purges.queries import told as purges
from annotations.moderation.sanctions.actions import mark_read
from annotations.moderation.sanctions.forms import AppealForm, ReadForm
from annotations.moderation.sanctions.queries import told
from annotations.people.views import person_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    return _read(request) if "read" in request.POST else _appealed(request)


def _read(request: HttpRequest) -> HttpResponse:
    form = ReadForm(request.POST)
    try:
        if form.is_valid():
            mark_read(person=person_of(request), sanction=form.cleaned_data["read"])
    except Refused as refused:
        return _page(request, problem=refused, status=refused.status)
    return redirect(request.path)


def _appealed(request: HttpRequest) -> HttpResponse:
    """What was typed stays in the form it was typed in."""
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    facts = form.cleaned_data
    try:
        appeal(person=person_of(request), **facts)
    except Refused as refused:
        return _page(request, form, problem=refused, status=refused.status)
    return redirect(
        f"{request.path}#s-{facts['sanction']}" if facts["sanction"] else f"{request.path}#p-{facts['purge']}"
    )


def _page(
    request: HttpRequest, form: AppealForm | None = None, *, problem: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "sanctions": told(person_of(request)), "form": form, "problem": problem,
        "purges": purges(person_of(request)),
    }  # fmt: skip
    return render(request, "moderation/standing.html", context, status=status)
