"""When a campaign will have what it wants, variety by variety: what is left, beside who speaks it and how much they
give."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.tallies.queries import Progress, progress_by_variety
from annotations.people.competence.queries import counted
from annotations.people.models import Person, SpokenVariety
from annotations.quality.order.models import Quota
from annotations.quality.order.queries import quotas_beside_work

PACE: Final = dt.timedelta(days=7)
"""The pace of a campaign is what counted in so long; where nothing did yet, the house's in `HOUSE` is taken."""
HOUSE: Final = dt.timedelta(days=30)
FARTHEST: Final = 3_650
"""Days; of what would take longer no day is told."""

State = Literal["impossible", "still", "late", "going", "in_time", "done"]
WHY: Final[Mapping[str, Promise]] = {
    "too_few": _("An item needs more people than speak it."),
    "in_all": _("With as much as one person may give in all, it is not enough."),
    "a_day": _("With as much as one person may give in a day, it is not enough before it ends."),
    "over": _("It has ended."),
    "still": _("Nobody gives anything."),
    "late": _("At this pace it is not enough before it ends."),
}


@dataclass(frozen=True)
class Limits:
    """What of a campaign says how much can be given: by how many people each item is judged, how much one of them may
    give, and how long there is still (days; None without an end), `before` days from now."""

    needed: int
    most_a_day: int | None = None
    most_in_all: int | None = None
    days: float | None = None
    before: float = 0


@dataclass(frozen=True)
class Forecast:
    """Of a variety in a campaign.

    Attributes:
        left: judgements that are wanted still.
        speakers: people who may be asked; where it is not for everybody, of those who were let in.
        pace: judgements a day; `measured` here, or what so many people give elsewhere in the house.
        days: when it is there at that pace, from now; None where it would take longer than `FARTHEST`.
        state: from `impossible` to `done`; `why`, a code of `WHY`, where something stands in its way.
    """

    variety: str
    progress: Progress
    left: int
    speakers: int
    pace: float
    measured: bool
    days: float | None
    state: State
    why: str = ""

    @property
    def in_words(self) -> Promise | str:
        return WHY.get(self.why, "")

    @property
    def ready_on(self) -> dt.date | None:
        return (timezone.now() + dt.timedelta(days=self.days)).date() if self.days else None


def judge(left: int, speakers: int, pace: float, limits: Limits) -> tuple[State, str]:
    """How it stands, and why. Told as impossible is only what is so whatever anybody gives."""
    if left <= 0:
        return "done", ""
    if speakers < limits.needed:
        return "impossible", "too_few"
    if limits.most_in_all is not None and speakers * limits.most_in_all < left:
        return "impossible", "in_all"
    if limits.days is None:
        return ("going", "") if pace > 0 else ("still", "still")
    if limits.days <= 0:
        return "late", "over"
    if limits.most_a_day is not None and speakers * limits.most_a_day * math.ceil(limits.days) < left:
        return "impossible", "a_day"
    if pace <= 0:
        return "still", "still"
    return ("late", "late") if pace * limits.days < left else ("in_time", "")


_WORST: Final = ("impossible", "still", "late", "going", "in_time", "done")


def forecast(campaign: Campaign) -> list[Forecast]:
    """The worst first. The same few questions however many varieties."""
    far = {tag: each for (_campaign, tag), each in progress_by_variety([campaign]).items()}
    among = None if campaign.is_for_all else campaign.admissions.filter(until=None).values_list("person", flat=True)
    known = counted(far, among)
    people = {tag: each.confirmed if campaign.asks_confirmed else each.speakers for tag, each in known.items()}
    wanted = _wanted(campaign)
    paces, elsewhere = _paces(campaign), _pace_of_one()
    limits = _limits(campaign)
    found = []
    for tag, progress in far.items():
        left = min(progress.left, wanted.get(tag, progress.left))
        pace = paces.get(tag, 0.0) if paces else elsewhere * people[tag]
        state, why = judge(left, people[tag], pace, limits)
        days = limits.before + left / pace if pace > 0 and left / pace < FARTHEST else None
        found.append(Forecast(tag, progress, left, people[tag], pace, bool(paces), days, state, why))
    return sorted(found, key=lambda each: (_WORST.index(each.state), each.variety))


def _limits(campaign: Campaign) -> Limits:
    """What comes before it starts is no time to give anything in."""
    now, day = timezone.now(), dt.timedelta(days=1)
    begins = max(now, campaign.starts_at or now)
    days = (campaign.ends_at - begins) / day if campaign.ends_at else None
    return Limits(campaign.needed, campaign.most_a_day, campaign.most_in_all, days, (begins - now) / day)


def _wanted(campaign: Campaign) -> dict[str, int]:
    """By variety that has a quota: judgements that its settled items lack."""
    quotas = [each for each in quotas_beside_work(campaign) if each.quota.facet == Quota.Facet.VARIETY]
    return {each.quota.value: max(0, each.quota.wanted - each.settled) * campaign.needed for each in quotas}


def _paces(campaign: Campaign) -> dict[str, float]:
    """Counted judgements a day, by variety; empty where none was given lately."""
    since = timezone.now() - PACE
    given: Any = Judgement.objects.filter(campaign=campaign, counted=True, received_at__gt=since).order_by()
    begun = max(since, campaign.starts_at or campaign.created_at)
    days = max(1.0, (timezone.now() - begun) / dt.timedelta(days=1))
    return {tag: number / days for tag, number in given.values_list("cell__variety").annotate(number=Count("pk"))}


def _pace_of_one() -> float:
    """What one person who speaks something gives in a day, in the whole house, whether they came that month or not."""
    given = Judgement.objects.filter(counted=True, received_at__gt=timezone.now() - HOUSE).count()
    people = Person.objects.filter(
        Exists(SpokenVariety.objects.filter(person=OuterRef("pk"), until=None)), is_active=True,
        standing=Person.Standing.GOOD,
    ).count()  # fmt: skip
    return given / people / HOUSE.days if people else 0.0
