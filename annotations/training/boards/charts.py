"""A board as numbers a template draws: whole units of a box. No words in a picture (`quality/charts.py`)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

from annotations.quality.charts import WIDE, shares
from annotations.training.boards.models import Board

HIGH: Final = 24
"""Units of a row, from top to bottom."""
EDGE: Final = 3
NEAR: Final = 0.2
"""The scale of shares shows so much around a half at least, so that what is nearly level looks so."""


@dataclass(frozen=True)
class Scale:
    """From where to where numbers lie, with the marks between, in the board's own measure."""

    low: float
    high: float
    marks: tuple[float, ...]

    def across(self, value: float) -> int:
        """In units, from left to right."""
        inside = min(self.high, max(self.low, value))
        return round(WIDE * (inside - self.low) / (self.high - self.low))

    @property
    def lines(self) -> list[int]:
        return [self.across(mark) for mark in self.marks]


def scale_of(board: Board) -> Scale:
    """Of points, from the least to the most that can be given; of shares, tenths around what there is and a half."""
    if board.facet == Board.Facet.ASPECT:
        return Scale(1, 5, (2, 3, 4))
    ends = [line[end] for line in board.lines if "value" in line for end in ("low", "high")]
    low = max(0, floor(10 * min([*ends, 0.5 - NEAR]) + 1e-6)) / 10
    high = min(10, ceil(10 * max([*ends, 0.5 + NEAR]) - 1e-6)) / 10
    return Scale(low, high, (0.5,))


@dataclass(frozen=True)
class Dot:
    """A model with a number: where it lies, how far that may be off, how its meetings ended, how it was before."""

    line: Mapping[str, Any]
    scale: Scale
    nights: Sequence[tuple[dt.datetime, float]] = ()

    @property
    def at(self) -> int:
        return self.scale.across(self.line["value"])

    @property
    def low(self) -> int:
        return self.scale.across(self.line["low"])

    @property
    def high(self) -> int:
        return self.scale.across(self.line["high"])

    @property
    def percent(self) -> dict[str, int]:
        """What it has, in percent: of its meetings with an average model, and how those that were went."""
        names = ("value", "low", "high", "won", "level", "lost", "both_bad")
        return {name: round(100 * self.line[name]) for name in names if name in self.line}

    @property
    def ended(self) -> list[tuple[int, int]]:
        """Won, level and lost beside each other."""
        return shares([round(1_000 * self.line[name]) for name in ("won", "level", "lost")])

    @property
    def before(self) -> str:
        """A line from release to release, as a path; empty where there is only one."""
        if len(self.nights) < 2:
            return ""
        first, last = self.nights[0][0], self.nights[-1][0]
        points = [(round(WIDE * ((at - first) / (last - first))), self._down(value)) for at, value in self.nights]
        return "M" + "L".join(f"{x} {y}" for x, y in points)

    @property
    def since(self) -> dt.datetime | None:
        return self.nights[0][0] if len(self.nights) > 1 else None

    @property
    def began(self) -> int:
        """What it had in the first of its releases, in percent."""
        return round(100 * self.nights[0][1])

    def _down(self, value: float) -> int:
        share = self.scale.across(value) / WIDE
        return round(HIGH - EDGE - share * (HIGH - 2 * EDGE))


def dots(board: Board, nights: Mapping[str, Sequence[tuple[dt.datetime, float]]]) -> list[Dot]:
    """The models of a board that have a number, in its order."""
    scale = scale_of(board)
    return [Dot(line, scale, nights.get(line["model"], ())) for line in board.lines if "value" in line]


def pulls(board: Board) -> dict[str, tuple[float, float, float]]:
    """What standing first and twice the length do, with their intervals, in points of a hundred."""
    return {name: (100 * middle, 100 * low, 100 * high) for name, (middle, low, high) in board.pulls.items()}
