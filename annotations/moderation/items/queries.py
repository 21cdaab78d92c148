"""All that is known of an item, in the same few questions however much was judged of it."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.models import Cell, Item, ItemOutput, Judgement
from annotations.assignments.opt_outs import BROKEN
from annotations.assignments.stewards.queries import kept_by_stewards
from annotations.flagging.models import Flag, Look
from annotations.quality.models import Verdict
from annotations.quality.rulings.models import Ruling
from annotations.quality.rulings.queries import rulings_of

MOST: Final = 200
"""Judgements that the page of an item shows, the newest; the list of judgements has all."""
MOST_ALIKE: Final = 10
LEVELS: Final = {
    "tie": _("level"), "both_good": _("both good"), "both_bad": _("both bad"), "no_majority": _("no majority")
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A judgement in a line: `said` in a few words, `why` it does not count, if it does not."""

    row: Judgement
    said: str


@dataclass(frozen=True)
class Said:
    """A cell, its verdict now, and how many of the votes that count say what: (in words, how many, percent)."""

    cell: Cell
    verdict: Verdict | None
    votes: list[tuple[str, int, int]]


@dataclass(frozen=True)
class Known:
    """What the page of an item shows."""

    item: Item
    places: list[ItemOutput]
    cells: list[Said]
    judgements: list[Judged]
    more: int
    verdicts: list[Verdict]
    rulings: list[Ruling]
    looks: list[Look]
    flags: list[Flag]
    broken: int
    alike: list[Item]


def known_of(item: Item) -> Known:
    places = list(ItemOutput.objects.filter(item=item).select_related("output__model").order_by("position"))
    given = Judgement.objects.filter(item=item)
    counts = given.aggregate(every=Count("pk"), broken=Count("pk", filter=Q(opt_out=BROKEN, undone_at=None)))
    judgements = list(given.select_related("person", *_rows()).order_by("-pk")[:MOST])
    names = {place.output_id: place.output.model.name for place in places}
    verdicts = list(
        Verdict.objects.filter(item=item).select_related("preferred__model", "ruling__ruled_by", "cell").order_by("-pk")
    )  # fmt: skip
    return Known(
        item, places, _cells(item, verdicts, names), [Judged(row, said(row, names)) for row in judgements],
        counts["every"] - len(judgements), verdicts, list(rulings_of(item)),
        list(Look.objects.filter(about(item, places)).select_related("decided_by").order_by("-pk")),
        list(Flag.objects.filter(output__in=names).select_related("seat__person").order_by("-pk")[:MOST]),
        counts["broken"], list(alike(item)[:MOST_ALIKE]),
    )  # fmt: skip


def about(item: Item, places: Iterable[ItemOutput]) -> Q:
    """Of looks: those at the task, and at its outputs wherever they were flagged."""
    return Q(item=item, output=None) | Q(output__in=[place.output_id for place in places])


def _rows() -> list[str]:
    return [kinds.get(name).row for name in kinds.names()]


def _cells(item: Item, verdicts: Iterable[Verdict], names: dict[int, str]) -> list[Said]:
    """How the votes that count stand, cell by cell: of all of them, not only of those that are shown."""
    counted = Judgement.objects.filter(item=item, counted=True, kind="vote").order_by()
    votes = counted.values_list("cell", "vote__outcome", "vote__preferred").annotate(number=Count("pk"))
    by_cell: dict[int, Counter[str]] = {}
    for cell, outcome, preferred, number in votes:
        by_cell.setdefault(cell, Counter())[in_words(outcome, names.get(preferred))] += number
    now = {each.cell_id: each for each in verdicts if each.superseded_at is None}
    cells = Cell.objects.filter(item=item).select_related("variety").order_by("variety")
    return [Said(cell, now.get(cell.pk), _shares(by_cell.get(cell.pk, Counter()))) for cell in cells]


def _shares(votes: Counter[str]) -> list[tuple[str, int, int]]:
    every = votes.total()
    return [(words, number, 100 * number // every) for words, number in votes.most_common()]


def in_words(outcome: str, model: str | None) -> str:
    return model or str(LEVELS.get(outcome, outcome))


def said(judgement: Judgement, names: dict[int, str]) -> str:
    """What was answered, in a line. A flag's own words stand with the flags."""
    if judgement.opt_out:
        return judgement.opt_out
    if judgement.kind == "vote":
        vote = judgement.vote
        strength = f" ({vote.strength})" if vote.strength else ""
        return in_words(vote.outcome, names.get(vote.preferred_id or 0)) + strength
    if judgement.kind == "flag":
        return str(judgement.flag)
    return json.dumps(kinds.get(judgement.kind).tell(judgement), ensure_ascii=False)


def alike(item: Item) -> QuerySet[Item]:
    """Items that ask the same question, or nearly; what stewards keep is not among them."""
    rows = Item.objects.filter(prompt__group=item.prompt.group_id).exclude(pk=item.pk)
    rows = rows.exclude(kept_by_stewards("prompt")).select_related("campaign", "prompt")
    return rows.order_by("-pk")


# What would be touched ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Touched:
    """What something done to these items touches: cells, verdicts that hold now, seats that people hold, and other
    items in which the same outputs stand."""

    items: int
    cells: int
    verdicts: int
    seats: int
    others: int


def touched(items: Collection[Item], outputs: Collection[int] = ()) -> Touched:
    """Args: outputs: those that are to be hidden, wherever they stand."""
    keys = [item.pk for item in items]
    with_them = Item.objects.filter(places__output__in=outputs).exclude(pk__in=keys).distinct()
    cells = Cell.objects.filter(Q(item__in=keys) | Q(item__in=with_them.values("pk")))
    verdicts = Verdict.objects.filter(superseded_at=None, cell=OuterRef("pk"))
    return Touched(
        len(keys), cells.count(), cells.filter(Exists(verdicts)).count(),
        sum(cells.values_list("held", flat=True)), with_them.count(),
    )  # fmt: skip
