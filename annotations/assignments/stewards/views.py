"""A variety's public page, the room of its stewards, and the page on which an item is marked as restricted."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.assignments.models import Assignment
from annotations.assignments.stewards import actions
from annotations.assignments.stewards.forms import FORMS, ReasonForm, RestrictForm
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.stewards.queries import counts_of, hidden_of, preview
from annotations.errors import Refused
from annotations.people.competence.actions import take_back
from annotations.people.competence.models import Confirmed
from annotations.people.competence.queries import confirmed_in
from annotations.people.models import Variety
from annotations.people.stewards import actions as stewards
from annotations.people.stewards.models import CommunityLabel, StewardsDecision
from annotations.people.stewards.queries import (
    charter_of,
    current_stewards,
    decisions_of,
    governed,
    in_force,
    labels_of,
    log_of,
    open_decisions,
    stewardship_of,
    takes_contributions,
)
from annotations.people.views import person_of
from annotations.rendering import render as markdown


@require_safe
def variety(request: HttpRequest, tag: str) -> HttpResponse:
    """What a variety is called, where it is spoken, who decides about it and by which policy, and how far it is."""
    row = get_object_or_404(Variety.objects.select_related("macro_zone", "parent"), pk=tag)
    charter = charter_of(row)
    context = {
        "variety": row,
        "is_governed": governed().filter(pk=tag).exists(),
        "is_open": takes_contributions().filter(pk=tag).exists(),
        "stewards": current_stewards(row),
        "charter": charter,
        "policy": markdown(charter.policy) if charter else "",
        "labels": labels_of(tag),
        "counts": counts_of(row),
        "children": row.children.all(),
    }
    return render(request, "assignments/stewards/variety.html", context)


def _room(request: HttpRequest, tag: str) -> Variety:
    """The variety, for a steward of it; for everybody else there is no such room."""
    row = get_object_or_404(Variety, pk=tag)
    if stewardship_of(person_of(request), row) is None:
        raise Http404
    return row


@never_cache
@login_required
@require_safe
def room(request: HttpRequest, tag: str) -> HttpResponse:
    """What waits for an answer, what is in force, what is hidden, what was done."""
    row = _room(request, tag)
    context = {
        "variety": row,
        "charter": charter_of(row),
        "stewards": current_stewards(row),
        "waiting": open_decisions(row),
        "in_force": in_force(decisions_of(row)),
        "hidden": hidden_of(row)[:100],
        "labels": CommunityLabel.objects.filter(variety=row, ended_at=None).order_by("id"),
        "confirmed": confirmed_in(row)[:100],
        "end_codes": Confirmed.Code.choices,
        "log": log_of(row)[:50],
        "writes": [(what, title) for what, (_form, title) in FORMS.items()
                   if what != "ungoverned" or row.governed == Variety.Governed.ASK],
    }  # fmt: skip
    return render(request, "assignments/stewards/room.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, tag: str, what: str) -> HttpResponse:
    """One of the forms of the room."""
    row = _room(request, tag)
    if what not in FORMS:
        raise Http404
    kind, title = FORMS[what]
    form = kind(request.POST or None, variety=row)
    if request.method == "POST" and form.is_valid():
        try:
            form.act(person_of(request))
        except Refused as refused:
            form.add_error(None, str(refused.detail))
        else:
            return redirect("stewards_room", tag)
    return render(request, "assignments/stewards/write.html", {"variety": row, "form": form, "title": title})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: HttpRequest, tag: str, pk: int) -> HttpResponse:
    """One decision, with what its slice holds; yes, no, or taken back."""
    row = _room(request, tag)
    one = get_object_or_404(decisions_of(row), pk=pk)
    form = ReasonForm(request.POST if request.POST.get("say") == "revoke" else None, variety=row)
    if request.method == "POST" and _said(request, one, form):
        return redirect("stewards_room", tag)
    charter = charter_of(row)
    context = {
        "variety": row,
        "decision": one,
        "quorum": charter.quorum if charter else 2,
        "mine": one.approvals.filter(person=person_of(request)).first(),
        "form": form,
        "preview": preview(one) if one.kind == StewardsDecision.Kind.EXPORT else None,
        "policy": markdown(one.charter.policy) if one.charter else "",
        "hidden": Hidden.objects.filter(restoring=one).select_related("item__prompt").first(),
    }
    return render(request, "assignments/stewards/decision.html", context)


def _said(request: HttpRequest, one: StewardsDecision, form: ReasonForm) -> bool:
    person, say = person_of(request), request.POST.get("say")
    if say in ("yes", "no"):
        actions.answer(person=person, decision=one, approves=say == "yes")
        return True
    if say == "revoke" and form.is_valid():
        stewards.revoke(person=person, decision=one, **form.cleaned_data)
        return True
    return False


@login_required
@require_POST
def hidden(request: HttpRequest, tag: str, pk: int) -> HttpResponse:
    """A hidden record: it stays so, or the others are asked to bring it back."""
    one = get_object_or_404(hidden_of(_room(request, tag)), pk=pk)
    act = actions.keep_hidden if request.POST.get("say") == "keep" else actions.propose_restoring
    act(person=person_of(request), hidden=one, reason=_reason(request))
    return redirect("stewards_room", tag)


@login_required
@require_POST
def end_label(request: HttpRequest, tag: str, pk: int) -> HttpResponse:
    label = get_object_or_404(CommunityLabel, pk=pk, variety=_room(request, tag))
    stewards.end_label(person=person_of(request), label=label, text=_reason(request))
    return redirect("stewards_room", tag)


@login_required
@require_POST
def end_confirmed(request: HttpRequest, tag: str, pk: int) -> HttpResponse:
    """A confirmation is taken back, with its reason."""
    confirmed = get_object_or_404(confirmed_in(_room(request, tag)), pk=pk)
    code = request.POST.get("code", "")
    take_back(by=person_of(request), confirmed=confirmed, code=code, reason=_reason(request))
    return redirect("stewards_room", tag)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\x00", "")[:2_000]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def restrict(request: HttpRequest, assignment: uuid.UUID) -> HttpResponse:
    """This item holds what is not for everybody: it is hidden at once, and those it belongs to decide."""
    person = person_of(request)
    seat = get_object_or_404(Assignment.objects.select_related("item__variety"), pk=assignment, person=person)
    form = RestrictForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.mark_restricted(person=person, assignment_id=seat.pk, **form.cleaned_data)
        return redirect("table", "rate")
    context: dict[str, Any] = {"form": form, "variety": seat.item.variety, "seat": seat}
    return render(request, "assignments/stewards/restrict.html", context)
