"""How much of a campaign one person may give, so that nobody outweighs the others by sheer amount.

A cap is a campaign's setting, in answers: in any 24 hours (`most_a_day`), and in all (`most_in_all`). Seats somebody
holds count as given, so that what lies on a table or in a pack cannot pass it. Ways out count where they are more than
the answers, so that nobody leafs through a campaign for one item; what was taken back and items to learn from do not.
An answer to a seat one holds counts, whatever the cap says since; one to a seat that went meanwhile counts if there is
still room, and is kept if not.

Where verdicts wait for anchors (`people/anchors`) no cap holds those: they are few, and what waits is theirs to do.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Collection
from typing import Any, Final, Literal, NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.assignments.queries import PRACTICE
from annotations.people.anchors.queries import anchors_now
from annotations.people.models import Person

ENOUGH: Final = "enough"
"""Why an answer beyond somebody's share does not count."""
DAY: Final = dt.timedelta(hours=24)
Reached = Literal["enough_today", "enough"]


def room_of(person: Person, campaigns: Collection[Campaign]) -> dict[int, int]:
    """By the id of each campaign that has a cap: how many seats more this person may get there now. Exact while the
    person's row is locked. Five questions however many campaigns; none where none has a cap."""
    if not (left := _left(person, campaigns)):
        return {}
    seats = Assignment.objects.filter(person=person, state=Assignment.State.HELD)
    held = _by_campaign(seats, "item__campaign", left)
    return {pk: max(0, int(min(each)) - held[pk]) for pk, each in left.items()}


def has_room(person: Person, campaign: Campaign) -> bool:
    """Whether this person may get one seat more in this campaign."""
    return room_of(person, [campaign]).get(campaign.pk) != 0


def reached(person: Person, campaigns: Collection[Campaign]) -> dict[int, Reached]:
    """By the id of each campaign in which this person has given all they may, by which cap. Where only seats they hold
    leave no room (`room_of`), it is not named here."""
    left = _left(person, campaigns)
    return {pk: "enough" if each.in_all <= 0 else "enough_today" for pk, each in left.items() if min(each) <= 0}


class _Left(NamedTuple):
    """Answers up to each cap."""

    in_a_day: float
    in_all: float


def _left(person: Person, campaigns: Collection[Campaign]) -> dict[int, _Left]:
    """By the id of each campaign that has a cap for this person."""
    capped = [each for each in campaigns if each.most_a_day is not None or each.most_in_all is not None]
    if any(each.anchored for each in capped) and anchors_now().filter(person=person).exists():
        capped = [each for each in capped if not each.anchored]
    a_day = {each.pk: each.most_a_day for each in capped if each.most_a_day is not None}
    in_all = {each.pk: each.most_in_all for each in capped if each.most_in_all is not None}
    if (own := person.most_a_day) is not None:  # theirs alone, whatever a campaign allows
        a_day = {each.pk: min(own, a_day.get(each.pk, own)) for each in campaigns}
    if not a_day and not in_all:
        return {}
    today, ever = _given(person, a_day, since=timezone.now() - DAY), _given(person, in_all)
    return {
        pk: _Left(a_day.get(pk, math.inf) - today[pk], in_all.get(pk, math.inf) - ever[pk]) for pk in a_day | in_all
    }


def _given(person: Person, campaigns: Collection[int], since: dt.datetime | None = None) -> Counter[int]:
    sent = _sent().filter(person=person)
    sent = sent.filter(received_at__gt=since) if since else sent
    answers = _by_campaign(sent.filter(opt_out=""), "campaign", campaigns)
    ways_out = _by_campaign(sent.exclude(opt_out=""), "campaign", campaigns)
    return Counter({pk: max(answers[pk], (answers[pk] + ways_out[pk]) // 2) for pk in answers | ways_out})


def _sent() -> QuerySet[Judgement]:
    return Judgement.objects.filter(undone_at=None).exclude(not_counted__in=[PRACTICE, ENOUGH])


def _by_campaign(rows: QuerySet[Any], path: str, campaigns: Collection[int]) -> Counter[int]:
    if not campaigns:
        return Counter()
    found = rows.filter(**{f"{path}__in": list(campaigns)}).order_by().values_list(path).annotate(number=Count("pk"))
    return Counter(dict(found))


class Stopped(NamedTuple):
    """Whom a cap would have stopped so far, and how many of their answers it would have left to others."""

    cap: int
    people: int
    answers: int


LEVELS: Final = (10, 25, 50, 100, 250, 500, 1_000, 2_500)


def stopped_so_far(campaign: Campaign) -> tuple[list[Stopped], list[Stopped]]:
    """What caps of several sizes would have done in this campaign: in a day (UTC's), and in all. Reads every answer
    of it once; empty where no cap of these would have stopped anybody."""
    answers = _sent().filter(campaign=campaign, opt_out="", person__isnull=False)
    days = answers.annotate(day=TruncDate("received_at", tzinfo=dt.UTC)).order_by().values("person", "day")
    by_day: dict[int, list[int]] = {}
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
