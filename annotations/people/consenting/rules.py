"""A consent text as words, its sum, when it takes force, and how two of them differ."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

IN_FORCE_AFTER: Final = dt.timedelta(minutes=1)
"""So long after the second approval, all processes know of it (`queries.READ_EVERY`), and change over by the clock."""


class Words(NamedTuple):
    """A consent text: the name of its version, and its files by language, with their blanks."""

    name: str
    files: tuple[tuple[str, str], ...]

    @property
    def texts(self) -> dict[str, str]:
        return dict(self.files)


def sum_of(name: str, texts: Mapping[str, str]) -> str:
    """SHA-256 over the version's name and all its words, in hex: what two people approve."""
    return hashlib.sha256(json.dumps([name, dict(texts)], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Line(NamedTuple):
    """Lines side by side: `before` and `after`, and `change`, one of `same`, `changed`, `gone` and `new`."""

    change: str
    before: str
    after: str


def compared(before: str, after: str) -> list[Line]:
    """Two texts line by line."""
    return list(_compared(before.splitlines(), after.splitlines()))


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    for tag, start, end, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line("same", line, line) for line in before[start:end])
            continue
        for place in range(max(end - start, stop - begin)):
            was = before[start + place] if start + place < end else None
            now = after[begin + place] if begin + place < stop else None
            yield Line("new" if was is None else "gone" if now is None else "changed", was or "", now or "")
