"""What a release was made from: the rows of its queries as they stood, so that it can be written again.

Who is in it and how each stood (counted, settled for what, withdrawn, kept by whom, why) is kept whole, in packed
blocks. The texts of prompts and outputs are not: they stand once in the corpus, and the row keeps their keys. What
people wrote is, because readers may still edit it. With the recall of its release a membership goes as a whole. Why so:
`docs/adr/0022-a-release-keeps-its-rows.md`.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any

import orjson

from annotations.corpus.models import Output, Prompt
from annotations.datasets.configs.base import Part, Row
from annotations.datasets.models import Membership, Release
from annotations.datasets.rows import QUERIES
from annotations.datasets.snapshot import BATCH

_MOMENTS = ("received_at", "undone_at")
"""The columns that are moments; all others are what JSON has."""
_TEXTS = {"prompt": (Prompt, "messages"), "output": (Output, "text")}


class Lost(Exception):
    """A text that a membership refers to is not there any more."""


class Keeper:
    """Keeps rows for a release as they pass by, those of each query once."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._kept: set[str] = set()

    def passing(self, part: Part, rows: Iterator[Row]) -> Iterator[Row]:
        query = QUERIES[part.sql]
        if query in self._kept:
            yield from rows
            return
        self._kept.add(query)
        block: list[Row] = []
        place = 0
        for row in rows:
            block.append(_without_texts(part, row))
            if len(block) == BATCH:
                self._keep(query, place, block)
                block, place = [], place + 1
            yield row
        if block:
            self._keep(query, place, block)

    def _keep(self, query: str, place: int, block: list[Row]) -> None:
        Membership.objects.create(release=self._release, query=query, place=place, body=packed(block))


def kept(release: Release, part: Part) -> Iterator[Row]:
    """The rows of a query as the release found them, in its order.

    Raises:
        Lost: a prompt or an output is not there any more.
    """
    for block in blocks(release, QUERIES[part.sql]):
        texts = {table: _texts(table, _keys(part, table, block)) for table in _TEXTS}
        for row in block:
            told = {
                column: None if row[key] is None else texts[table][row[key]]
                for column, (table, key) in part.refers.items()
            }
            yield row | told


def blocks(release: Release, query: str) -> Iterator[list[Row]]:
    """The rows of a query without the texts they refer to, a block at a time."""
    places = Membership.objects.filter(release=release, query=query).order_by("place")
    for body in places.values_list("body", flat=True).iterator(chunk_size=1):
        yield unpacked(bytes(body))


def held(release: Release, judgements: Collection[int]) -> Iterator[tuple[str, str]]:
    """(query, record's id in this release) of every row that rests on one of these judgements."""
    gone = set(judgements)
    for query in dict.fromkeys(QUERIES.values()):
        for row in chain.from_iterable(blocks(release, query)):
            if not gone.isdisjoint(row["rests"]) or not gone.isdisjoint(row["brought"]):
                yield query, row.get("record_id") or row["id"]


# Packing --------------------------------------------------------------------------------------------------------------


def packed(rows: Iterable[Row]) -> bytes:
    """JSON lines, compressed."""
    return _compressed(b"\n".join(orjson.dumps(row) for row in rows))


def unpacked(body: bytes) -> list[Row]:
    return [_timed(orjson.loads(line)) for line in _plain(body).split(b"\n")]


def _compressed(text: bytes) -> bytes:
    import pyarrow as pa  # Arrow is the night's: at rest no process holds it

    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(text)
    return bytes(out.getvalue())


def _plain(body: bytes) -> bytes:
    import pyarrow as pa  # as above

    with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
        return bytes(stream.read())


def _timed(row: Row) -> Row:
    moments = {name: dt.datetime.fromisoformat(row[name]) for name in _MOMENTS if row.get(name)}
    return row | moments


def _without_texts(part: Part, row: Row) -> Row:
    kept = row.copy()
    for name in part.refers:
        del kept[name]
    return kept


def _keys(part: Part, table: str, block: list[Row]) -> set[int]:
    columns = [key for of, key in part.refers.values() if of == table]
    return {row[column] for row in block for column in columns} - {None}


def _texts(table: str, keys: set[int]) -> dict[int, Any]:
    model, column = _TEXTS[table]
    found = dict(model._default_manager.filter(pk__in=keys).values_list("pk", column)) if keys else {}
    if lost := keys - found.keys():
        raise Lost(f"{len(lost)} texts of the table of {table}s are not there any more")
    return found
