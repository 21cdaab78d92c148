"""Asking for a purge, agreeing to it, doing it, and putting back what it took."""

import logging
from collections.abc import Collection
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.doors import Was, count_again, put_in_again, take_out
from annotations.assignments.holding import put_back, take_off
from annotations.assignments.models import Cell, Judgement
from annotations.assignments.queries import CONCENTRATION, PURGED
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.moderation.deciding import both, require, require_no_part
from annotations.moderation.purges.models import Mark, Purge, Purged
from annotations.moderation.purges.queries import (
    cells_beside,
    closed_for,
    given_by,
    held_by_releases,
    meant_by_nobody,
    to_be_done,
)
from annotations.moderation.purges.rules import can_be_put_back, unfit
from annotations.people.models import Person
from annotations.quality.actions import supersede
from annotations.reviewing.actions import read_again

log = logging.getLogger(__name__)
_PURGE_LOCK = 0x6D696E6B000E
"""One batch at a time (a transaction's advisory lock), before any row: two workers would take the same one."""
MAY_ASK: Final = "annotations.add_purge"
MAY_AGREE: Final = "annotations.change_purge"
AT_ONCE: Final = 1_000
"""Judgements in one transaction: what is held in memory, and locked, at a time."""

# By two -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_purge(*, by: Person, person: Person, code: str, words: str) -> Purge:
    """Ask that what somebody gave so far be taken out. Nothing happens until a second person agrees. Asked again
    meanwhile, by whomever, it is the same one.

    Raises:
        Refused: `forbidden` (no right to, oneself, or somebody of the house), `suspended`, `invalid` (no such reason,
            no words), `not_open` (one is being done).
    """
    by, person = both(by, person)
    require(by, MAY_ASK, person)
    if wrong := unfit(code, words):
        raise Refused("invalid", errors=wrong)
    known = Purge.objects.filter(person=person, done_at=None, dropped_at=None).first()
    if known and known.approved_at:
        raise Refused("not_open", _("One is being done at this moment."))
    return known or Purge.objects.create(person=person, code=code, words=words.strip(), asked_by=by)


@transaction.atomic
def approve_purge(*, by: Person, purge: Purge) -> Purge:
    """The second person agrees: from now on the job takes out what was given until this moment. Said again, it changes
    nothing.

    Raises:
        Refused: `forbidden` (no right to, asked for it, or it is about them), `suspended`, `not_open` (nobody means it
            any more), `not_found`.
    """
    by, person = both(by, purge.person)
    require(by, MAY_AGREE, person)
    row = _locked(purge)
    require_no_part(by, row.person_id, row.asked_by_id)
    if row.dropped_at:
        raise Refused("not_open", _("Nobody means it any more."))
    if row.approved_at is None:
        # Whoever answers holds their own row, which is held here: what is received later is later.
        row.approved_by, row.approved_at = by, timezone.now()
        row.whole = given_by(person.pk).count()
        row.save(update_fields=["approved_by", "approved_at", "whole"])
    return row


@transaction.atomic
def drop_purge(*, by: Person, purge: Purge) -> Purge:
    """It is not meant any more, before anybody agreed.

    Raises:
        Refused: as `approve_purge`; `not_open` where somebody agreed.
    """
    by, person = both(by, purge.person)
    require(by, MAY_AGREE, person)
    row = _locked(purge)
    if row.approved_at:
        raise Refused("not_open", _("Somebody agreed to it."))
    if row.dropped_at is None:
        row.dropped_at = timezone.now()
        row.save(update_fields=["dropped_at"])
    return row


@transaction.atomic
def undo_purge(*, by: Person, purge: Purge, why: str) -> Purge:
    """From now on the job puts back what was taken out. One person is enough: nothing is lost by it.

    Raises:
        Refused: `forbidden`, `suspended`, `invalid` without a reason, `not_open` (not done yet, put back already, or
            its days are over), `not_found`.
    """
    by, person = both(by, purge.person)
    require(by, MAY_AGREE, person)
    if not why.strip():
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    row = _locked(purge)
    if not can_be_put_back(row.done_at, row.undoing_at, timezone.now()):
        raise Refused("not_open", _("There is nothing to put back, or its days are over."))
    return _begin_to_return(row, by, why.strip())


def put_back_on_appeal(*, by: Person, purge: Purge, why: str) -> None:
    """What was appealed against in time is put back, if nobody does so already, whatever day it is now; whoever calls
    asked who may say so and holds its person's row."""
    row = _locked(purge)
    if row.undoing_at is None:
        _begin_to_return(row, by, why)


