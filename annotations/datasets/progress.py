"""How far a release is that is being written: for a terminal, the API and the panel.

It is told by what lies on the disk, whoever writes there, and in the units of the books: a judgement in `judgements`,
an item in each config that has something to say of its kind. So it ends at the whole.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from django.conf import settings
from django.utils import timezone

from annotations.datasets.locks import somebody_publishes
from annotations.datasets.pieces import BEGUN, BOOKED

Phase = Literal["reading", "proving"]
PHASES: Final[tuple[Phase, ...]] = ("reading", "proving")


@dataclass(frozen=True)
class Progress:
    """Of a release of this name: `done` of `of`, since when. Who proves it says nothing of how far he is."""

    version: str
    phase: Phase
    done: int
    of: int
    since: dt.datetime

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None where that is not known yet, or not any more."""
        if self.phase != "reading" or not self.done:
            return None
        return (timezone.now() - self.since).total_seconds() * (self.of - self.done) / self.done

    @property
    def percent(self) -> int:
        return 100 * self.done // self.of if self.of else 0


def under_way() -> Progress | None:
    """The release that somebody writes now."""
    return on_the_disk() if somebody_publishes() else None


def on_the_disk() -> Progress | None:
    """The same, or what somebody who was killed left there."""
    folder = Path(settings.MINKA_RELEASES)
    try:
        for work in folder.glob(".2*.work"):
            return _reading(work)
        for staging in folder.glob(".2*"):
            since = dt.datetime.fromtimestamp(staging.stat().st_mtime, dt.UTC)
            return Progress(_version(staging), "proving", 1, 1, since)
    except (OSError, ValueError):  # it went on while we looked
        return None
    return None


def _reading(work: Path) -> Progress:
    begun = json.loads((work / BEGUN).read_text("utf-8"))
    done: dict[str, int] = {}
    for path in work.glob(f"*/{BOOKED}"):
        piece = path.parent.name.partition("-")[0]
        done[piece] = max(done.get(piece, 0), int(path.read_text("utf-8") or 0))
    since = dt.datetime.fromisoformat(begun["since"])
    return Progress(_version(work), "reading", sum(done.values()), begun["of"], since)


def _version(path: Path) -> str:
    return path.name.removeprefix(".").rpartition("-")[0]
