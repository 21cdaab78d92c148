"""What a release was made from: the rows of its queries as they stood, so that it can be written again.

Who is in it and how each stood (counted, settled for what, withdrawn, kept by whom, why) is kept whole, in packed
blocks of columns. The texts of prompts and outputs are not: they stand once in the corpus, and the row keeps their
keys. What people wrote is, because readers may still edit it. With the recall of its release a membership goes as a
whole. Why so: `docs/adr/0022-a-release-keeps-its-rows.md`.
"""

import json
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from annotations.corpus.models import Output, Prompt
from annotations.datasets.configs.base import Query
from annotations.datasets.configs.external import EXTERNAL
from annotations.datasets.models import Membership, Release
from annotations.datasets.rows import QUERIES

if TYPE_CHECKING:  # Arrow is the night's: at rest no process holds it
    import pyarrow as pa


def _as_it_is(value: Any) -> Any:
    return value


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_TEXTS: Final[dict[str, tuple[type[Prompt | Output], str, Callable[[Any], str]]]] = {
    "prompt": (Prompt, "messages", _as_json),
    "output": (Output, "text", _as_it_is),
}


EXTERNAL_VOTES: Final = QUERIES[EXTERNAL.parts[0].query]
"""The query whose rows rest on no judgement."""


class Lost(Exception):
    """A text that a membership refers to is not there any more."""


def keep(release: Release, query: str, place: int, body: bytes) -> None:
    Membership.objects.create(release=release, query=query, place=place, body=body)


def kept(release: Release, query: Query) -> "Iterator[pa.RecordBatch]":
    """The rows of a query as the release found them, in its order.

    Raises:
        Lost: a prompt or an output is not there any more.
    """
    for block in blocks(release, QUERIES[query]):
        yield _with_texts(query, block)


def blocks(release: Release, query: str) -> "Iterator[pa.RecordBatch]":
    """The rows of a query without the texts they refer to, a block at a time."""
    places = Membership.objects.filter(release=release, query=query).order_by("place")
    for body in places.values_list("body", flat=True).iterator(chunk_size=1):
        yield unpacked(bytes(body))


def held(release: Release, judgements: Collection[int]) -> Iterator[tuple[str, str]]:
    """(query, record's id in this release) of every row that rests on one of these judgements."""
    gone = set(judgements)
    for query in [each for each in QUERIES.values() if each != EXTERNAL_VOTES]:
        for block in blocks(release, query):
            names = ("record_id" if "record_id" in block.schema.names else "id", "rests", "brought")
            for record, rests, brought in zip(*(block.column(name).to_pylist() for name in names), strict=True):
                if not gone.isdisjoint(rests) or not gone.isdisjoint(brought):
                    yield query, record


def held_under(release: Release, documents: Collection[int]) -> Iterator[tuple[str, str]]:
    """The same for votes that were given elsewhere under one of these documents."""
    for block in blocks(release, EXTERNAL_VOTES):
        for record, batch in zip(*(block.column(name).to_pylist() for name in ("id", "batch_id")), strict=True):
            if batch in documents:
                yield EXTERNAL_VOTES, record


# Packing --------------------------------------------------------------------------------------------------------------


def packed(query: Query, rows: "pa.RecordBatch") -> bytes:
    """Without the texts it refers to."""
    from annotations.datasets import arrow

    return bytes(arrow.packed(rows.drop_columns([*query.refers])))


def unpacked(body: bytes) -> "pa.RecordBatch":
    import pyarrow as pa

    with pa.ipc.open_stream(body) as stream:
        return stream.read_next_batch()


def _with_texts(query: Query, block: "pa.RecordBatch") -> "pa.RecordBatch":
    import pyarrow as pa

    for column, (table, key) in query.refers.items():
        keys = block.column(key).to_pylist()
        texts = _texts(table, set(keys) - {None})
        block = block.append_column(column, pa.array([texts.get(each) for each in keys], pa.string()))
    return block


def _texts(table: str, keys: set[int]) -> dict[int, str]:
    model, column, told = _TEXTS[table]
    found = dict(model._default_manager.filter(pk__in=keys).values_list("pk", column)) if keys else {}
    if lost := keys - found.keys():
        raise Lost(f"{len(lost)} texts of the table of {table}s are not there any more")
    return {key: told(text) for key, text in found.items()}
