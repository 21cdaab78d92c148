"""Keeping aside what is too much, and letting it count again."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.doors import count_again, discount_all
from annotations.assignments.holding import put_back, take_off
from annotations.assignments.locks import rounds_of_cells
from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.queries import CONCENTRATION
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import require_variety
from annotations.people.standing import require_right
from annotations.quality.actions import supersede
from annotations.quality.gates.models import Held, Hold
from annotations.quality.gates.queries import (
    Counted,
    Excess,
    Slice,
    asked_for_by_held,
    counted,
    counted_at,
    gated_campaigns,
    held_proposals,
    judgements_at,
    newest,
    open_holds,
)

_GATE_LOCK = 0x6D696E6B0005
"""One gate moves at a time (a transaction's advisory lock), before any row: two would take the same excess twice."""
MAY_RELEASE: Final = "annotations.release_holds"
MAX_REASON: Final = 1_000
"""Characters in which a release may be asked for."""

# Keeping aside ------------------------------------------------------------------------------------------------------


def watch_over(*, until: dt.datetime | None = None) -> int:
    """Look at every slice of every campaign that has a gate, and do what its gate says. Returns how many judgements
    were kept aside; running it again, or twice at once, changes nothing.

    Args:
        until: only what was received up to this moment, as in a release with this cutoff.
    """
    Hold.objects.filter(mode=Hold.Mode.REPORT).exclude(campaign__in=gated_campaigns()).delete()
    left = sum(_watch(campaign, until) for campaign in gated_campaigns())
    _take_questions_off()
    return left


def _watch(campaign: Campaign, until: dt.datetime | None) -> int:
    """What holds, slice by slice, each as it is when its turn comes: what leaves one is missing in others. Then what is
    reported, of what is left."""
    slices = list(counted(campaign, until))
    left = sum(
        _hold(campaign, each.slice, until) for each in slices if each.mode == "hold" and (each.accounts or each.cohorts)
    )
    reporting = [each for each in (counted(campaign, until) if left else slices) if each.mode == "report"]
    told = {_report(campaign, each, excess) for each in reporting for excess in (*each.accounts, *each.cohorts)}
    open_holds().filter(campaign=campaign, mode=Hold.Mode.REPORT).exclude(pk__in=told).delete()
    return left


def _hold(campaign: Campaign, at: Slice, until: dt.datetime | None) -> int:
    """Until nothing is too much: what leaves makes the parts of others greater. Each time something leaves, so it
    ends; and it ends with what is left of everybody (`rules.kept`)."""
    left = 0
    while lost := _keep_aside(campaign, at, until):
        left += lost
    return left


@transaction.atomic
def _keep_aside(campaign: Campaign, at: Slice, until: dt.datetime | None) -> int:
    """What is too much in a slice as it is now. Locked in the order of the house: people, then cells."""
    _lock()
    now = counted_at(campaign, at, until)
    excess = now.accounts or now.cohorts  # a day's part is that of what accounts leave
    there, rows = _lock_people(excess), judgements_at(campaign, at, until)
    whose = {pk: each for each in excess if each.person in there for pk in newest(rows, each)}
    lost = discount_all(judgements=whose, reason=CONCENTRATION)
    supersede(set(lost.values()))
    for each in excess:
        if mine := [pk for pk in lost if whose[pk] is each]:
            hold = _row(campaign, now, each, Hold.Mode.HOLD, len(mine))
            Held.objects.bulk_create((Held(judgement_id=pk, hold=hold) for pk in mine), batch_size=1_000)
    return len(lost)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_GATE_LOCK])


def _lock_people(several: Iterable[Excess]) -> set[int | None]:
    """Whoever of them is still there, and nobody for days."""
    people = [excess.person for excess in several if excess.person is not None]
    locked = Person.objects.filter(pk__in=people).order_by("pk").select_for_update(of=("self",))
    return {None, *(person.pk for person in locked)}


