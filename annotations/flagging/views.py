"""Saying in passing that something is wrong, and what one never wants to meet."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments import kinds
from annotations.assignments.addresses import address
from annotations.assignments.models import Assignment
from annotations.assignments.queries import shown_seats
from annotations.errors import Refused
from annotations.flagging.actions import report
from annotations.flagging.forms import AvoidForm, PassingForm
from annotations.flagging.queries import flagged_at, output_at
from annotations.people.actions import avoid
from annotations.people.views import person_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, assignment: uuid.UUID, letter: str) -> HttpResponse:
    """Say what is wrong in an output that lies on the table, and go on with something else."""
    person = person_of(request)
    if request.method == "POST" and (earlier := flagged_at(person, assignment, letter)):
        return _received(earlier.seat)  # a second tap on the way out
    seat = get_object_or_404(shown_seats(person), pk=assignment)
    output = output_at(seat, letter)
    if output is None:
        raise Http404
    form = PassingForm(request.POST or None, output=output)
    if request.method == "POST" and form.is_valid():
        try:
            report(person=person, assignment_id=seat.pk, letter=letter, answer=form.answer)
        except Refused as refused:
            if refused.code != "invalid":
                raise
            _tell(form, refused)
        else:
            return _received(seat)
    context = {"form": form, "output": output, "letter": letter, "seat": seat, "table_url": _table_of(seat)}
    return render(request, "flagging/passing.html", context, status=400 if form.errors else 200)


def _tell(form: PassingForm, refused: Refused) -> None:
    for name, reason in (refused.errors or {"": str(refused.detail)}).items():
        form.add_error(name if name in form.fields else None, reason)


def _received(seat: Assignment) -> HttpResponse:
    return redirect(f"{_table_of(seat)}?flagged=1")


def _table_of(seat: Assignment) -> str:
    return address("table", seat.item.campaign.slug, kinds.get(seat.item.kind).table)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def avoids(request: HttpRequest) -> HttpResponse:
    """What one never wants to meet: one tick a category, and none is needed."""
    person = person_of(request)
    form = AvoidForm(request.POST if request.method == "POST" else None, initial={"categories": person.avoids})
    if request.method == "POST" and form.is_valid():
        avoid(person=person, categories=form.cleaned_data["categories"])
        return redirect("my_work")
    return render(request, "flagging/avoids.html", {"form": form}, status=400 if form.errors else 200)
