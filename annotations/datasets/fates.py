"""What becomes of single judgements: in which configs they stand, and why they are in no row of the others.

It is asked of the queries and rules that write a release, about a few cells in the place of all, so that it is the same
by what they are made of, and no second set of rules has to be kept alike.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q, QuerySet

from annotations.assignments.models import Cell
from annotations.datasets.configs.base import Part, Query, Row, Terms, permitted_use
from annotations.datasets.queries import found
from annotations.datasets.rows import CONFIGS
from annotations.reviewing.models import Reviewed
from annotations.writing.models import PromptProposal


@dataclass(frozen=True)
class Fate:
    """Of one judgement.

    Attributes:
        stands: the splits in which rows rest on it, by config.
        left_out: why there is none, by config; codes of `rows.REASONS`.
    """

    stands: dict[str, set[str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def fates(judgements: Collection[int], terms: Terms) -> dict[int, Fate]:
    """By the key of each judgement, what a release under these terms makes of it; as many questions for one as for
    many. One that does not count has part in nothing but `judgements`; one that was received after the cutoff in
    nothing at all."""
    found = {key: Fate() for key in judgements}
    cells = list(_cells(judgements))
    ours = [config for config in CONFIGS.values() if not config.apart]
    for query in dict.fromkeys(part.query for config in ours for part in config.parts):
        parts = [(config, part) for config in ours for part in config.parts if part.query is query]
        for row in _asked(query, terms, cells):
            for key in found.keys() & {*row["rests"], *row["brought"]}:
                for config, part in parts:
                    _note(found[key], config.name, part, row)
    for fate in found.values():
        for config_name in fate.stands:
            fate.left_out.pop(config_name, None)
    return found


def _cells(judgements: Collection[int]) -> QuerySet[Cell, int]:
    """Where these were given, what they read, and what asks the questions that they proposed. What others began with
    one of them is not followed further."""
    read = Reviewed.objects.filter(item__judgements__in=judgements).values("judgement__cell")
    asked = PromptProposal.objects.filter(judgement__in=judgements, is_new=True).values("prompt")
    cells = Cell.objects.filter(Q(judgements__in=judgements) | Q(pk__in=read) | Q(item__prompt__in=asked))
    return cells.order_by().values_list("pk", flat=True).distinct()


def _note(fate: Fate, config: str, part: Part, row: Row) -> None:
    if not (why := part.why(row, permitted_use(row))):
        fate.stands.setdefault(config, set()).add(row["split"])
    elif part.left != "nothing" and not (part.left == "first" and row["derived"]):
        fate.left_out.setdefault(config, why)


def _asked(query: Query, terms: Terms, cells: list[int]) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query.of_some, terms.facts | {"cells": cells})
        columns = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(columns, values, strict=True))
            yield row | {name: find(*map(row.get, of)) for name, (of, find) in found(query).items()}
