"""Questions about what is left for a person: why there is nothing, and what there is elsewhere."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from annotations.assignments.admissions.queries import takes_part
from annotations.assignments.caps import reached, room_of
from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.notes.models import Note
from annotations.assignments.queries import averts, judge_varieties, open_to
from annotations.assignments.stewards.queries import hides
from annotations.people.anchors.queries import anchored_in
from annotations.people.competence.queries import confirmed_tags
from annotations.people.models import Person
from annotations.people.stewards.queries import closed_varieties

Why = Literal[
    "none_open", "not_started", "paused", "ended", "not_spoken", "all_done", "with_others", "all_mine", "more",
    "with_you", "enough_today", "enough", "unconfirmed", "not_invited",
]  # fmt: skip
"""`none_open`: no campaign is open. `not_started`, `paused`, `ended`: this one takes no answers. `not_spoken`: it asks
for nothing in what the person speaks. `all_done`: everything in that is done. `with_others`: the rest is with other
people and may come back. `all_mine`: others are still needed, and this person has answered what is theirs to answer.
`unconfirmed`: what is left for them stands in campaigns that ask only people whose knowledge of it is confirmed.
`not_invited`: it is not for everybody, and they were not let in.
`more`: something came back while we looked. `enough_today`, `enough`: there is work, and this person has given as much
here as one may in 24 hours, or in all (`caps.py`); `with_you`: the rest of what they may give lies in their pack, or on
another of their tables."""

Reach = Literal["open", "asked", "needs_address", "needs_permission", "never"]
"""How a note stands: it can be asked for, it was, an address or the permission `email` is missing, or there is nothing
to wait for."""

SIBLINGS = 3
"""Other campaigns that are offered."""


@dataclass(frozen=True)
class NothingLeft:
    """What to say to somebody who sits at an empty table."""

    why: Why
    campaign: Campaign | None
    siblings: list[Campaign]
    note: Reach


def nothing_left(
    person: Person, campaign: Campaign | None = None, of_kinds: Collection[str] | None = None
) -> NothingLeft:
    """Why there is nothing for this person, in this campaign or in any, of these kinds or of any, and what they can do
    instead."""
    why = why_nothing(person, campaign, of_kinds)
    return NothingLeft(
        why, campaign, list(campaigns_with_work(person, but=campaign)[:SIBLINGS]),
        "never" if campaign and why in ("ended", "enough", "not_invited") else note_of(person, campaign),
    )  # fmt: skip


def why_nothing(person: Person, campaign: Campaign | None = None, of_kinds: Collection[str] | None = None) -> Why:
    if campaign and not takes_part(person, campaign):
        return "not_invited"
    if campaign and (closed := why_closed(campaign, timezone.now())):
        return closed
    campaigns = [campaign] if campaign else list(open_to(person))
    if not campaigns:
        return "none_open"
    cells = _asked_of(person, campaigns)
    cells = cells if of_kinds is None else cells.filter(kind__in=of_kinds)
    if not cells.exists():
        return "not_spoken"
    wanted = cells.filter(settled_at=None, done__lt=F("needed"))
    if not wanted.exists():
        return "all_done"
    free = _not_done(wanted, person)
    if not free.exists():
        return "all_mine"
    if any(each.asks_confirmed for each in campaigns):
        free = _of_confirmed(free, person, campaigns)
        if not free.exists():
            return "unconfirmed"
    ready = free.filter(open=True)
    return _why_full(person, campaigns, ready) if ready.exists() else "with_others"


def _why_full(person: Person, campaigns: Collection[Campaign], ready: QuerySet[Cell]) -> Why:
    """There is something: it came back this moment, or the person's share leaves no room for it."""
    room = room_of(person, campaigns)
    full = [each for each in campaigns if room.get(each.pk) == 0]
    if not full or ready.exclude(campaign__in=full).exists():
        return "more"
    caps = reached(person, [each for each in full if ready.filter(campaign=each).exists()])
    if not caps:
        return "with_you"
    return "enough_today" if "enough_today" in caps.values() else "enough"


