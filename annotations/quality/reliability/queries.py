"""Questions about who says the same: what is read each night, what people read of themselves, what moderators see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Aggregate, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from annotations.assignments import kinds
from annotations.assignments.gold.rules import TOLD_AFTER
from annotations.assignments.models import Campaign, Item, ItemOutput, Judgement
from annotations.assignments.queries import GOLD, agrees_with
from annotations.assignments.stewards.queries import hides
from annotations.corpus.models import Output
from annotations.people.models import Person, Variety
from annotations.quality.reliability.models import GoldCount, Objection, Reliability
from annotations.quality.reliability.rules import FEWEST, Pair, Voice
from annotations.quality.reliability.words import both_in_words, explained
from annotations.rating.models import Vote

# What is read each night --------------------------------------------------------------------------------------------


def voices(campaign: Campaign) -> Iterator[list[Voice]]:
    """The counted votes of a campaign, cell by cell."""
    rows = Vote.objects.filter(judgement__campaign=campaign, judgement__counted=True).order_by("judgement__cell")
    said = rows.values_list("judgement__cell", "judgement__person", "judgement__judge_variety", "preferred", "outcome",
                            "judgement__trusted")  # fmt: skip
    for _cell, several in groupby(said.iterator(2_000), key=lambda row: row[0]):
        yield [
            Voice(person, variety, preferred or outcome, trusted)
            for _same, person, variety, preferred, outcome, trusted in several
        ]


def gold_answers(campaign: Campaign | None = None, **of: Any) -> QuerySet[Any]:
    """Answers to gold that stand: of items that are not retired, by people who still take part, or whose link to them
    was cut. Each with what is needed to say whether it agrees."""
    in_order = ItemOutput.objects.filter(item=OuterRef("item")).order_by("position").values("output")
    rows = (kinds.get(name).row for name in kinds.names())
    found = Judgement.objects.filter(
        Q(person=None) | Q(person__consent__isnull=False), not_counted=GOLD, item__known__retired_at=None, **of
    )
    found = found if campaign is None else found.filter(campaign=campaign)
    answers: QuerySet[Any] = found.annotate(in_order=ArraySubquery(in_order))
    return answers.select_related("item__known", *rows).order_by("pk")


def agrees(answer: Any) -> bool:
    """Whether one of `gold_answers` is the expected one."""
    return agrees_with(answer.item.known.expected, answer, answer.in_order)


# What a person reads of themselves ----------------------------------------------------------------------------------


class Figures(NamedTuple):
    """Somebody's pairs as a speaker of one variety, in all campaigns. `judgements` with fewer than `FEWEST` of which
    nothing is said."""

    variety: Variety
    judgements: int
    gold: Pair
    anchors: Pair
    others: Pair

    @property
    def is_enough(self) -> bool:
        return self.judgements >= FEWEST


@dataclass(frozen=True)
class Compared:
    """An answer to gold that its person was told of, beside what was expected: both in words, and why, in Markdown.
    `hidden` where its text is shown to nobody any more."""

    answer: Any
    agrees: bool
    said: str
    expected: str
    explanation: str
    objection: Objection | None

    @property
    def can_be_objected_to(self) -> bool:
        return self.objection is None and not self.answer.hidden


@dataclass(frozen=True)
class Mine:
    """What somebody's page shows: figures by variety, the gold in which they differ, and what they said to that."""

    figures: list[Figures]
    differ: list[Compared]
    whole: list[Objection]

    @property
    def open_whole(self) -> Objection | None:
        return next((each for each in self.whole if each.decided_at is None), None)


def mine(person: Person, language: str) -> Mine:
    """The same few questions however much somebody answered."""
    objections = list(Objection.objects.filter(person=person).select_related("item").order_by("-pk"))
    told = list(
        gold_answers(person=person, received_at__lte=timezone.now() - TOLD_AFTER)
        .annotate(hidden=hides("item__prompt")).select_related("item__prompt", "judge_variety")
    )  # fmt: skip
    texts = _texts([output for answer in told for output in answer.in_order])
    of_item = {each.item_id: each for each in objections if each.item_id}
    compared = [_compared(answer, texts, language, of_item.pop(answer.item_id, None)) for answer in reversed(told)]
    retired = _retired(person, of_item, language)
    return Mine(
        _figures(person, compared),
        [*(each for each in compared if not each.agrees or each.objection), *retired],
        [each for each in objections if each.item_id is None],
    )  # fmt: skip


def _retired(person: Person, objections: Mapping[int, Objection], language: str) -> list[Compared]:
    """What somebody objected to and is asked of nobody any more: they still read what they were answered."""
    items = Item.objects.filter(pk__in=objections).select_related("prompt").order_by("pk")
    rows = items.annotate(hidden=hides("prompt"))
    return [Compared(_Gone(row), False, "", "", "", objections[row.pk]) for row in rows]  # noqa: FBT003


class _Gone:
    """An item in the place of an answer that stands in no figure any more."""

    def __init__(self, item: Any) -> None:
        self.item, self.hidden, self.received_at = item, item.hidden, None


