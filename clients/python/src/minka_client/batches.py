"""Any number of things, cut into what is sent at once."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def batches(things: Iterable[Mapping[str, Any]], most: int, most_bytes: int) -> Iterator[list[bytes]]:
    """So many at once, or fewer where they are long; each as a line of JSON."""
    batch: list[bytes] = []
    size = 0
    for thing in things:
        line = json.dumps(thing, ensure_ascii=False).encode()
        if batch and (len(batch) == most or size + len(line) > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line) + 1
    if batch:
        yield batch
