"""The rules of a config over columns: what is alike is decided once, and the rest is passed on as it stands.

A rule looks at few columns, and most rows are alike in them. So it is asked about each kind of row in a batch, not
about each row; what it answers is a record in which a column stands for what every row has
there (`configs/base.py:Ref`). Arrow puts the records together, and no row becomes a Python object.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from annotations.datasets.arrow import TYPES, schema, schema_of
from annotations.datasets.configs.base import (
    DECIDES,
    Part,
    Query,
    Ref,
    Row,
    Terms,
    Turns,
    excluded,
    permitted_use,
)
from annotations.datasets.queries import found
from annotations.datasets.rows import SCHEMAS

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Routed = tuple[str, str, pa.RecordBatch]
"""(config, split, records): where they go; for what is left out the config is `excluded`."""

_JSON: Final = ("messages", "tiers")
"""Types that a query gives as JSON."""


class Batch:
    """Rows of a query as they came, with what is found out of them when it is asked for."""

    def __init__(self, query: Query, rows: pa.RecordBatch) -> None:
        for name, (columns, find) in found(query).items():
            values = zip(*(rows.column(column).to_pylist() for column in columns), strict=True)
            rows = rows.append_column(name, pa.array([find(*each) for each in values]))
        self.rows = rows
        self._parsed: dict[str, pa.Array] = {}

    def plus(self, name: str, values: Flags) -> "Batch":
        """The same with one more column."""
        other = copy(self)
        other.rows = self.rows.append_column(name, pa.array(values))
        return other

    def column(self, name: str, kind: str) -> pa.Array:
        """A column as a type of `rows.TYPES`."""
        if kind not in _JSON:
            return self.rows.column(name)
        if name not in self._parsed:
            self._parsed[name] = _parsed(self.rows.column(name), TYPES[kind])
        return self._parsed[name]

    def alike(self, names: Sequence[str]) -> "Kinds":
        """The kinds of rows there are in these columns."""
        numbers, many = np.zeros(self.rows.num_rows, np.int64), 1
        for name in names:
            encoded = self.rows.column(name).dictionary_encode(null_encoding="encode")
            if (several := len(encoded.dictionary)) > 1:
                if many > 1 << 40:
                    _seen, numbers = np.unique(numbers, return_inverse=True)
                    many = int(numbers.max()) + 1
                numbers, many = numbers * several + encoded.indices.to_numpy(), many * several
        _seen, first, of = np.unique(numbers, return_index=True, return_inverse=True)
        values = [self.rows.column(name).take(pa.array(first)).to_pylist() for name in names]
        facts = [dict(zip(names, each, strict=True)) for each in zip(*values, strict=True)]
        passed = {name: Ref(name) for name in self.rows.schema.names}
        return Kinds([{**passed, **each} for each in facts], of)


@dataclass(frozen=True)
class Kinds:
    """Of each kind of row the facts as a rule reads them, and of which kind each row is."""

    facts: list[Row]
    of: Numbers


def _parsed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """JSON by Arrow's own reader."""
    if not len(column):
        return pa.array([], kind)
    lines = pc.binary_join_element_wise('{"it":', pc.fill_null(column, "null"), "}\n", "")
    _valid, ends, data = lines.buffers()
    data = data.slice(0, int(np.frombuffer(ends, np.int32)[len(lines)]))
    reading = pj.ReadOptions(use_threads=False, block_size=data.size + 1)
    parsing = pj.ParseOptions(explicit_schema=pa.schema([("it", kind)]), unexpected_field_behavior="ignore")
    return pj.read_json(pa.BufferReader(data), reading, parsing).column("it").combine_chunks()


# What a part makes of them ------------------------------------------------------------------------------------------


def routed(config: str, part: Part, batch: Batch, terms: Terms) -> Iterator[Routed]:
    """What a part of a config makes of a batch, in its order, what is left out first. A batch holds all rows of a cell
    where one stands for all (`Part.left`)."""
    kinds = batch.alike([name for name in (*DECIDES, *part.decides) if name in batch.rows.schema.names])
    uses = [permitted_use(facts) for facts in kinds.facts]
    whys = [part.why(facts, use) for facts, use in zip(kinds.facts, uses, strict=True)]
    passes = np.array([not why for why in whys], bool)[kinds.of]
    left, derived = _LEFT[part.left](batch, kinds, passes)
    if len(left):
        unit, key = (part.left, "id") if part.left in _BY_ITSELF else ("item", "item_id")
        out = [excluded(unit, Ref(key), facts, config, why) for facts, why in zip(kinds.facts, whys, strict=True)]
        yield "excluded", "train", assembled("excluded", out, kinds.of[left], left, batch)
    if derived is not None:
        batch = batch.plus("derived", derived)
    made = [
        None if why else part.made({"derived": Ref("derived")} | facts, use, terms)
        for facts, use, why in zip(kinds.facts, uses, whys, strict=True)
    ]
    splits = [facts["split"] for facts in kinds.facts]
    for split in dict.fromkeys(split for split, why in zip(splits, whys, strict=True) if not why):
        rows = np.flatnonzero(passes & np.array([each == split for each in splits])[kinds.of])
        yield config, split, assembled(config, made, kinds.of[rows], rows, batch)


def _item(batch: Batch, kinds: Kinds, passes: Flags) -> tuple[Numbers, Flags]:
    """Cell by cell: the row for whose reason it is left out, where it has none that passes; and of those that do, which
    are not the first."""
    cells = batch.rows.column("cell_id").to_numpy()
    begins = np.flatnonzero(np.append(True, cells[1:] != cells[:-1]))
    lengths = np.diff(np.append(begins, len(cells)))
    before: Numbers = np.cumsum(passes) - passes
    counts = np.array([facts.get("counted", True) for facts in kinds.facts], bool)[kinds.of]
    last = np.maximum.reduceat(np.where(counts, np.arange(len(cells)), -1), begins)
    none = np.add.reduceat(passes.astype(np.int64), begins) == 0
    return np.where(last < 0, begins, last)[none], before > np.repeat(before[begins], lengths)