def why_closed(campaign: Campaign, now: dt.datetime) -> Why | None:
    """`ended`, `paused` or `not_started`; None for a campaign that takes answers."""
    if campaign.state == Campaign.State.CLOSED or (campaign.ends_at and campaign.ends_at <= now):
        return "ended"
    if campaign.state == Campaign.State.PAUSED:
        return "paused"
    return "not_started" if campaign.starts_at and campaign.starts_at > now else None


def work_for(person: Person, campaigns: Collection[Campaign] | None = None) -> QuerySet[Cell]:
    """Cells with room that this person could sit at now: in whichever campaign is open and has room for more of theirs,
    or in these."""
    if campaigns is None:
        opened = list(open_to(person).order_by())
        room = room_of(person, opened)
        campaigns = [each for each in opened if room.get(each.pk) != 0]
    cells = _asked_of(person, campaigns).filter(open=True)
    return _of_confirmed(_not_done(cells, person), person, campaigns)


def campaigns_with_work(person: Person, *, but: Campaign | None = None) -> QuerySet[Campaign]:
    """Open campaigns that have something for this person, the oldest first."""
    found = open_to(person).filter(Exists(work_for(person).filter(campaign=OuterRef("pk"))))
    return found.exclude(pk=but.pk) if but else found


def _asked_of(person: Person, campaigns: Collection[Campaign]) -> QuerySet[Cell]:
    """Cells of these campaigns in what this person may judge, done ones too; not what is held back, left to anchors,
    hidden or closed by stewards, what they wrote, nor what they never want to meet."""
    closed = closed_varieties()
    special = bool(person.consent and person.consent.purposes.get("special"))
    mine = judge_varieties(person, closed, special=special)
    trusted = anchored_in(person, mine) if any(each.anchored for each in campaigns) else []
    for_them = Q(for_anchors=False) | Q(settled_at__isnull=False) | Q(variety__in=trusted)
    return (
        Cell.objects.filter(for_them, campaign__in=campaigns, variety__in=mine, held_back="")
        .exclude(item__variety__in=closed).exclude(item__prompt__variety__in=closed)
        .exclude(hides("item__prompt")).exclude(item__author=person).exclude(item__sensitive__overlap=person.avoids)
    )  # fmt: skip


def _of_confirmed(cells: QuerySet[Cell], person: Person, campaigns: Collection[Campaign]) -> QuerySet[Cell]:
    """Without what these campaigns ask only confirmed people and is not confirmed of this person; no question where
    none does."""
    asking = [each for each in campaigns if each.asks_confirmed]
    if not asking:
        return cells
    theirs = judge_varieties(person, confirmed=confirmed_tags(person))
    return cells.exclude(Q(campaign__in=asking) & ~Q(variety__in=theirs))


def _not_done(cells: QuerySet[Cell], person: Person) -> QuerySet[Cell]:
    """Without the items that this person answered, sits at, or never wants to see again; a seat that ran out or was
    given back is free."""
    over = [Assignment.State.EXPIRED, Assignment.State.RETURNED]
    been_at = Exists(Assignment.objects.filter(person=person, item=OuterRef("item")).exclude(state__in=over))
    return cells.exclude(been_at).exclude(averts(person, "item"))


def note_of(person: Person, campaign: Campaign | None) -> Reach:
    """Whether this person waits for a note, or what stands between them and one."""
    if Note.objects.filter(person=person, campaign=campaign).exists():
        return "asked"
    if not person.email:
        return "needs_address"
    return "open" if may_be_written_to(person) else "needs_permission"


def may_be_written_to(person: Person) -> bool:
    """Whether somebody agreed to be written to (purpose `email`), has an address, and does not rest."""
    agreed = person.consent is not None and bool(person.consent.purposes.get("email"))
    awake = person.is_active and person.standing == Person.Standing.GOOD and person.paused_at is None
    return agreed and awake and bool(person.email)


def notes_of(person: Person) -> QuerySet[Note]:
    """What a person waits to be told, the oldest wish first."""
    return Note.objects.filter(person=person).select_related("campaign").order_by("pk")