def _begin_to_return(row: Purge, by: Person, why: str) -> Purge:
    row.undone_by, row.undoing_at, row.why_undone = by, timezone.now(), why
    row.save(update_fields=["undone_by", "undoing_at", "why_undone"])
    return row


def _locked(purge: Purge) -> Purge:
    """Whoever calls holds its person's row, as everywhere."""
    return Purge.objects.select_for_update(of=("self",)).get(pk=purge.pk)


# By the job ---------------------------------------------------------------------------------------------------------


def go_on() -> int:
    """Do what was agreed to, and put back what is to be put back: batch by batch, each whole or not at all, so that
    whoever is killed leaves the rest to the next run. Returns how many judgements were moved; running it again, or
    twice at once, changes nothing more."""
    meant_by_nobody().update(dropped_at=timezone.now())
    moved = 0
    for purge in to_be_done():
        while batch := step(purge=purge):
            moved += batch
    return moved


@transaction.atomic
def step(*, purge: Purge) -> int:
    """One batch of a purge. Returns how many judgements it looked at: 0 where it is done, or somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_PURGE_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    if not Person.objects.select_for_update(of=("self",)).filter(pk=purge.person_id).exists():
        return 0  # erased meanwhile, and the purge with it
    row = to_be_done().filter(pk=purge.pk).first()
    if row is None:
        return 0
    return _take(row) if row.done_at is None else _return(row)


def _take(purge: Purge) -> int:
    due = given_by(purge.person_id).filter(pk__gt=purge.reached, received_at__lte=purge.approved_at)
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not keys:
        return _finish(purge)
    beside = cells_beside(keys)
    was = take_out(judgements=keys, beside=Q(pk__in=beside))
    Purged.objects.bulk_create(
        Purged(purge=purge, judgement_id=pk, counted=each.counted, not_counted=each.not_counted)
        for pk, each in was.items()
    )
    take_off(cells=closed_for(keys).filter(held_back="", settled_at=None), reason=PURGED)
    _follow([pk for pk, each in was.items() if each.counted])
    Purge.objects.filter(pk=purge.pk).update(reached=keys[-1], taken=F("taken") + len(was))
    return len(keys)


def _return(purge: Purge) -> int:
    """One that its person's erasure took along is gone from here too; one that was taken back stays taken back."""
    rows = list(purge.purged.filter(returned=False).order_by("pk")[:AT_ONCE])
    if not rows:
        return _finish_returning(purge)
    was = {row.judgement_id: Was(row.counted, row.not_counted) for row in rows}
    beside = cells_beside([*was])
    closed = list(closed_for([*was]).filter(held_back=PURGED).values_list("pk", flat=True))
    put_in_again(judgements=was, beside=Q(pk__in=beside))
    _let_count([*was])
    put_back(cells=Cell.objects.filter(pk__in=closed), reasons=[PURGED])
    Purged.objects.filter(pk__in=[row.pk for row in rows]).update(returned=True)
    _follow([pk for pk, each in was.items() if each.counted])
    Purge.objects.filter(pk=purge.pk).update(returned=F("returned") + len(rows))
    return len(rows)


def _follow(judgements: Collection[int]) -> None:
    """What these settled while they counted, or others settled without them, holds no more."""
    supersede(list(Judgement.objects.filter(pk__in=judgements).values_list("cell_id", flat=True)))
    read_again(judgements=judgements)


def _let_count(judgements: Collection[int]) -> None:
    """Of what did not count before: what somebody let count meanwhile counts where it is still wanted."""
    released = Q(not_counted=CONCENTRATION, held__hold__released_at__isnull=False)
    proven = Q(not_counted="unproven", person__is_proven=True)
    count_again(judgements=Judgement.objects.filter(released | proven, pk__in=judgements, undone_at=None))


def _finish(purge: Purge) -> int:
    for release, number in held_by_releases(purge):
        Mark.objects.create(release=release, purge=purge, judgements=number)
        Release.objects.filter(pk=release.pk).update(taken_out=F("taken_out") + number)
    Purge.objects.filter(pk=purge.pk).update(done_at=timezone.now())
    return 0


def _finish_returning(purge: Purge) -> int:
    for mark in Mark.objects.filter(purge=purge):
        Release.objects.filter(pk=mark.release_id).update(taken_out=F("taken_out") - mark.judgements)
    Purge.objects.filter(pk=purge.pk).update(undone_at=timezone.now())
    return 0
