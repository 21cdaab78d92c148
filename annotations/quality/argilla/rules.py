"""What is drawn, and when two contents are the same. Pure functions."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any


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


def sum_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of what is pushed."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
