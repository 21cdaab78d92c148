"""Deciding about somebody, and ending that."""

import datetime as dt
from contextlib import suppress
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.moderation.deciding import both, require, require_no_part
from annotations.moderation.sanctions.models import Sanction
from annotations.moderation.sanctions.queries import in_force, over
from annotations.moderation.sanctions.rules import stands, unfit
from annotations.people.actions import set_standing
from annotations.people.models import Person

MAY_DECIDE: Final = "annotations.add_sanction"
Kind = Sanction.Kind


@transaction.atomic
def sanction(
    *, by: Person, person: Person, kind: str, code: str, words: str, ends_at: dt.datetime | None = None,
    most_a_day: int | None = None,
) -> Sanction:  # fmt: skip
    """Decide about somebody, and tell them why.

    Args:
        ends_at: of a limit and of a pause, and of nothing else: when it ends, a year from now at most.
        most_a_day: of `limited`: how many answers a day they may give in a campaign.

    Raises:
        Refused: `forbidden` (no right to, or oneself, or somebody of the house), `invalid` (no such step or reason, no
            words, no end, no number).
    """
    by, person = both(by, person)
    require(by, MAY_DECIDE, person)
    if wrong := unfit(kind, code, words, ends_at, most_a_day):
        raise Refused("invalid", errors=wrong)
    row = Sanction.objects.create(
        kind=kind, person=person, code=code, words=words.strip(), decided_by=by, ends_at=ends_at, most_a_day=most_a_day
    )
    _settle(person)
    return row


@transaction.atomic
def second(*, by: Person, sanction: Sanction) -> Sanction:
    """A second person says too that this account is to be closed. Said again, it changes nothing.

    Raises:
        Refused: `forbidden` (no right to, or a part in it), `not_open` (it closes no account, or is over).
    """
    by, person = both(by, sanction.person)
    require(by, MAY_DECIDE, person)
    row = _locked(sanction)
    if row.kind != Kind.CLOSED or row.ended_at:
        raise Refused("not_open", _("Nothing is to be said to this a second time."))
    require_no_part(by, row.person_id, row.decided_by_id, row.second_id)
    if row.seconded_at is None:
        row.second, row.seconded_at = by, timezone.now()
        row.save(update_fields=["second", "seconded_at"])
        _settle(row.person)
    return row


@transaction.atomic
def lift(*, by: Person, sanction: Sanction, why: str) -> Sanction:
    """It is over before its time.

    Raises:
        Refused: `forbidden`, `invalid` without a reason, `not_open` where it is over.
    """
    by, person = both(by, sanction.person)
    require(by, MAY_DECIDE, person)
    if not why.strip():
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    row = _locked(sanction)
    if row.ended_at:
        raise Refused("not_open", _("It is over already."))
    _end(row, by, why.strip())
    return row


def end_due(*, now: dt.datetime | None = None) -> int:
    """What has its time behind it is over, and who had it stands as before. Returns how many; running it again changes
    nothing."""
    ended = 0
    for row in over(now).select_related("person"):
        with suppress(Refused):  # the account was erased meanwhile, and with it this
            ended += _end_due(row, now or timezone.now())
    return ended


@transaction.atomic
def _end_due(sanction: Sanction, now: dt.datetime) -> bool:
    Person.objects.lock(sanction.person)
    row = _locked(sanction)
    if not over(now).filter(pk=row.pk).exists():
        return False
    row.ended_at = row.ends_at or now
    row.save(update_fields=["ended_at"])
    _settle(row.person)
    return True


@transaction.atomic
def mark_read(*, person: Person, sanction: int) -> None:
    """They say that they read it; a notice is over with that.

    Raises:
        Refused: `not_found`, where it is not theirs.
    """
    person = Person.objects.lock(person)
    theirs, now = Sanction.objects.filter(pk=sanction, person=person), timezone.now()
    if not theirs.exists():
        raise Refused("not_found")
    theirs.filter(read_at=None).update(read_at=now)
    theirs.filter(kind=Kind.NOTICE, ended_at=None).update(ended_at=now)


# What follows -------------------------------------------------------------------------------------------------------


def end_on_appeal(*, by: Person, sanction: Sanction, why: str) -> None:
    """What was appealed against is over, if it is not already; whoever calls asked who may say so and holds its
    person's row."""
    row = _locked(sanction)
    if row.ended_at is None:
        _end(row, by, why)


def _end(row: Sanction, by: Person, why: str) -> None:
    row.ended_at, row.lifted_by, row.why_lifted = timezone.now(), by, why
    row.save(update_fields=["ended_at", "lifted_by", "why_lifted"])
    _settle(row.person)


def _settle(person: Person) -> None:
    """They stand as what is in force adds up to."""
    found = stands(in_force(person))
    set_standing(person=person, standing=found.standing, most_a_day=found.most_a_day)


def _locked(sanction: Sanction) -> Sanction:
    """Whoever calls holds its person's row, as everywhere."""
    return Sanction.objects.select_for_update(of=("self",)).select_related("person").get(pk=sanction.pk)
