"""Questions about packs: what somebody carries, what they could carry, and how much room there is for more."""

import datetime as dt
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from annotations.assignments import kinds
from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.notes.queries import work_for
from annotations.assignments.packs.models import Pack
from annotations.assignments.queries import shown_seats
from annotations.assignments.tallies.queries import progress_of
from annotations.people.models import Person
from annotations.people.queries import consent_for, lacking

SHARE: Final = 20
"""Percent of a campaign's open seats that may lie in packs."""


def open_pack(person: Person) -> Pack | None:
    """What this person carries, or carried until its days were over; None once it ended."""
    return Pack.objects.filter(person=person, ended_at=None).select_related("campaign").first()


def is_over(pack: Pack, now: dt.datetime | None = None) -> bool:
    """True when its days are over or nothing in it waits for an answer: another one may be taken."""
    return pack.expires_at <= (now or timezone.now()) or not unanswered(pack).exists()


def unanswered(pack: Pack) -> QuerySet[Assignment]:
    """Its live seats."""
    return Assignment.objects.filter(pack=pack, state=Assignment.State.HELD)


def answered(pack: Pack) -> int:
    """How many of its seats have their answer."""
    return Assignment.objects.filter(pack=pack, state=Assignment.State.ANSWERED).count()


def carried(pack: Pack) -> list[Assignment]:
    """The seats of a pack that can be shown to their person now, in the order they were packed, without those that
    were found to hurt since: none where consent was taken back, for who is suspended, or where the days are over."""
    consent = consent_for(pack.person, pack.campaign.contribution_licence)
    away = pack.person.standing != Person.Standing.GOOD or pack.ended_at or pack.expires_at <= timezone.now()
    if consent is None or away:
        return []
    seats = shown_seats(pack.person).filter(pack=pack, state=Assignment.State.HELD, item__sensitive=[])
    seats = seats.select_related("item__variety", "item__prompt__source").order_by("claimed_at", "pk")
    return [seat for seat in seats if not lacking(consent, seat.judge_variety)]


def could_carry(person: Person, campaign: Campaign) -> QuerySet[Cell]:
    """Cells this person could sit at and take along."""
    in_a_pack = Assignment.objects.filter(item=OuterRef("item"), pack__isnull=False, state=Assignment.State.HELD)
    cells = work_for(person, [campaign]).filter(kind__in=kinds.carried(), item__sensitive=[])
    return cells.exclude(Exists(in_a_pack))


def room(campaign: Campaign) -> int:
    """How many more of a campaign's seats may lie in packs now. Open are the seats whose answer is still wanted, held
    or not. That others finish the rest meanwhile takes no pack away."""
    seats = progress_of(campaign).left
    taken = Assignment.objects.filter(pack__campaign=campaign, state=Assignment.State.HELD).count()
    return max(0, seats * SHARE // 100 - taken)
