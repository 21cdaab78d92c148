"""What a manifest and a card tell of the rows, counted as they are written."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from annotations.datasets.configs.taught import PEOPLE

_NOTED: Final = {
    "contribution": ("contribution_licence",),
    "source": ("source_licence",),
    "output": ("output_licence", "chosen_licence", "rejected_licence", "output_licences"),
    "model": ("model", "chosen_model", "rejected_model", "output_models"),
    "method": ("method",),
    "external": ("licence",),
    "consent": ("consent",),
}
"""Columns from which the card says whose the texts are, and how they were settled."""
_TURNS: Final = ("messages", "prompt", "completion")


@dataclass
class Counts:
    """Of rows written: how many by config and split; by config and variety; those left out by config and reason; the
    characters of the longest conversation of each config that has some; names of licences, models and methods.
    `booked` is what stands in the books: judgements and items, in a row or left out, and no row that is `derived`."""

    rows: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    varieties: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[str] = field(default_factory=Counter)
    longest: dict[str, int] = field(default_factory=dict)
    booked: int = 0
    licences: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in _NOTED})

    def add(self, config: str, split: str, records: pa.RecordBatch) -> None:
        self.rows[config][split] += records.num_rows
        self.booked += records.num_rows
        if config == "excluded":
            codes = pc.binary_join_element_wise(records.column("config"), records.column("reason"), "/")
            self.reasons.update(_counted(codes))
            return
        facts, column = records.schema.names, records.column
        if "meta" in facts:
            meta = records.column("meta")
            facts, column = meta.type.names, meta.field
            self.booked -= column("derived").true_count
        self.varieties[config].update(_counted(column("variety")))
        for kind, names in _NOTED.items():
            for name in names:
                if name in facts:
                    self.licences[kind].update({*_one_by_one(column(name)).unique().to_pylist()} - {None, "", PEOPLE})
        if length := _longest(records):
            self.longest[config] = max(self.longest.get(config, 0), length)

    def told(self) -> str:
        """As JSON."""
        return json.dumps({
            "rows": self.rows, "varieties": self.varieties, "reasons": self.reasons, "longest": self.longest,
            "licences": {kind: sorted(names) for kind, names in self.licences.items()},
        })  # fmt: skip

    def join(self, told: Iterable[str]) -> None:
        """What was told of several is added."""
        for each in map(json.loads, told):
            for counts, more in ((self.rows, each["rows"]), (self.varieties, each["varieties"])):
                for config, by in more.items():
                    counts[config].update(by)
            self.reasons.update(each["reasons"])
            for config, length in each["longest"].items():
                self.longest[config] = max(self.longest.get(config, 0), length)
            for kind, names in each["licences"].items():
                self.licences[kind].update(names)


def _one_by_one(column: pa.Array) -> pa.Array:
    return pc.list_flatten(column) if pa.types.is_list(column.type) else column


def _counted(column: pa.Array) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in column.value_counts().to_pylist()}


def _longest(records: pa.RecordBatch) -> int:
    """The characters of the longest conversation, with the longer of its answers, in Unicode code points."""
    names = records.schema.names
    if not records.num_rows:
        return 0
    if "chosen" in names:
        answers = np.maximum(_characters(records.column("chosen")), _characters(records.column("rejected")))
        return int((_characters(records.column("prompt")) + answers).max())
    several = [_characters(records.column(name)) for name in _TURNS if name in names]
    return int(np.sum(several, axis=0).max()) if several else 0


def _characters(conversations: pa.ListArray) -> npt.NDArray[np.int64]:
    lengths = pc.fill_null(pc.utf8_length(conversations.values.field("content")), 0).to_numpy(zero_copy_only=False)
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    offsets = conversations.offsets.to_numpy()
    counted: npt.NDArray[np.int64] = ends[offsets[1:]] - ends[offsets[:-1]]
    return counted
