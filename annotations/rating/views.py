"""The volunteer's table for votes: ask, cast, undo. One template serves the page and the htmx turn."""

from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.assignments.actions import Submission, give_back, next_for, opt_out, undo
from annotations.assignments.models import Assignment, Campaign
from annotations.assignments.notes.queries import nothing_left
from annotations.assignments.opt_outs import opt_outs
from annotations.assignments.queries import held_seats, judgements_of, progress_of_cell, shown_outputs
from annotations.errors import Refused
from annotations.people.accounts.kept import keep_through_log_in, take_kept
from annotations.people.models import Person
from annotations.people.queries import spoken_by
from annotations.people.stewards.queries import labels_of
from annotations.people.texts import page, supported
from annotations.people.views import person_of
from annotations.rating.actions import GUIDELINE_VERSION, cast_vote
from annotations.rating.forms import VoteForm, new_key
from annotations.rendering import render as markdown

GUIDELINES = Path(__file__).parent / "guidelines" / GUIDELINE_VERSION
UNDO = "last_key"
"""Where the session keeps the key of the last vote, so that it can be taken back without JavaScript too."""


def campaign_of(slug: str | None) -> Campaign | None:
    return get_object_or_404(Campaign, slug=slug) if slug else None


def address(name: str, slug: str | None) -> str:
    """Of a page, inside the campaign's own addresses where `slug` names one."""
    return reverse(f"{name}_in", args=[slug]) if slug else reverse(name)


@never_cache
@login_required
@require_safe
def ask(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The next pair for this person; inside a campaign's own address, of that campaign."""
    if not spoken_by(person_of(request)).exists():
        return redirect(f"{reverse('varieties')}?next={request.path}")
    if (kept := take_kept(request)) is not None:
        return _cast(request, slug, VoteForm(kept))
    return _show(request, slug)


@never_cache
@keep_through_log_in
def cast(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Take the vote and show the next pair: as the turn alone for htmx, by a redirect for a plain browser."""
    if request.method != "POST":
        return redirect(address("rate", slug))  # whoever comes back here from the door wants to see the table
    return _cast(request, slug, VoteForm(request.POST))


def _cast(request: HttpRequest, slug: str | None, form: VoteForm) -> HttpResponse:
    if not form.is_valid():
        return _show(request, slug, problem=Refused("invalid"), status=400)
    submission = submission_of(form)
    try:
        if form.opt_out:
            opt_out(person=person_of(request), submission=submission, code=form.opt_out)
        else:
            cast_vote(person=person_of(request), submission=submission, answer=form.answer or {})
    except Refused as refused:
        if refused.code == "consent_required":
            raise
        return _show(request, slug, problem=refused, status=refused.status)
    request.session[UNDO] = str(submission.key)
    return _show(request, slug) if request.htmx else redirect(address("rate", slug))  # type: ignore[attr-defined]


def submission_of(form: VoteForm) -> Submission:
    """What comes with the answer of a valid form."""
    facts = form.cleaned_data
    return Submission(
        key=facts["key"], assignment_id=facts["assignment"], language=supported(get_language()),
        seconds=facts["seconds"],
    )  # fmt: skip


@never_cache
@login_required
def take_back(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Undo the last vote and show its pair again; a pair that waits on the screen goes back to the queue."""
    person = person_of(request)
    if request.method != "POST" or not (key := request.session.pop(UNDO, None)):
        return redirect(address("rate", slug))
    try:
        for seat in held_seats(person, campaign_of(slug)):
            give_back(person=person, assignment_id=seat.pk)
        undo(person=person, key=key)
    except Refused as refused:
        return _show(request, slug, problem=refused, status=refused.status)
    return _show(request, slug) if request.htmx else redirect(address("rate", slug))  # type: ignore[attr-defined]


def _show(request: HttpRequest, slug: str | None, *, problem: Refused | None = None, status: int = 200) -> HttpResponse:
    person, campaign = person_of(request), campaign_of(slug)
    seat = _next_seat(person, campaign)
    context = {
        "slug": slug, "problem": problem, "campaign": seat.item.campaign if seat else campaign,
        "sent": judgements_of(person).filter(undone_at=None).count(),
        "progress": progress_of_cell(seat.cell) if seat else None, "here": address("rate", slug),
        "cast_url": address("cast", slug), "undo_url": address("take_back", slug),
        "nothing": None if seat else nothing_left(person, campaign),
    }  # fmt: skip
    return table(request, seat, context, status)


def _next_seat(person: Person, campaign: Campaign | None) -> Assignment | None:
    """None too where the campaign takes no answers now: the empty table says why."""
    try:
        return next_for(person=person, campaign=campaign)
    except Refused as refused:
        if refused.code != "not_open":
            raise
        return None


def table(request: HttpRequest, seat: Assignment | None, context: dict[str, Any], status: int) -> HttpResponse:
    """The table with what lies on it, or without. `context` says whose it is and where an answer goes."""
    template = "rating/ask.html#turn" if request.htmx else "rating/ask.html"  # type: ignore[attr-defined]
    context |= {
        "seat": seat, "received": request.session.get(UNDO),
        "opt_outs": [(each.code, each.label(get_language())) for each in opt_outs()],
    }  # fmt: skip
    if seat:
        context |= _turn(seat)
    return render(request, template, context, status=status)


def _turn(seat: Assignment) -> dict[str, Any]:
    prompt = seat.item.prompt
    shown = shown_outputs(seat)
    return {
        "messages_before": [(m["role"], markdown(m["content"])) for m in prompt.messages[:-1]],
        "question": markdown(prompt.messages[-1]["content"]),
        "outputs": [(each.key, markdown(each.text)) for each in shown],
        "places": range(1, len(shown) + 1),
        "variety": seat.item.variety,
        "labels": labels_of(seat.item.variety_id, seat.item.campaign.slug, seat.item.source_id),
        "country": prompt.country,
        "key": new_key(),
    }


@require_safe
def guidelines(request: HttpRequest) -> HttpResponse:
    """How to judge, in the volunteer's words."""
    text = page(GUIDELINES, get_language())
    return render(request, "text.html", {"text": markdown(text.markdown)})
