"""The same table for people without an account: their turns and answers are a guest's (`assignments/guests/`)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.assignments.guests.actions import answer, next_turn
from annotations.assignments.guests.actions import take_back as undo
from annotations.assignments.guests.models import Guest
from annotations.assignments.guests.queries import how_far
from annotations.assignments.guests.views import guest_of
from annotations.errors import Refused
from annotations.rating.forms import VoteForm
from annotations.rating.views import UNDO, address, campaign_of, submission_of, table


def _elsewhere(request: HttpRequest, slug: str | None) -> HttpResponse:
    """For whom this is not: members have their own table, everybody else comes in by the door."""
    return redirect(address("rate" if request.user.is_authenticated else "guest_door", slug))


@never_cache
@require_safe
def try_one(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The next of a guest's ten."""
    guest = guest_of(request)
    return _show(request, guest, slug) if guest else _elsewhere(request, slug)


@never_cache
def cast(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Take a guest's vote and show the next pair."""
    guest = guest_of(request)
    if guest is None or request.method != "POST":
        return _elsewhere(request, slug) if guest is None else redirect(address("try_one", slug))
    form = VoteForm(request.POST)
    if not form.is_valid():
        return _show(request, guest, slug, problem=Refused("invalid"))
    submission = submission_of(form)
    try:
        answer(guest=guest, submission=submission, answer=form.answer, way_out=form.opt_out)
    except Refused as refused:
        return _show(request, guest, slug, problem=refused)
    request.session[UNDO] = str(submission.key)
    return _show(request, guest, slug) if request.htmx else redirect(address("try_one", slug))  # type: ignore[attr-defined]


@never_cache
def take_back(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """Undo a guest's last vote and show its pair again."""
    guest = guest_of(request)
    if guest is None:
        return _elsewhere(request, slug)
    if request.method != "POST" or not (key := request.session.pop(UNDO, None)):
        return redirect(address("try_one", slug))
    try:
        undo(guest=guest, key=key)
    except Refused as refused:
        return _show(request, guest, slug, problem=refused)
    return _show(request, guest, slug) if request.htmx else redirect(address("try_one", slug))  # type: ignore[attr-defined]


def _show(request: HttpRequest, guest: Guest, slug: str | None, *, problem: Refused | None = None) -> HttpResponse:
    campaign = campaign_of(slug)
    turn = next_turn(guest=guest, kind="vote", campaign=campaign)
    progress = how_far(guest)
    context = {
        "guest": guest, "slug": slug, "problem": problem, "campaign": turn.item.campaign if turn else campaign,
        "sent": progress.done, "progress": progress, "here": address("try_one", slug),
        "cast_url": address("try_cast", slug), "undo_url": address("try_take_back", slug),
        "next_url": address("rate", slug), "door_url": address("guest_door", slug),
    }  # fmt: skip
    return table(request, turn.as_seat() if turn else None, context, problem.status if problem else 200)
