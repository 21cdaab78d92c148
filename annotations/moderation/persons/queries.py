"""What somebody did, and with whom they may belong together."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Aggregate, Count, F, FloatField, Max, Min, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as say

from annotations.assignments.models import Judgement
from annotations.flagging.models import Flag
from annotations.moderation.persons.rules import MOST_TOGETHER, TOGETHER, by_chance, too_often, usual
from annotations.moderation.purges.models import Purge
from annotations.moderation.sanctions.models import Sanction
from annotations.people.competence.models import Vouch
from annotations.people.models import Person
from annotations.quality.gates.models import Hold
from annotations.quality.reliability.models import Reliability
from annotations.quality.signals.models import Alike, Signal

MOST_DAYS: Final = 60
MOST_LINKED: Final = 20


@dataclass(frozen=True)
class Day:
    """A day (UTC's) on which somebody gave something: how many answers, how many of them count, ways out, which kinds,
    and the median of the seconds they took."""

    day: dt.date
    answers: int
    counted: int
    ways_out: int
    kinds: list[str]
    seconds: float | None


@dataclass(frozen=True)
class Event:
    """Something that happened to the account at a moment, in a few words; `url` is a name and a key of the panel."""

    at: dt.datetime
    what: str
    words: str = ""
    url: tuple[str, int] | None = None


@dataclass
class Linked:
    """An account and why it looks as if it belonged to this one: each reason in words."""

    person: Person
    why: list[str] = field(default_factory=list)
    chance: float = 1.0


@dataclass(frozen=True)
class Told:
    """What the page of a person shows. What the moderator may not see is None."""

    person: Person
    answers: int
    counted: int
    purged: int
    first: dt.datetime | None
    last: dt.datetime | None
    days: list[Day]
    events: list[Event]
    agreement: list[Reliability] | None
    signals: list[Signal] | None
    holds: list[Hold]
    linked: list[Linked] | None


def told_of(person: Person, *, agreement: bool, signals: bool, decisions: bool) -> Told:
    """All of it, in the same few questions however much they gave.

    Args:
        agreement: whether whoever looks may see who says the same (`see_reliability`).
        signals: whether they may see signals, and with them which accounts look linked (`see_signals`).
        decisions: whether they may see what was decided about people (`view_sanction`).
    """
    given = Judgement.objects.filter(person=person)
    counts = given.aggregate(
        answers=Count("pk", filter=Q(opt_out="", undone_at=None)), counted=Count("pk", filter=Q(counted=True)),
        purged=Count("pk", filter=Q(not_counted="purged")), first=Min("received_at"), last=Max("received_at"),
    )  # fmt: skip
    sanctions = list(Sanction.objects.filter(person=person).select_related("appeal")) if decisions else []
    purges = list(Purge.objects.filter(person=person).select_related("appeal")) if decisions else []
    rows = Reliability.objects.filter(person=person).select_related("campaign", "variety")
    found = Signal.objects.filter(person=person).select_related("campaign").order_by("-last_at", "pk")
    return Told(
        person, **counts, days=_days(person), events=_events(person, sanctions, purges),
        agreement=list(rows.order_by("campaign", "variety")) if agreement else None,
        signals=list(found[:MOST_DAYS]) if signals else None,
        holds=list(Hold.objects.filter(person=person).select_related("campaign").order_by("-found_at")[:MOST_LINKED]),
        linked=linked_to(person) if signals else None,
    )  # fmt: skip


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def _days(person: Person) -> list[Day]:
    """The newest of the days on which they gave something."""
    by_day = Judgement.objects.filter(person=person).annotate(day=TruncDate("received_at", tzinfo=dt.UTC)).order_by()
    rows = by_day.values("day").annotate(
        answers=Count("pk", filter=Q(opt_out="")), number=Count("pk", filter=Q(counted=True)),
        ways_out=Count("pk", filter=~Q(opt_out="")), kinds=ArrayAgg("kind", distinct=True), middle=_Median("seconds"),
    )  # fmt: skip
    return [
        Day(row["day"], row["answers"], row["number"], row["ways_out"], row["kinds"], row["middle"])
        for row in rows.order_by("-day")[:MOST_DAYS]
    ]


def _events(person: Person, sanctions: list[Sanction], purges: list[Purge]) -> list[Event]:
    """What happened to the account, the newest first."""
    found = [Event(person.date_joined, say("joined"))]
    if person.consent:
        found.append(Event(person.consent.recorded_at, say("gave consent"), person.consent.version))
    for row in sanctions:
        where = "admin:annotations_sanction_change", row.pk
        found.append(Event(row.decided_at, str(row.get_kind_display()), row.words, where))
        if row.ended_at:
            found.append(Event(row.ended_at, say("%(what)s: over") % {"what": row.get_kind_display()}, url=where))
    for purge in purges:
        there = "admin:annotations_purge_change", purge.pk
        found.append(Event(purge.asked_at, say("a purge was asked for"), purge.words, there))
        if purge.done_at:
            found.append(Event(purge.done_at, say("%(n)d judgements were taken out") % {"n": purge.taken}, url=there))
        if purge.undone_at:
            found.append(Event(purge.undone_at, say("they were put back"), purge.why_undone, there))
    appeals = [row.appeal for row in (*sanctions, *purges) if hasattr(row, "appeal")]
    found += [
        Event(row.made_at, say("appealed"), row.text, ("admin:annotations_appeal_change", row.pk)) for row in appeals
    ]
    flags = Flag.objects.filter(seat__person=person, wrong=True).order_by("-pk")[:MOST_LINKED]
    found += [Event(flag.flagged_at, say("flagged something"), str(flag)) for flag in flags]
    return sorted(found, key=lambda each: each.at, reverse=True)


# Who may belong together ----------------------------------------------------------------------------------------------


def linked_to(person: Person) -> list[Linked]:
    """Accounts that look as if they belonged to this one, those with the most reasons first."""
    found: dict[int, Linked] = {}
    for reasons in (_said_the_same(person), _alike(person), _joined_together(person), _vouched(person)):
        for other, why, chance in reasons:
            each = found.setdefault(other, Linked(Person(pk=other)))
            each.why.append(why)
            each.chance = min(each.chance, chance)
    people = Person.objects.in_bulk(found)
    linked = [Linked(people[pk], each.why, each.chance) for pk, each in found.items() if pk in people]
    return sorted(linked, key=lambda each: (-len(each.why), each.chance, each.person.pk))[:MOST_LINKED]


# Every vote of theirs beside those of others at the same cell: by an index of judgements and one of cells. A ranking
# says the same where its first tier does.
_SHARED: Final = """
    SELECT other.person_id, count(*), count(*) FILTER (
               WHERE (v.outcome, v.preferred_id) IS NOT DISTINCT FROM (w.outcome, w.preferred_id))
      FROM annotations_judgement mine
      JOIN annotations_vote v ON v.judgement_id = mine.id
      JOIN annotations_judgement other ON other.item_id = mine.item_id AND other.person_id <> mine.person_id
                                      AND other.undone_at IS NULL AND other.opt_out = ''
      JOIN annotations_vote w ON w.judgement_id = other.id
     WHERE mine.person_id = %s AND mine.undone_at IS NULL AND mine.opt_out = ''
     GROUP BY other.person_id"""


def _said_the_same(person: Person) -> list[tuple[int, str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [person.pk])
        shared = [(int(other), int(both), int(same)) for other, both, same in cursor.fetchall()]
    usually = usual([same / both for _other, both, same in shared])
    return [
        (other, say("says the same in %(same)d of %(both)d items that both judged") % {"same": same, "both": both},
         by_chance(same, both, usually, len(shared)))
        for other, both, same in shared if too_often(same, both, usually, len(shared))
    ]  # fmt: skip


def _alike(person: Person) -> list[tuple[int, str, float]]:
    """Texts of theirs that are like another one's, or the other way round."""
    pairs = Alike.objects.filter(other__isnull=False).exclude(judgement__person=F("other__person")).order_by()
    mine = pairs.filter(judgement__person=person, other__person__isnull=False).values_list("other__person")
    theirs = pairs.filter(other__person=person, judgement__person__isnull=False).values_list("judgement__person")
    many: dict[int, int] = {}
    for rows in (mine, theirs):
        for other, number in rows.annotate(number=Count("pk")):
            many[other] = many.get(other, 0) + number
    return [(other, say("%(n)d texts are nearly the same") % {"n": number}, 0.0) for other, number in many.items()]


def _joined_together(person: Person) -> list[tuple[int, str, float]]:
    span = person.date_joined - TOGETHER, person.date_joined + TOGETHER
    near = Person.objects.filter(date_joined__range=span).exclude(pk=person.pk).order_by("date_joined")
    rows = list(near.values_list("pk", "date_joined")[: MOST_TOGETHER + 1])
    if len(rows) > MOST_TOGETHER:
        return []
    return [(pk, say("joined %(minutes)d minutes apart") % {"minutes": _minutes(person, at)}, 1.0) for pk, at in rows]


def _minutes(person: Person, at: dt.datetime) -> int:
    return round(abs((at - person.date_joined).total_seconds()) / 60)


def _vouched(person: Person) -> list[tuple[int, str, float]]:
    rows: Any = Vouch.objects.filter(Q(person=person) | Q(speaker=person)).values_list("person", "speaker")
    others = {pk for pair in rows for pk in pair} - {person.pk}
    return [(other, say("one vouched for the other"), 1.0) for other in sorted(others)]
