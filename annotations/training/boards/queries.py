"""Questions about boards: which there are, the one that is asked for, and what it looked like before."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, Subquery, When
from django.http import Http404, QueryDict

from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.training.boards.choosing import SCARCE, Strength
from annotations.training.boards.models import Board

HISTORY: Final = 60
"""Releases whose boards are kept."""
FACETS: Final = (Board.Facet.VARIETY, Board.Facet.DOMAIN, Board.Facet.ASPECT)
EVALUATE: Final = "evaluate"
"""`prompts` in an address: only those that never train."""


class Asked(NamedTuple):
    """What an address names: one part, or everything."""

    facet: str
    value: str
    evaluate: bool


def asked_in(said: QueryDict) -> Asked:
    """Raises `Refused`, `invalid`, where an address names two parts, or prompts that are none."""
    parts = [(facet.value, str(said[facet.value])) for facet in FACETS if said.get(facet.value)]
    prompts = said.get("prompts", "")
    if len(parts) > 1 or prompts not in ("", EVALUATE):
        raise Refused("invalid", errors={"address": ["One of variety, domain and aspect; prompts=evaluate."]})
    facet, value = parts[0] if parts else (Board.Facet.ALL.value, "")
    return Asked(facet, value, prompts == EVALUATE)


def boards_now() -> list[Board]:
    """Those of the newest release that has some and is neither recalled nor held, without their lines."""
    newest = _told().order_by("-release__cutoff", "-release__published_at").values("release")[:1]
    order = Case(*(When(facet=each, then=place) for place, each in enumerate(Board.Facet)), output_field=IntegerField())
    rows = Board.objects.filter(release=Subquery(newest)).select_related("release")
    rows = rows.defer("lines", "pulls", "release__manifest", "release__withdrawn")
    return list(rows.order_by(order, "pk"))


def _told() -> QuerySet[Board]:
    return Board.objects.exclude(release__state=Release.State.RECALLED).filter(release__held_since=None)


def board_of(boards: Sequence[Board], asked: Asked) -> Board | None:
    """The one of these that was asked for, with its lines; None of everything, where nothing was judged.

    Raises Http404 where there is no such part."""
    found = next((each for each in boards if (each.facet, each.value, each.evaluate) == asked), None)
    if found is None and asked.facet != Board.Facet.ALL:
        raise Http404
    rows = Board.objects.select_related("release").defer("release__manifest", "release__withdrawn")
    return found and rows.get(pk=found.pk)


_NIGHTS: Final = """
    SELECT of_night.cutoff, line ->> 'model', (line ->> 'value')::float8
      FROM (SELECT DISTINCT ON (r.cutoff) r.cutoff, b.lines
              FROM annotations_board b JOIN annotations_release r ON r.id = b.release_id
             WHERE (b.facet, b.value, b.evaluate) = (%s, %s, %s) AND r.cutoff <= %s AND r.state <> 'recalled'
             ORDER BY r.cutoff DESC, r.published_at DESC LIMIT %s) of_night,
           jsonb_array_elements(of_night.lines) line
     WHERE line ? 'value' ORDER BY 1"""


def nights(board: Board) -> dict[str, list[tuple[dt.datetime, float]]]:
    """Of each model what it had on this board, release by release, the oldest first."""
    found: dict[str, list[tuple[dt.datetime, float]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NIGHTS, [board.facet, board.value, board.evaluate, board.release.cutoff, HISTORY])
        for cutoff, model, value in cursor.fetchall():
            found.setdefault(model, []).append((cutoff, value))
    return found


def strengths_now() -> dict[str, Strength]:
    """Of each model with a number on the newest board of everything, by its name: its strength, and how sure it is."""
    rows = _told().filter(facet=Board.Facet.ALL, evaluate=False)
    lines = rows.order_by("-release__cutoff", "-release__published_at").values_list("lines", flat=True).first()
    return {
        line["model"]: Strength(line["strength"], ((line["strength_high"] - line["strength_low"]) / _WIDTH) ** 2)
        for line in lines or () if "strength" in line
    }  # fmt: skip


_WIDTH: Final = 2 * 1.96
"""Of a 95 % interval, in standard deviations."""
_JUDGED: Final = """
    SELECT model, variety, (
        SELECT count(*) FROM (
            SELECT 1 FROM annotations_output o
              JOIN annotations_itemoutput io ON io.output_id = o.id
              JOIN annotations_cell c ON c.item_id = io.item_id AND c.variety_id = variety AND c.kind = 'vote'
              JOIN annotations_judgement j ON j.cell_id = c.id AND j.counted
             WHERE o.model_id = model LIMIT %s) enough)
      FROM unnest(%s::bigint[]) model CROSS JOIN unnest(%s::text[]) variety"""


def judged_in(models: Collection[int], varieties: Collection[str]) -> dict[str, dict[int, int]]:
    """By variety and model, how many votes it has there; nobody counts further than `SCARCE`."""
    found: dict[str, dict[int, int]] = {variety: {} for variety in varieties}
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [SCARCE, list(models), list(varieties)])
        for model, variety, votes in cursor.fetchall():
            found[variety][model] = votes
    return found