@transaction.atomic
def _report(campaign: Campaign, now: Counted, excess: Excess) -> int:
    """One row, however many nights it is so; where something is kept aside already, that says it."""
    _lock()
    if excess.person not in _lock_people([excess]):
        return 0
    return _row(campaign, now, excess, Hold.Mode.REPORT, excess.leave).pk


def _row(campaign: Campaign, now: Counted, excess: Excess, mode: Hold.Mode, judgements: int) -> Hold:
    facts: dict[str, Any] = {
        "contributors": now.contributors, "given": now.given, "share": excess.share, "limit": excess.limit,
        "judgements": judgements, "mode": mode,
    }  # fmt: skip
    whose = {"person_id": excess.person, "day": excess.day}
    known = open_holds().filter(campaign=campaign, why=excess.why, **now.slice.facts, **whose).first()
    if known is None:
        return Hold.objects.create(campaign=campaign, why=excess.why, **now.slice.facts, **whose, **facts)
    if known.mode == Hold.Mode.HOLD:
        if mode == Hold.Mode.REPORT:
            return known
        facts["judgements"] += known.judgements
    Hold.objects.filter(pk=known.pk).update(**facts)
    return known


@transaction.atomic
def _take_questions_off() -> None:
    """What somebody asked for that is kept aside is judged by nobody meanwhile, and what was judged of it leaves with
    no release: items that models answered since, too."""
    take_off(cells=asked_for_by_held(held_proposals()).filter(held_back=""), reason=CONCENTRATION)


# Releasing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_release(*, person: Person, hold: Hold, reason: str) -> Hold:
    """Somebody looked at it and found it in order, and says why. Nothing happens until a second person agrees. Asked
    again meanwhile, by whomever, it is the same wish.

    Raises:
        Refused: `forbidden` (no right to, or concerned), `suspended`, `invalid` (no reason, or too long), `not_open`
            (released already, or only reported).
    """
    hold = _concerning_others(person, hold)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON or "\x00" in reason:
        raise Refused("invalid", _("Say why, so that the second person and whoever comes later can follow."))
    if hold.asked_at is None:
        hold.asked_by, hold.asked_at, hold.reason = person, timezone.now(), reason
        hold.save(update_fields=["asked_by", "asked_at", "reason"])
    return hold


@transaction.atomic
def confirm_release(*, person: Person, hold: Hold) -> int:
    """The second person agrees: what was kept aside counts where it is still wanted, and is never held again. Returns
    how many judgements count now.

    Raises:
        Refused: as above; `not_open` where nobody asked; `forbidden` for whoever asked.
    """
    hold = _concerning_others(person, hold)
    if hold.asked_at is None:
        raise Refused("not_open", _("Nobody has asked for it yet."))
    if hold.asked_by_id == person.pk:
        raise Refused("forbidden", _("It takes a second person."))
    rounds_of_cells()  # from the cells of what was judged to those of what was asked for
    again = count_again(judgements=Judgement.objects.filter(held__hold=hold, not_counted=CONCENTRATION))
    waiting = Cell.objects.filter(held_back=CONCENTRATION).exclude(pk__in=asked_for_by_held(held_proposals()))
    put_back(cells=waiting, reasons=[CONCENTRATION])
    hold.released_by, hold.released_at = person, timezone.now()
    hold.save(update_fields=["released_by", "released_at"])
    return again


def _concerning_others(person: Person, hold: Hold) -> Hold:
    """The hold as it is now, for somebody who may release it and gave none of it."""
    _lock()
    person = Person.objects.lock(person)
    require_right(person, MAY_RELEASE)
    now = Hold.objects.get(pk=hold.pk)
    require_variety(person, *filter(None, [now.variety_id]))
    if now.person_id == person.pk or now.held.filter(judgement__person=person).exists():
        raise Refused("forbidden", _("It is about what this account gave: others decide."))
    if now.released_at or now.mode != Hold.Mode.HOLD:
        raise Refused("not_open", _("There is nothing kept aside here."))
    return now


def forget_why(person: Person) -> int:
    """The words in which somebody asked for a release go with them; that it was asked for stays."""
    return Hold.objects.filter(asked_by=person).update(asked_by=None, reason="")
