"""A curve as numbers a template draws: whole units of a box. No words in a picture (`quality/charts.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.formats import get_format

from annotations.quality.charts import WIDE
from annotations.training.metrics.queries import Curve, Stretch

HIGH: Final = 200
EDGE: Final = 8
"""Units of the box, and of what is left free above and below."""
LINES: Final = 25
"""Of the table."""


@dataclass(frozen=True)
class Chart:
    """A curve with its line and its band, as paths, and its figures in words."""

    curve: Curve

    @property
    def line(self) -> str:
        """Through the middle of each stretch; of one point alone, a dot."""
        points = [(self._x(each.last), self._y(each.middle)) for each in self.curve.stretches]
        if len(points) == 1:
            return f"M{points[0][0]} {points[0][1]}h.1"
        return "M" + "L".join(f"{x} {y}" for x, y in points)

    @property
    def band(self) -> str:
        """From the lowest to the highest of each stretch; empty where each has one value."""
        if all(each.values == 1 for each in self.curve.stretches):
            return ""
        above = [f"{self._x(each.last)} {self._y(each.high)}" for each in self.curve.stretches]
        below = [f"{self._x(each.last)} {self._y(each.low)}" for each in reversed(self.curve.stretches)]
        return f"M{'L'.join(above + below)}Z"

    @property
    def first_step(self) -> int:
        return self.curve.stretches[0].first

    @property
    def last_step(self) -> int:
        return self.curve.stretches[-1].last

    @property
    def told(self) -> dict[str, str]:
        """The last, the lowest and the highest value."""
        return {name: figure(getattr(self.curve, name)) for name in ("last", "low", "high")}

    @property
    def rows(self) -> list[tuple[int, int, int, str, str, str]]:
        """The table behind it: a few dozen lines at most. Steps, how many values, lowest, highest, and the last."""
        return [
            (part[0].first, part[-1].last, sum(each.values for each in part), figure(min(each.low for each in part)),
             figure(max(each.high for each in part)), figure(part[-1].at_end))
            for part in _parts(self.curve.stretches)
        ]  # fmt: skip

    def _x(self, step: int) -> int:
        first, last = self.first_step, self.last_step
        return WIDE * (step - first) // (last - first) if last > first else WIDE // 2

    def _y(self, value: float) -> int:
        """From the top. Halves, because the distance of two numbers may be more than a number can be."""
        low, high = self.curve.low / 2, self.curve.high / 2
        share = (value / 2 - low) / (high - low) if high > low else 0.5
        return round(HIGH - EDGE - share * (HIGH - 2 * EDGE))


def _parts(stretches: Sequence[Stretch]) -> list[Sequence[Stretch]]:
    size = -(-len(stretches) // LINES)
    return [stretches[at : at + size] for at in range(0, len(stretches), size)]


def figure(value: float) -> str:
    """A number of four digits, as the page's language writes it."""
    return f"{value:.4g}".replace(".", str(get_format("DECIMAL_SEPARATOR")))
