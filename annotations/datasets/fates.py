"""What becomes of single judgements: in which configs they stand, and why they are in no row of the others.

It is asked of the queries and rules that write a release, about a few cells in the place of all, so that it is the same
by what they are made of, and no second set of rules has to be kept alike.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from psycopg.postgres import types

from annotations.assignments.models import Cell
from annotations.datasets.configs.base import Part, Row, Terms
from annotations.datasets.queries import screened
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
    for config in CONFIGS.values():
        for part in config.parts:
            for row in screened(part, _asked(part, terms, cells)):
                for key in found.keys() & {*row["rests"], *row["brought"]}:
                    _note(found[key], part, row, terms)
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


def _note(fate: Fate, part: Part, row: Row, terms: Terms) -> None:
    for config, split, made in part.routed([row], terms):
        if config == "excluded":
            fate.left_out.setdefault(made["config"], made["reason"])
        else:
            fate.stands.setdefault(config, set()).add(split)


def _asked(part: Part, terms: Terms, cells: list[int]) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(part.of_some, terms.facts | {"cells": cells})
        columns = [(column.name, _AS_TEXT.get(column.type_code, _as_it_is)) for column in cursor.description]
        for row in cursor.fetchall():
            yield {name: read(value) for (name, read), value in zip(columns, row, strict=True)}


def _as_it_is(value: Any) -> Any:
    return value


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _array(texts: list[str | None] | None) -> Any:
    return None if texts is None else [_json(text) for text in texts]


# On Django's own connection JSON comes as text: its fields read it.
_AS_TEXT: Final[dict[int, Callable[[Any], Any]]] = {types["jsonb"].oid: _json, types["jsonb"].array_oid: _array}
