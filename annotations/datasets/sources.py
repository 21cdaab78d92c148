"""Where the rows of a release come from: a snapshot of the database, or what an earlier release kept of one."""

from collections.abc import Collection, Iterator
from typing import Any, Protocol

from annotations.datasets.configs.base import Part, Row, Terms
from annotations.datasets.inputs import inputs
from annotations.datasets.membership import Keeper, kept
from annotations.datasets.models import Release
from annotations.datasets.queries import books, labels
from annotations.datasets.snapshot import Snapshot, stream


class Source(Protocol):
    def rows(self, part: Part) -> Iterator[Row]:
        """What a query gives."""

    def told(self, varieties: Collection[str]) -> dict[str, Any]:
        """What a manifest says beside its rows: `books`, `labels` of these varieties, `settings`, `inputs`."""


class Live:
    """The database, as a snapshot shows it; what is read is kept for the release."""

    def __init__(self, snapshot: Snapshot, terms: Terms, release: Release) -> None:
        self._snapshot, self._terms = snapshot, terms
        self._keeper = Keeper(release)

    def rows(self, part: Part) -> Iterator[Row]:
        yield from self._keeper.passing(part, stream(self._snapshot, part.sql, self._terms.facts))

    def told(self, varieties: Collection[str]) -> dict[str, Any]:
        count = books(self._snapshot, self._terms)
        told = {
            "books": {"judgements": count.judgements, "items": count.items},
            "labels": labels(self._snapshot, self._terms, varieties),
        }
        return told | inputs(self._snapshot, self._terms)


class Kept:
    """A release that was published: its membership, and what its manifest tells."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def rows(self, part: Part) -> Iterator[Row]:
        yield from kept(self._release, part)

    def told(self, varieties: Collection[str]) -> dict[str, Any]:
        return {name: self._release.manifest[name] for name in ("books", "labels", "settings", "inputs")}
