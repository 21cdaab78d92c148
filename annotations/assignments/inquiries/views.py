"""Asking the moderators, and one's own notes with their answers."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignments import kinds
from annotations.assignments.inquiries.actions import ask_moderators, read_answers
from annotations.assignments.inquiries.forms import AskForm
from annotations.assignments.inquiries.queries import inquiries_of
from annotations.assignments.models import Assignment
from annotations.assignments.stewards.queries import hides
from annotations.errors import Refused
from annotations.people.views import person_of
from annotations.requests import row_keys

MOST_SHOWN = 100


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_about_item(request: HttpRequest, assignment: uuid.UUID) -> HttpResponse:
    """A note about what lies, or lay, before whoever asks."""
    seats = Assignment.objects.filter(~hides("item__prompt")).select_related("item__prompt", "cell__variety")
    seat = get_object_or_404(seats, pk=assignment, person=person_of(request))
    return _ask(request, kind=seat.item.kind, seat=seat)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_about_guidelines(request: HttpRequest, kind: str) -> HttpResponse:
    """A note about how to judge."""
    if kind not in kinds.names():
        raise Http404
    return _ask(request, kind=kind)


def _ask(request: HttpRequest, **about: Any) -> HttpResponse:
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_moderators(person=person_of(request), text=form.cleaned_data["text"], **about)
        except Refused as refused:
            form.add_error("text", str(refused.detail))
        else:
            return redirect("my_asked")
    label = kinds.get(about["kind"]).label
    context = about | {"form": form, "label": label}
    return render(request, "assignments/inquiries/ask.html", context, status=400 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest) -> HttpResponse:
    """What one asked, and what was answered; looking at it changes nothing, saying that one has read it does."""
    person = person_of(request)
    if request.method == "POST":
        read_answers(person=person, inquiries=row_keys(request.POST.getlist("read"))[:MOST_SHOWN])
        return redirect("my_work")
    found = list(inquiries_of(person)[:MOST_SHOWN])
    context = {"inquiries": found, "unread": [each.pk for each in found if each.answered_at and not each.read_at]}
    return render(request, "assignments/inquiries/asked.html", context)