def _figures(person: Person, compared: Sequence[Compared]) -> list[Figures]:
    sums = {name: Sum(name) for name in ("judgements", "anchors_agreed", "anchors_of", "others_agreed", "others_of")}
    rows: QuerySet[Any, Any] = Reliability.objects.filter(person=person).order_by("variety").values("variety")
    rows = rows.annotate(**{f"all_{name}": each for name, each in sums.items()})
    gold: dict[str, Pair] = {}
    for each in compared:
        tag = each.answer.judge_variety_id
        gold[tag] = gold.get(tag, Pair()).plus(each.agrees)
    names = Variety.objects.in_bulk([row["variety"] for row in rows])
    return [
        Figures(
            names[row["variety"]], row["all_judgements"], gold.get(row["variety"], Pair()),
            Pair(row["all_anchors_agreed"], row["all_anchors_of"]),
            Pair(row["all_others_agreed"], row["all_others_of"]),
        )
        for row in rows
    ]  # fmt: skip


def _texts(outputs: Sequence[int]) -> dict[int, str]:
    return dict(Output.objects.filter(pk__in=outputs).values_list("pk", "text"))


def _compared(answer: Any, texts: Mapping[int, str], language: str, objection: Objection | None) -> Compared:
    said, expected = both_in_words(answer, texts)
    return Compared(answer, agrees(answer), said, expected, explained(answer.item.known, language), objection)


# What moderators see ------------------------------------------------------------------------------------------------


class _Median(Aggregate):
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


PAIRS: Final = ("gold", "anchors", "others")


def figures_shown() -> QuerySet[Any]:
    """Rows of those who take part and of whom there is enough, in no order of theirs, each beside the `typical` share
    of its campaign and variety: the median over the people there. One question for all."""
    shown: QuerySet[Any] = Reliability.objects.filter(judgements__gte=FEWEST, person__consent__isnull=False)
    beside: QuerySet[Any] = shown.annotate(
        **{f"typical_{name}": Subquery(_typical(shown, name)) for name in PAIRS}
    )  # fmt: skip
    return beside.order_by("campaign", "variety", "pk")


def _typical(shown: QuerySet[Any], name: str) -> QuerySet[Any]:
    share = Cast(F(f"{name}_agreed"), FloatField()) / F(f"{name}_of")
    same = shown.filter(campaign=OuterRef("campaign"), variety=OuterRef("variety"), **{f"{name}_of__gt": 0})
    typical: QuerySet[Any] = same.order_by().values("campaign").annotate(typical=_Median(share)).values("typical")
    return typical


class OfVariety(NamedTuple):
    """How often the people of a variety give the answer expected of gold, and of how many items."""

    variety: Variety
    pair: Pair
    items: int


def gold_by_variety(campaign: Campaign) -> list[OfVariety]:
    """By tag, of what was counted in the last night; what was retired since is left out."""
    counted = _standing(campaign).order_by("variety").values("variety")
    rows = list(
        counted.annotate(all_agreed=Sum("agreed"), all_answered=Sum("answered"), items=Count("item", distinct=True))
    )
    names = Variety.objects.in_bulk([row["variety"] for row in rows])
    return [
        OfVariety(names[row["variety"]], Pair(row["all_agreed"], row["all_answered"]), row["items"]) for row in rows
    ]  # fmt: skip


def _standing(campaign: Campaign) -> QuerySet[GoldCount]:
    return GoldCount.objects.filter(item__campaign=campaign, item__known__retired_at=None)


ENOUGH: Final = 5
"""Answers below which an item is not called doubtful."""
MOST: Final = 10


class Doubtful(NamedTuple):
    """A gold item with which less than half of those who answered agree: perhaps what is expected is wrong."""

    item: Any
    pair: Pair


def doubtful(campaign: Campaign) -> list[Doubtful]:
    """Those with which the fewest agree, at most `MOST`."""
    rows = _standing(campaign).filter(~Q(hides("item__prompt"))).values("item").order_by()
    sums = rows.annotate(all_agreed=Sum("agreed"), all_answered=Sum("answered"))
    found = sums.filter(all_answered__gte=ENOUGH, all_agreed__lt=F("all_answered") / 2.0)
    pairs = {row["item"]: Pair(row["all_agreed"], row["all_answered"]) for row in found}
    items = Item.objects.select_related("prompt", "variety").in_bulk(pairs)
    worst = sorted(pairs, key=lambda pk: (pairs[pk].agreed / pairs[pk].of, -pairs[pk].of, pk))
    return [Doubtful(items[pk], pairs[pk]) for pk in worst[:MOST]]


class BesideObjection(NamedTuple):
    """What whoever answers an objection sees of the item: what was said, what was expected and why, and in how many of
    everybody's answers it is."""

    said: str
    expected: str
    explanation: str
    everybody: Pair


def beside_objection(objection: Objection, language: str) -> BesideObjection | None:
    """None where it is about the figures, or the item was retired since."""
    answer = gold_answers(person=objection.person_id, item=objection.item_id).first() if objection.item_id else None
    if answer is None:
        return None
    sums = GoldCount.objects.filter(item=objection.item_id).aggregate(agreed=Sum("agreed"), of=Sum("answered"))
    everybody = Pair(sums["agreed"] or 0, sums["of"] or 0)
    return BesideObjection(
        *both_in_words(answer, _texts(answer.in_order)), explained(answer.item.known, language), everybody
    )
