"""The queue: which cells are next for somebody, and how far they have come in it.

A queue is the open cells of a campaign, a kind and a variety, by priority and age. A person goes through it once: a
bookmark says which part of it holds nothing for them, so that what they did, or what is not for them, costs once and
not at every request. What comes back behind bookmarks, or comes in ahead of them, is marked by the database
(`triggers.py:CELL_COMES_BACK`) with its transaction, and shown first, to everybody, in the order it came back.

A bookmark never passes a cell that is for its person and only locked by somebody else. It holds under the terms it was
set: where stewards open a variety, a person avoids something else or is named an anchor, they begin at the start. And
what may slip past it all the same (a row with a lower number that is committed later) is found by going through the
whole queue once more before anybody is told that there is nothing; then not again for `WHOLE_AGAIN`, so that asking at
an empty table costs little.
"""

import datetime as dt
import hashlib
import json
import random
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from annotations.assignments.models import Cell
from annotations.compiled import listed, squeezed
from annotations.people.models import Person

WHOLE_AGAIN: Final = dt.timedelta(minutes=10)
SPARE: Final = 3
"""Cells of a queue that are looked at beyond those that are wanted, before one is locked: with more people than that at
its head at the same moment, somebody waits for a lock."""
NEAR: Final = 8
"""Ids of cells a bookmark may lie behind: to pass so many again costs less than to move it at every turn."""
_draw = random.SystemRandom()


class Queue(NamedTuple):
    """One queue, by the ids of its campaign and variety."""

    campaign: int
    kind: str
    variety: str


class Place(NamedTuple):
    """A cell in which a seat was counted, the outputs of its item in their own order, and with which chance it was this
    one that was given, of those that were next."""

    cell: int
    item: int
    campaign: int
    variety: str
    outputs: list[int]
    probability: float = 1.0


def claim(
    *,
    person: Person,
    queues: Sequence[Queue],
    closed: Collection[str],
    how_many: int = 1,
    drawn_from: Mapping[int, int] = MappingProxyType({}),
    anchored_in: Collection[str] = (),
    carried: bool = False,
    waits: bool = True,
) -> list[Place]:
    """Count seats in at the first cells of these queues that are for this person: of the first campaign named that has
    any, what came back first, then by priority and age, one of an item.

    Past the rows that others hold locked; only when that finds nothing, waiting for one: a locked row is no proof that
    there is no work. Nothing means that every cell was looked at. The person's row is locked by the caller.

    Args:
        closed: varieties that take no contributions now.
        drawn_from: by campaign, of how many that are next each one is drawn; 1 where not named.
        anchored_in: varieties in which this person's word is trusted: what is left for those who are is theirs too.
        carried: only what can be taken along; bookmarks stay where they are.
        waits: for a cell that somebody else holds locked, where there is no other. Nothing without it may mean that
            there is one.
    """
    facts = {
        "person": person.pk, "closed": listed(closed), "avoids": person.avoids, "anchored_in": list(anchored_in),
        "terms": _terms(person, closed, anchored_in), "carried": carried, "whole_again": WHOLE_AGAIN,
        "nearest": how_many - 1 + max(drawn_from.values(), default=1) + SPARE,
        **{f"{name}_": listed(of_each) for name, of_each in zip(Queue._fields, zip(*queues, strict=True), strict=True)},
    }  # fmt: skip
    for whole in (False, True):
        while near := _look(facts | {"whole": whole}, queues):
            ahead, chances = _drawn(near, drawn_from, how_many)
            places = _take(ahead, how_many, "SKIP LOCKED")
            if places or not waits or (places := _wait_for(ahead[0])):
                return [place._replace(probability=chances.get(place.cell, 1.0)) for place in places]
    return []


def _drawn(near: Sequence["_Near"], drawn_from: Mapping[int, int], how_many: int) -> tuple[list[int], dict[int, float]]:
    """The cells in the order they are tried, and the chance of those that were drawn: of the first campaign's nearest,
    as many as it wants to be drawn from, any may be the first. What came back is drawn with the rest: given by itself
    it would be where people meet who want to, one of whom lets it go."""
    few = drawn_from.get(near[0].campaign, 1)
    cells = [each.cell for each in near]
    pool = [each.cell for each in near if each.campaign == near[0].campaign][: how_many + few - 1]
    if few == 1 or len(pool) <= how_many:
        return cells, {}
    drawn = _draw.sample(pool, len(pool))
    return [*drawn, *(cell for cell in cells if cell not in pool)], dict.fromkeys(pool, how_many / len(pool))


