"""What is drawn, and when two contents are the same. Pure functions."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final


def a_seed() -> int:
    return secrets.randbits(62)


def is_drawn(seed: int, cell: int, percent: int) -> bool:
    """Whether a cell is among the percent of an audit: of the same seed always the same, and more percent are these and
    others."""
    drawn = hashlib.sha256(b"audit %d %d" % (seed, cell)).digest()
    return int.from_bytes(drawn[:8]) * 100 < percent << 64


def in_an_order(record: uuid.UUID, outputs: Sequence[int]) -> list[int]:
    """The order in which a record shows its outputs: by chance, and of the same record always the same."""
    return sorted(outputs, key=lambda output: hashlib.sha256(f"{record} {output}".encode()).digest())


MOST_VALUES: Final = 300_000
"""Characters of all that somebody answers to one item, as JSON."""


def keepable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they came, where a table can hold them; else their text, cut, under a name that no sheet asks for: it
    is seen, and nothing is made of it."""
    text = json.dumps(values)
    if len(text) <= MOST_VALUES and all(_is_text(each) for each in _strings(values)):
        return dict(values)
    return {"unreadable": text[:MOST_VALUES]}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from (name, *_strings(each))
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _is_text(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def sum_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of what is pushed."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