def _first(batch: Batch, _kinds: Kinds, passes: Flags) -> tuple[Numbers, None]:
    return np.flatnonzero(~passes & ~batch.rows.column("derived").to_numpy(zero_copy_only=False)), None


def _each(_batch: Batch, _kinds: Kinds, passes: Flags) -> tuple[Numbers, None]:
    return np.flatnonzero(~passes), None


def _nothing(_batch: Batch, _kinds: Kinds, _passes: Flags) -> tuple[Numbers, None]:
    return np.array([], np.int64), None


_LEFT: Final[Mapping[str, Callable[[Batch, Kinds, Flags], tuple[Numbers, Flags | None]]]] = {
    "item": _item, "first": _first, "judgement": _each, "external": _each, "nothing": _nothing,
}  # fmt: skip
_BY_ITSELF: Final = ("judgement", "external")
"""What is left out is the row, and no item."""


# Putting records together -------------------------------------------------------------------------------------------


def assembled(config: str, made: Sequence[Row | None], of: Numbers, rows: Numbers, batch: Batch) -> pa.RecordBatch:
    """Records of a config: of the k-th of these rows what was made of its kind, `made[of[k]]`.

    Raises:
        ValueError: a record does not name one of the columns.
    """
    shapes: dict[Any, list[int]] = {}
    for kind in np.unique(of).tolist():
        shapes.setdefault(_shape(made[kind]), []).append(kind)
    if len(shapes) == 1:
        return _alike(config, made, of, rows, batch)
    places = [np.flatnonzero(np.isin(of, kinds)) for kinds in shapes.values()]
    pieces = [_alike(config, made, of[at], rows[at], batch) for at in places]
    (whole,) = pa.Table.from_batches(pieces).combine_chunks().to_batches()
    return whole.take(pa.array(np.argsort(np.concatenate(places))))


def _shape(made: Any) -> Any:
    """Records of one shape have the same columns passed on at the same places; what else they say may differ."""
    if isinstance(made, Ref):
        return made
    if isinstance(made, Turns):
        return made.before, _shape(made.turns)
    if isinstance(made, dict):
        return tuple((name, _shape(each)) for name, each in made.items())
    if isinstance(made, list) and made and isinstance(made[0], dict):
        return tuple(_shape(each) for each in made)
    return None


@dataclass(frozen=True)
class _Building:
    """Some rows of a batch, and of which of the kinds at hand each is."""

    batch: Batch
    rows: pa.Array
    of: pa.Array

    def struct(self, columns: Mapping[str, Any], made: Sequence[Row]) -> list[pa.Array]:
        for name in columns:
            if any(name not in each for each in made):
                raise ValueError(f"{name} is not in a written row")
        return [self.array(kind, [each[name] for each in made]) for name, kind in columns.items()]

    def array(self, kind: Any, made: Sequence[Any]) -> pa.Array:
        first = made[0]
        if not isinstance(kind, str):
            return pa.StructArray.from_arrays(self.struct(kind, made), fields=list(schema_of(kind)))
        kind = kind.rstrip("?")
        if isinstance(first, Ref):
            column = self.batch.column(first.column, kind)
            return (column if len(self.rows) == len(column) else column.take(self.rows)).cast(TYPES[kind])
        if kind == "messages":
            return self._conversations(made)
        return pa.array(made, TYPES[kind]).take(self.of)

    def _conversations(self, made: Sequence[Turns | list[Row]]) -> pa.Array:
        """Those of a column, if any, each with the same number of turns after it."""
        before: Ref | None = made[0].before if isinstance(made[0], Turns) else None
        told = [each.turns if isinstance(each, Turns) else each for each in made]
        many, rows = len(told[0]), len(self.rows)
        turns = [
            pa.StructArray.from_arrays(self.struct(_TURN, [each[place] for each in told]), fields=list(_TURN_FIELDS))
            for place in range(many)
        ]  # fmt: skip
        if before is None:
            starts, known = np.zeros(rows + 1, np.int64), pa.array([], pa.struct(list(_TURN_FIELDS)))
        else:
            lists = self.batch.column(before.column, "messages").take(self.rows)
            starts, known = lists.offsets.to_numpy().astype(np.int64), lists.values
        ends = starts - starts[0] + many * np.arange(rows + 1)
        order, is_known = np.empty(ends[-1], np.int64), np.ones(ends[-1], bool)
        for place in range(many):
            at = ends[1:] - many + place
            order[at], is_known[at] = len(known) + place * rows + np.arange(rows), False
        order[is_known] = np.arange(starts[0], starts[-1])
        values = pa.concat_arrays([known, *turns]).take(pa.array(order))
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), values, type=TYPES["messages"])


_TURN: Final = {"role": "text?", "content": "text?"}
_TURN_FIELDS: Final = schema_of(_TURN)


def _alike(config: str, made: Sequence[Row | None], of: Numbers, rows: Numbers, batch: Batch) -> pa.RecordBatch:
    kinds, which = np.unique(of, return_inverse=True)
    building = _Building(batch, pa.array(rows), pa.array(which))
    arrays = building.struct(SCHEMAS[config], [row for kind in kinds if (row := made[kind]) is not None])
    return pa.RecordBatch.from_arrays(arrays, schema=schema(config))
