"""Where a release comes from: a snapshot of the database, or what an earlier release kept of one."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from annotations.datasets.configs.base import Query, Terms
from annotations.datasets.helping import write_with_help
from annotations.datasets.inputs import inputs
from annotations.datasets.membership import keep, kept
from annotations.datasets.models import Release
from annotations.datasets.pieces import PIECES, Room, write_piece
from annotations.datasets.queries import books, labels
from annotations.datasets.snapshot import Snapshot, shared

if TYPE_CHECKING:  # Arrow is the night's: at rest no process holds it
    import pyarrow as pa


class Source(Protocol):
    def fill(self, room: Room) -> None:
        """Every piece is in its place when it returns."""

    def told(self, varieties: Collection[str]) -> dict[str, Any]:
        """What a manifest says beside its rows: `books`, `labels` of these varieties, `settings`, `inputs`."""


class Live:
    """The database, as a snapshot shows it; what is read is kept for the release."""

    def __init__(self, snapshot: Snapshot, terms: Terms, release: Release) -> None:
        self._snapshot, self._terms, self._release = snapshot, terms, release
        self._books = books(snapshot, terms)

    def fill(self, room: Room) -> None:
        room.begin(self._books.whole)
        write_with_help(room, shared(self._snapshot))
        for query, place, path in room.kept:
            keep(self._release, query, place, path.read_bytes())

    def told(self, varieties: Collection[str]) -> dict[str, Any]:
        told = {
            "books": self._books.told,
            "labels": labels(self._snapshot, self._terms, varieties),
        }
        return told | inputs(self._snapshot, self._terms)


class Kept:
    """A release that was published: its membership, and what its manifest tells."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def fill(self, room: Room) -> None:
        for piece in PIECES:
            write_piece(piece, room, self.batches)

    def batches(self, query: Query) -> "Iterator[pa.RecordBatch]":
        yield from kept(self._release, query)

    def told(self, varieties: Collection[str]) -> dict[str, Any]:
        return {name: self._release.manifest[name] for name in ("books", "labels", "settings", "inputs")}