def _wait_for(cell: int) -> list[Place]:
    """The one that is first, when whoever holds it lets go. One that has no room then is not kept locked: whoever locks
    several waits for it in the order of ids, which is not the queue's."""
    with transaction.atomic():
        places = _take([cell], 1, "")
        if not places:
            transaction.set_rollback(True)
    return places


def offer_again(*, cells: QuerySet[Cell]) -> None:
    """Show these, as what comes back, to whoever has passed them: a rule that kept them from people was lifted, and
    they were not shut meanwhile. The caller holds them locked."""
    cells.filter(open=True).update(returned=RawSQL("pg_current_xact_id()::text::bigint", []))


_BEFORE = """
    WITH begun AS (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next),
         cells AS (UPDATE annotations_cell SET returned = NULL FROM begun WHERE open AND returned > begun.next
                   RETURNING 1),
         marks AS (DELETE FROM annotations_bookmark USING begun WHERE returned > begun.next RETURNING 1)
    SELECT (SELECT count(*) FROM cells) + (SELECT count(*) FROM marks)"""


def begin_anew() -> int:
    """In a database that was restored elsewhere transactions are counted from low again: marks that lie ahead of all of
    them are emptied, and the bookmarks that rest on them. Returns how many; elsewhere there are none."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE)
        return int(cursor.fetchone()[0])


def _terms(person: Person, closed: Collection[str], anchored_in: Collection[str]) -> str:
    terms = [sorted(closed), sorted(person.avoids), sorted(anchored_in)]
    return hashlib.md5(json.dumps(terms).encode(), usedforsecurity=False).hexdigest()


# Looking ------------------------------------------------------------------------------------------------------------

# A scalar subquery and not NOT EXISTS: that becomes an anti-join over all a person ever had, this stays one probe of a
# unique index for each cell on the way. Most people avert nothing: that is asked once, and not of each item.
_FOR_THEM = """
        (NOT c.for_anchors OR c.variety_id = ANY(%(anchored_in)s::varchar[]))
    AND coalesce((SELECT a.state IN ('expired', 'returned') FROM annotations_assignment a
                   WHERE a.person_id = %(person)s AND a.item_id = c.item_id), true)
    AND (SELECT i.variety_id <> ALL(%(closed)s::varchar[]) AND p.variety_id <> ALL(%(closed)s::varchar[])
                AND i.author_id IS DISTINCT FROM %(person)s AND NOT i.sensitive && %(avoids)s::varchar[]
                AND NOT EXISTS (SELECT 1 FROM annotations_hiddenprompt h
                                 WHERE h.prompt_id = i.prompt_id AND h.lifted_at IS NULL)
                AND (NOT EXISTS (SELECT 1 FROM annotations_averted v WHERE v.person_id = %(person)s)
                     OR NOT EXISTS (SELECT 1 FROM annotations_itemoutput io
                                      JOIN annotations_averted v ON v.output_id = io.output_id
                                     WHERE io.item_id = i.id AND v.person_id = %(person)s)) {carried}
           FROM annotations_item i JOIN annotations_prompt p ON p.id = i.prompt_id WHERE i.id = c.item_id)"""
_CARRIED = """AND i.sensitive = '{}' AND NOT EXISTS (
    SELECT 1 FROM annotations_assignment t WHERE t.item_id = i.id AND t.state = 'held' AND t.pack_id IS NOT NULL)"""
_WHOLE = "AND b.whole_at > now() - %(whole_again)s"
_IN = "c.campaign_id = q.campaign AND c.kind = q.kind AND c.variety_id = q.variety AND c.open"
# Of each queue: what came back and is for them (lane 1), the rest that is (2), and the last cell of either, whoever it
# is for (3, 4). The last of all is looked for first: most queues somebody may ask for are empty. `rank` counts upwards,
# as the indexes do: the transaction of what came back, minus the priority of the rest. How many are looked at, and what
# is asked of a pack alone, stands in the text: for a number it does not know the planner takes a tenth of the table
# (and planned anew each time).
_AHEAD = squeezed(f"""
    SELECT q.nth, q.mark, pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
           seen.lane, seen.rank, seen.id, seen.item
      FROM (SELECT q.*, last.*,
                   CASE WHEN b.id IS NOT NULL THEN ARRAY[b.rank, b.cell, b.returned, b.returned_cell] END AS mark,
                   coalesce(b.rank, '-infinity') AS rank, coalesce(b.cell, 0) AS cell,
                   coalesce(b.returned, 0) AS returned, coalesce(b.returned_cell, 0) AS returned_cell
              FROM unnest(%(campaign_)s::bigint[], %(kind_)s::text[], %(variety_)s::text[])
                   WITH ORDINALITY AS q (campaign, kind, variety, nth)
             CROSS JOIN LATERAL (
                   SELECT c.priority * -1 AS last_rank, c.id AS last FROM annotations_cell c
                    WHERE {_IN} ORDER BY c.priority * -1 DESC, c.id DESC LIMIT 1) AS last
              LEFT JOIN annotations_bookmark b
                ON b.person_id = %(person)s AND b.campaign_id = q.campaign AND b.kind = q.kind
               AND b.variety_id = q.variety AND b.terms = %(terms)s {{whole}}) q
     CROSS JOIN LATERAL (
        (SELECT 1 AS lane, c.returned::float8 AS rank, c.id, c.item_id AS item FROM annotations_cell c
          WHERE {_IN} AND c.returned IS NOT NULL AND (c.returned, c.id) >= (q.returned, q.returned_cell) AND {_FOR_THEM}
          ORDER BY c.returned, c.id LIMIT {{nearest}})
        UNION ALL
        (SELECT 2, c.priority * -1, c.id, c.item_id FROM annotations_cell c
          WHERE {_IN} AND (c.priority * -1, c.id) >= (q.rank, q.cell) AND {_FOR_THEM}
          ORDER BY c.priority * -1, c.id LIMIT {{nearest}})
        UNION ALL
        (SELECT 3, c.returned, c.id, 0 FROM annotations_cell c
          WHERE {_IN} AND c.returned >= q.returned ORDER BY c.returned DESC, c.id DESC LIMIT 1)
        UNION ALL
        SELECT 4, q.last_rank, q.last, 0) seen
     ORDER BY q.nth, seen.lane, seen.rank, seen.id""")

_BACK, _FRESH, _LAST_BACK, _LAST = 1, 2, 3, 4


class _Seen(NamedTuple):
    """A row of `_AHEAD`: the queue by its number, its bookmark or None, the oldest transaction that is not
    over yet, and a cell."""

    nth: int
    mark: list[float] | None
    unsure: int
    lane: int
    rank: float
    cell: int
    item: int


class _Near(NamedTuple):
    """A cell that is for the person."""

    campaign: int
    cell: int


def _look(facts: Mapping[str, Any], queues: Sequence[Queue]) -> list[_Near]:
    """The nearest cells of all queues in the order they are to be given, one of an item. Moves the bookmarks."""
    sql = _AHEAD.format(
        nearest=facts["nearest"], carried=_CARRIED if facts["carried"] else "", whole=_WHOLE if facts["whole"] else ""
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        seen = [_Seen(*row) for row in cursor.fetchall()]
    if not facts["carried"]:
        _move(facts, {nth: _reached(list(rows)) for nth, rows in groupby(seen, key=lambda row: row.nth)})
    campaigns = list(dict.fromkeys(queue.campaign for queue in queues))
    near = [row for row in seen if row.lane in (_BACK, _FRESH)]
    near.sort(key=lambda row: (campaigns.index(queues[row.nth - 1].campaign), row.lane, row.rank, row.cell))
    first: dict[int, _Near] = {}
    for row in near:
        first.setdefault(row.item, _Near(queues[row.nth - 1].campaign, row.cell))
    return list(first.values())


def _reached(rows: Sequence[_Seen]) -> tuple[list[float], bool] | None:
    """Where the bookmark of a queue is to lie, and whether all of it was looked at and held nothing; None where it
    lies there or near. It stops at the first cell that is for the person, which somebody else may have locked; and at
    what a transaction that is not over yet may still bring back."""
    mark, first = rows[0].mark, {row.lane: row for row in reversed(rows)}
    back, fresh = first.get(_BACK), first.get(_FRESH)
    returned = mark[2:] if mark else [0, 0]
    if back:
        returned = [back.rank, back.cell]
    elif last := first.get(_LAST_BACK):
        returned = [last.rank, last.cell + 1]
    if returned[0] >= rows[0].unsure:
        returned = [rows[0].unsure, 0]
    to = fresh or first[_LAST]
    place = [to.rank, to.cell] if fresh or not mark else max(mark[:2], [to.rank, to.cell])
    reached, whole = [*map(float, (*place, *returned))], not (mark or back or fresh)
    return (reached, whole) if whole or not (mark and _lies_near(mark, reached)) else None


def _lies_near(mark: Sequence[float], reached: Sequence[float]) -> bool:
    same = mark[0] == reached[0] and mark[2:] == reached[2:]
    return same and 0 <= reached[1] - mark[1] < NEAR


_MOVE = """
    INSERT INTO annotations_bookmark AS b
           (person_id, campaign_id, kind, variety_id, terms, rank, cell, returned, returned_cell, whole_at)
    SELECT %(person)s, q.campaign, q.kind, q.variety, %(terms)s, m.rank, m.cell, m.returned, m.returned_cell,
           CASE WHEN m.whole THEN now() END
      FROM unnest(%(campaign_)s::bigint[], %(kind_)s::text[], %(variety_)s::text[])
           WITH ORDINALITY AS q (campaign, kind, variety, nth)
      JOIN unnest(%(nths)s::int[], %(ranks)s::float8[], %(cells)s::float8[], %(returned)s::float8[],
                  %(returned_cells)s::float8[], %(wholes)s::bool[])
           AS m (nth, rank, cell, returned, returned_cell, whole) USING (nth)
    ON CONFLICT (person_id, campaign_id, kind, variety_id) DO UPDATE
       SET terms = excluded.terms, rank = excluded.rank, cell = excluded.cell, returned = excluded.returned,
           returned_cell = excluded.returned_cell,
           whole_at = CASE WHEN b.terms = excluded.terms THEN coalesce(excluded.whole_at, b.whole_at)
                           ELSE excluded.whole_at END"""


def _move(facts: Mapping[str, Any], reached: Mapping[int, tuple[list[float], bool] | None]) -> None:
    moves = [(nth, *to[0], to[1]) for nth, to in reached.items() if to]
    if moves:
        names = ("nths", "ranks", "cells", "returned", "returned_cells", "wholes")
        columns = dict(zip(names, map(list, zip(*moves, strict=True)), strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, {**facts, **columns})


# Taking -------------------------------------------------------------------------------------------------------------

_TAKE = """
    WITH taken AS MATERIALIZED (
        SELECT c.id, near.nth
          FROM unnest(%(cells)s::bigint[]) WITH ORDINALITY AS near (id, nth) JOIN annotations_cell c ON c.id = near.id
         WHERE c.open ORDER BY near.nth LIMIT %(how_many)s FOR UPDATE OF c {manner}
    ), counted AS (
        UPDATE annotations_cell c SET held = held + 1 FROM taken WHERE c.id = taken.id
        RETURNING taken.nth, c.id, c.item_id, c.campaign_id, c.variety_id
    )
    SELECT id, item_id, campaign_id, variety_id,
           ARRAY(SELECT o.output_id FROM annotations_itemoutput o WHERE o.item_id = counted.item_id ORDER BY o.position)
      FROM counted ORDER BY nth"""


def _take(cells: Sequence[int], how_many: int, manner: str) -> list[Place]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(manner=manner), {"cells": listed(cells), "how_many": how_many})
        return [Place(*row) for row in cursor.fetchall()]
