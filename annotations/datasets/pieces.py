"""The pieces in which a release is written, by one worker or by several at once.

A piece is some configs that ask the same queries; what it writes is the same whoever writes it, and when. Whoever has
nothing to do takes one that nobody has: the lock on it goes with whoever dies. It is written aside and put into its
place whole, so that a piece that is there is done.
"""

import datetime as dt
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from annotations.datasets.configs.base import Query, Terms
from annotations.datasets.rows import CONFIGS, QUERIES

if TYPE_CHECKING:  # Arrow is the night's: at rest no process holds it
    import pyarrow as pa

    Batches = Callable[[Query], Iterator[pa.RecordBatch]]

TOLD: Final = "told.json"
BEGUN, BOOKED = "begun.json", "booked"
"""How much there is to do, and of a piece how much is done (`progress.py`)."""


def _pieces() -> Iterator[tuple[str, ...]]:
    """Configs that share a query are one piece."""
    several: list[tuple[set[str], set[Query]]] = []
    for config in CONFIGS.values():
        names, queries = {config.name}, {part.query for part in config.parts}
        for same in [each for each in several if each[1] & queries]:
            several.remove(same)
            names, queries = names | same[0], queries | same[1]
        several.append((names, queries))
    for names, queries in several:
        if queries:
            yield tuple(name for name in CONFIGS if name in names)


PIECES: Final = tuple(_pieces())


@dataclass(frozen=True)
class Room:
    """Where a release is written aside: `folder` becomes the release; beside it lie the pieces until they are put
    together."""

    folder: Path
    terms: Terms

    @property
    def work(self) -> Path:
        return self.folder.with_name(f".{self.folder.name.lstrip('.')}.work")

    def place(self, piece: tuple[str, ...]) -> Path:
        return self.work / "+".join(piece)

    def has(self, piece: tuple[str, ...]) -> bool:
        return (self.place(piece) / TOLD).exists()

    @property
    def steps(self) -> list[tuple[str, int]]:
        """How far whoever writes here has come: it changes with every step."""
        return sorted((str(path), path.stat().st_mtime_ns) for path in self.work.glob(f"*/{BOOKED}") if path.exists())

    def clear(self) -> None:
        """Under another name first, so that who comes now finds no place to write at."""
        gone = self.work.with_name(f"{self.work.name}.gone")
        with suppress(OSError):
            self.work.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def begin(self, of: int) -> None:
        """So many judgements and items are to be booked (`progress.py`)."""
        said = json.dumps({"since": dt.datetime.now(dt.UTC).isoformat(), "of": of})
        (self.work / BEGUN).write_text(said, "utf-8")

    @property
    def left_out(self) -> list[Path]:
        """What is left out by each part, in the order of configs."""
        return [
            self.place(piece) / f"left-{config.name}-{number}"
            for config in CONFIGS.values() for piece in PIECES if config.name in piece
            for number, _part in enumerate(config.parts)
        ]  # fmt: skip

    @property
    def kept(self) -> Iterator[tuple[str, int, Path]]:
        """(query, place, block) of what the release keeps (`membership.py`)."""
        for query in QUERIES.values():
            for piece in PIECES:
                for path in sorted(self.place(piece).glob(f"kept-{_plain(query)}-*")):
                    yield query, int(path.name.rpartition("-")[2]), path


def _plain(query: str) -> str:
    return query.replace("/", ".")


def write_piece(piece: tuple[str, ...], room: Room, batches: "Batches") -> None:
    """Write a piece and put it into its place; one that is there already stays."""
    final = room.place(piece)
    staging = final.with_name(f"{final.name}-{os.getpid()}-{secrets.token_hex(4)}")
    staging.mkdir()
    try:
        _write(piece, room.terms, staging, batches)
        with suppress(OSError):  # somebody was faster
            staging.rename(final)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(piece: tuple[str, ...], terms: Terms, staging: Path, batches: "Batches") -> None:
    from annotations.datasets.columns import Batch, routed
    from annotations.datasets.counts import Counts
    from annotations.datasets.membership import packed
    from annotations.datasets.parquet import Aside, File

    (staging / "data").mkdir()
    counts = Counts()
    parts = [(config, number, part) for config in piece for number, part in enumerate(CONFIGS[config].parts)]
    with ExitStack() as open_files:
        files: dict[tuple[str, str], File] = {}
        left = {
            (config, number): open_files.enter_context(Aside(staging / f"left-{config}-{number}", "excluded"))
            for config, number, _part in parts
        }
        for query in dict.fromkeys(part.query for _config, _number, part in parts):
            for place, rows in enumerate(batches(query)):
                (staging / f"kept-{_plain(QUERIES[query])}-{place:06}").write_bytes(packed(query, rows))
                batch = Batch(query, rows)
                for config, number, part in [each for each in parts if each[2].query is query]:
                    for into, split, records in routed(config, part, batch, terms):
                        counts.add(into, split, records)
                        if into == "excluded":
                            left[config, number].add(records)
                            continue
                        if (into, split) not in files:
                            file = File(staging / "data" / into / f"{split}.parquet", into)
                            files[into, split] = open_files.enter_context(file)
                        files[into, split].add(records)
                (staging / BOOKED).write_text(str(counts.booked), "utf-8")
    (staging / TOLD).write_text(counts.told(), "utf-8")
