"""How much of a campaign one person may give, so that nobody outweighs the others by sheer amount.

A cap is a campaign's setting, in answers: in any 24 hours (`most_a_day`), and in all (`most_in_all`). Seats somebody
holds count as given, so that what lies on a table or in a pack cannot pass it; ways out, items to learn from and what
was taken back do not. An answer to a seat that was really given is taken in whatever the cap says since.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import Any, Final, Literal, NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.people.models import Person

DAY: Final = dt.timedelta(hours=24)
Reached = Literal["enough_today", "enough"]


def room_of(person: Person, campaigns: Collection[Campaign]) -> dict[int, int]:
    """By the id of each campaign that has a cap: how many seats more this person may get there now. Exact while the
    person's row is locked. Two counts and the seats they hold, however many campaigns; nothing where none has a cap."""
    capped = [each for each in campaigns if each.most_a_day is not None or each.most_in_all is not None]
    if not capped:
        return {}
    held = _by_campaign(
        Assignment.objects.filter(person=person, state=Assignment.State.HELD), "item__campaign", capped
    )  # fmt: skip
    day = _given(person, [each for each in capped if each.most_a_day is not None], since=timezone.now() - DAY)
    all_of_it = _given(person, [each for each in capped if each.most_in_all is not None])
    return {
        each.pk: max(0, min(_left(each.most_a_day, day[each.pk]), _left(each.most_in_all, all_of_it[each.pk]))
                     - held[each.pk])
        for each in capped
    }  # fmt: skip


def reached(person: Person, campaign: Campaign) -> Reached | None:
    """Which cap of a campaign this person has reached; seats they hold are not asked about."""
    if campaign.most_in_all is not None and _given(person, [campaign])[campaign.pk] >= campaign.most_in_all:
        return "enough"
    since = timezone.now() - DAY
    if campaign.most_a_day is not None and _given(person, [campaign], since)[campaign.pk] >= campaign.most_a_day:
        return "enough_today"
    return None


class Stopped(NamedTuple):
    """Whom a cap would have stopped so far, and how many of their answers it would have left to others."""

    cap: int
    people: int
    answers: int


LEVELS: Final = (10, 25, 50, 100, 250, 500, 1_000, 2_500)


def stopped_so_far(campaign: Campaign) -> tuple[list[Stopped], list[Stopped]]:
    """What caps of several sizes would have done in this campaign: in a day (UTC's), and in all. Reads every answer
    of it once; empty where no cap of these would have stopped anybody."""
    answers = Judgement.objects.filter(campaign=campaign, undone_at=None, opt_out="").exclude(not_counted="practice")
    days = answers.annotate(day=TruncDate("received_at", tzinfo=dt.UTC)).order_by().values("person", "day")
    by_day: dict[int | None, list[int]] = {}
    for person, number in days.annotate(number=Count("pk")).values_list("person", "number"):
        by_day.setdefault(person, []).append(number)
    return _stopped(list(by_day.values())), _stopped([[sum(each)] for each in by_day.values()])


def _stopped(given: Collection[Collection[int]]) -> list[Stopped]:
    found = (
        Stopped(
            cap,
            sum(max(each) > cap for each in given),
            sum(number - cap for each in given for number in each if number > cap),
        )
        for cap in LEVELS
    )
    return [each for each in found if each.people]


_NO_CAP: Final = 1_000_000_000


def _left(cap: int | None, given: int) -> int:
    return _NO_CAP if cap is None else cap - given


def _given(person: Person, campaigns: Collection[Campaign], since: dt.datetime | None = None) -> Counter[int]:
    answers = Judgement.objects.filter(person=person, undone_at=None, opt_out="").exclude(not_counted="practice")
    return _by_campaign(answers.filter(received_at__gt=since) if since else answers, "campaign", campaigns)


def _by_campaign(rows: QuerySet[Any], path: str, campaigns: Collection[Campaign]) -> Counter[int]:
    if not campaigns:
        return Counter()
    found = rows.filter(**{f"{path}__in": campaigns}).order_by().values_list(path).annotate(number=Count("pk"))
    return Counter(dict(found))
