"""What judgements say that can be compared: for each kind, each thing it says as one value a person and an item.

The places of an item's outputs are turned by a coin of its own, the same for everybody. Otherwise whoever imports the
better model first would make "the first" the likelier answer: alpha would take agreement about the model for chance,
and the model of who calls what how would lean to it.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db.models import Count, F, OuterRef, QuerySet, Subquery

from annotations.assignments.models import Campaign, ItemOutput
from annotations.assignments.queries import KEYS
from annotations.flagging.models import Flag
from annotations.quality.models import Agreement, Verdict
from annotations.rating.models import Score, Vote
from annotations.rating.rubric import codes
from annotations.reviewing.models import Review


class Said(NamedTuple):
    """One value of one counted judgement. `person` is negative where nobody is behind it any more."""

    item: int
    person: int
    variety: str
    value: str | int


@dataclass(frozen=True)
class Measure:
    """One thing that judgements of a kind say: its name, its level, and where it is read."""

    kind: str
    aspect: str
    level: Agreement.Level
    said: Callable[[Campaign], Iterator[Said]]


class Choice(NamedTuple):
    """A vote as a class of its item: `place` of the preferred output among `outputs`, turned; none where level."""

    judgement: int
    item: int
    cell: int
    person: int
    variety: str
    outcome: str
    strength: int
    place: int | None
    outputs: int


LEVEL: Final = (Verdict.Outcome.TIE, Verdict.Outcome.BOTH_GOOD, Verdict.Outcome.BOTH_BAD)
"""Outcomes that prefer none, in the order of their classes, behind the outputs'."""


def turned(item: int, outputs: int) -> int:
    """By how many places the outputs of an item are turned: a coin of its own."""
    return zlib.crc32(str(item).encode()) % outputs


def choices(campaign: Campaign) -> Iterator[Choice]:
    """The counted votes of a campaign, in the order of their ids."""
    at = ItemOutput.objects.filter(item=OuterRef("judgement__item"))
    votes = _counted(Vote.objects.all(), campaign).annotate(
        place=Subquery(at.filter(output=OuterRef("preferred")).values("position")),
        outputs=Subquery(at.order_by().values("item").annotate(n=Count("pk")).values("n")),
    )
    rows = votes.values_list("judgement", "judgement__item", "judgement__cell", *_WHO, "outcome", "strength", "place",
                             "outputs")  # fmt: skip
    for judgement, item, cell, person, variety, outcome, strength, place, outputs in rows.iterator():
        place = None if place is None else (place + turned(item, outputs)) % outputs
        who = -judgement if person is None else person
        yield Choice(judgement, item, cell, who, variety, outcome, strength or 0, place, outputs)


_WHO = ("judgement__person", "judgement__judge_variety")


def _counted(rows: QuerySet[Any], campaign: Campaign) -> QuerySet[Any]:
    return rows.filter(judgement__campaign=campaign, judgement__counted=True).order_by("judgement")


def _outcome(campaign: Campaign) -> Iterator[Said]:
    for vote in choices(campaign):
        value = vote.outcome if vote.place is None else KEYS[vote.place]
        yield Said(vote.item, vote.person, vote.variety, value)


def _lean(campaign: Campaign) -> Iterator[Said]:
    """Of two outputs: how much towards the one or the other, -2 to 2; 0 where level."""
    for vote in choices(campaign):
        if vote.outputs == 2:
            value = 0 if vote.place is None else vote.strength * (1 - 2 * vote.place)
            yield Said(vote.item, vote.person, vote.variety, value)


def _read(rows: QuerySet[Any], value: str) -> Iterator[Said]:
    found = rows.values_list("judgement", "judgement__item", *_WHO, value)
    for judgement, item, person, variety, said in found.iterator():
        yield Said(item, -judgement if person is None else person, variety, said)


def _point(aspect: str) -> Callable[[Campaign], Iterator[Said]]:
    return lambda campaign: _read(_counted(Score.objects.all(), campaign), f"points__{aspect}")


def _overall(campaign: Campaign) -> Iterator[Said]:
    return _read(_counted(Score.objects.all(), campaign), "overall")


def _wrong(campaign: Campaign) -> Iterator[Said]:
    flags = _counted(Flag.objects.all(), campaign).annotate(value=F("wrong"))
    return (said._replace(value="wrong" if said.value else "fine") for said in _read(flags, "value"))


def _decision(campaign: Campaign) -> Iterator[Said]:
    return _read(_counted(Review.objects.all(), campaign), "decision")


def measures() -> list[Measure]:
    """Everything that is measured, in the order of a page."""
    return [
        Measure("vote", "outcome", Agreement.Level.NOMINAL, _outcome),
        Measure("vote", "lean", Agreement.Level.ORDINAL, _lean),
        Measure("score", "overall", Agreement.Level.ORDINAL, _overall),
        *(Measure("score", code, Agreement.Level.ORDINAL, _point(code)) for code in codes()),
        Measure("flag", "wrong", Agreement.Level.NOMINAL, _wrong),
        Measure("review", "decision", Agreement.Level.NOMINAL, _decision),
    ]
