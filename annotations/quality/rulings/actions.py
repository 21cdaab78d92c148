"""Deciding by hand, taking that back, and asking for more votes."""

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import doors
from annotations.assignments.models import Cell
from annotations.assignments.queries import places
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import require_variety
from annotations.people.standing import require_right
from annotations.quality.actions import supersede
from annotations.quality.ballots import ballots_of
from annotations.quality.models import Verdict
from annotations.quality.queries import latest_evidence
from annotations.quality.rules import by_hand
from annotations.quality.rulings.models import Ruling
from annotations.quality.rulings.queries import can_be_ruled, has_a_part

MAY_RULE: Final = "annotations.add_ruling"
MOST_VOTES: Final = 10
"""So many more votes can be asked for at once."""
MAX_REASON: Final = 1_000


@transaction.atomic
def adjudicate(*, by: Person, cell: Cell, choice: int | str, strength: int | None, reason: str) -> Verdict:
    """Say what a cell is settled to, in the place of the rule. It gives no more seats.

    Args:
        choice: an output of its item, or `tie`, `both_good` or `both_bad`.
        strength: with an output, by how much: 1 or 2.

    Raises:
        Refused: `suspended`, `forbidden` (no right to, a part in it, or stewards decide), `invalid` (no such choice, no
            strength, no reason), `not_open` (nobody voted, or it is decided by hand already).
    """
    cell = _to_be_ruled(by, cell, reason)
    level = {each.value for each in Verdict.Outcome} - {Verdict.Outcome.OUTPUT, Verdict.Outcome.NO_MAJORITY}
    outputs = places(cell.item)
    if choice not in outputs and choice not in level:
        raise Refused("invalid", _("This is no answer to that."), {"choice": "unknown"})
    if (choice in level) != (strength is None) or strength not in (None, 1, 2):
        raise Refused("invalid", _("Say by how much, where an answer is better."), {"strength": "unfit"})
    ballots = ballots_of(cell)
    if not ballots:
        raise Refused("not_open", _("Nobody has voted yet."))
    if _by_hand(cell):
        raise Refused("not_open", _("It is decided by hand already."))
    said = by_hand(ballots, outputs, choice, strength)
    supersede([cell.pk])
    verdict = Verdict.objects.create(
        item=cell.item, cell=cell, outcome=said.outcome, preferred_id=said.preferred, rejected_id=said.rejected,
        method=said.method, n=said.n, agreement=said.agreement, margin=said.margin,
        evidence_until=latest_evidence(cell),
    )  # fmt: skip
    doors.close_cell(cell=cell, settled_at=timezone.now())
    _note(by, cell, Ruling.Kind.ADJUDICATED, reason, verdict=verdict)
    return verdict


@transaction.atomic
def take_back(*, by: Person, cell: Cell, reason: str) -> Ruling:
    """What was decided by hand holds no more: the rule settles it as soon as it has what it asks.

    Raises:
        Refused: as above; `not_open` where it is not decided by hand.
    """
    cell = _to_be_ruled(by, cell, reason)
    if not _by_hand(cell):
        raise Refused("not_open", _("Nobody decided this by hand."))
    supersede([cell.pk])
    doors.ask_more(cell=cell, votes=0)
    return _note(by, cell, Ruling.Kind.TAKEN_BACK, reason)


@transaction.atomic
def ask_more_votes(*, by: Person, cell: Cell, votes: int, reason: str) -> Ruling:
    """Ask for so many more; what settled it holds no more until they are there.

    Raises:
        Refused: as above; `invalid` for a number that is not from 1 to `MOST_VOTES`.
    """
    cell = _to_be_ruled(by, cell, reason)
    if not 1 <= votes <= MOST_VOTES:
        raise Refused("invalid", _("From 1 to %d.") % MOST_VOTES, {"votes": "no_such_number"})
    supersede([cell.pk])
    doors.ask_more(cell=cell, votes=votes)
    return _note(by, cell, Ruling.Kind.MORE, reason, votes=votes)


def _to_be_ruled(by: Person, cell: Cell, reason: str) -> Cell:
    """The cell as it is now, locked, for somebody who may rule and has no part in it."""
    by = Person.objects.lock(by)
    require_right(by, MAY_RULE)
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Refused("invalid", _("Say why."), {"reason": "too_long" if reason.strip() else "missing"})
    now = Cell.objects.select_for_update(of=("self",)).select_related("item", "campaign").get(pk=cell.pk)
    require_variety(by, now.variety_id)
    if not can_be_ruled(now):
        raise Refused("forbidden", _("This is not decided by hand here."))
    if has_a_part(by, now):
        raise Refused("forbidden", _("Somebody who had no part in it does this."))
    return now


def _by_hand(cell: Cell) -> bool:
    return Verdict.objects.filter(cell=cell, superseded_at=None, ruling__isnull=False).exists()


def _note(by: Person, cell: Cell, kind: Ruling.Kind, reason: str, **facts: object) -> Ruling:
    return Ruling.objects.create(cell=cell, kind=kind, reason=reason.strip(), ruled_by=by, **facts)
