"""Pictures of figures, as numbers a template draws: whole units of a box, so that no language writes them otherwise.

A picture has no words in it. They stand beside it, in HTML, so that they keep their size on a small screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.quality.models import Agreement
from annotations.quality.reliability.rules import Pair

WIDE: Final = 1_000
"""Units of every box, from left to right."""
LOWEST: Final = -0.2
"""Where the scale of agreement begins; what lies lower is drawn at its edge."""
MARKS: Final = (0.0, 0.667, 0.8)
"""A lottery; where Krippendorff lets one draw tentative conclusions; where he asks for no more."""

LEVEL: Final = ("tie", "both_good", "both_bad")
SAID: Final[dict[str, Promise]] = {
    "prefers": _("one answer"), "same": _("that answer"), "one": _("one answer"), "other": _("another answer"),
    "tie": _("a tie"), "both_good": _("both good"), "both_bad": _("both bad"), "wrong": _("something is wrong"),
    "fine": _("nothing is wrong"), "accept": _("accept"), "edit": _("accept with changes"),
    "reject": _("do not accept"),
}  # fmt: skip


def across(value: float) -> int:
    """Where an agreement lies on its scale, in units."""
    return round(WIDE * (min(1.0, max(LOWEST, value)) - LOWEST) / (1 - LOWEST))


SCALE: Final = tuple(across(mark) for mark in MARKS)


@dataclass(frozen=True)
class Dot:
    """An agreement with the ends of its interval, in units; none where there is none."""

    row: Agreement

    @property
    def at(self) -> int | None:
        return None if self.row.alpha is None else across(self.row.alpha)

    @property
    def low(self) -> int | None:
        return None if self.row.low is None else across(self.row.low)

    @property
    def high(self) -> int | None:
        return None if self.row.high is None else across(self.row.high)


@dataclass(frozen=True)
class Share:
    """A share with the ends of its interval, in units of a scale from none to all."""

    pair: Pair

    @property
    def at(self) -> int:
        return self._in(WIDE)[0]

    @property
    def low(self) -> int:
        return self._in(WIDE)[1]

    @property
    def high(self) -> int:
        return self._in(WIDE)[2]

    @property
    def told(self) -> tuple[int, int, int]:
        """The share and both ends, in percent."""
        return self._in(100)

    def _in(self, whole: int) -> tuple[int, int, int]:
        low, high = self.pair.interval or (0.0, 1.0)
        share = self.pair.agreed / self.pair.of if self.pair.of else 0.0
        return round(whole * share), round(whole * low), round(whole * high)


def shares(parts: Sequence[int], whole: int | None = None) -> list[tuple[int, int]]:
    """Parts of a whole beside each other: where each begins and how wide it is, in units."""
    whole, found, begin = sum(parts) if whole is None else whole, [], 0
    for part in parts:
        end = begin + part
        left = WIDE * begin // whole if whole else 0
        found.append((left, (WIDE * end // whole if whole else 0) - left))
        begin = end
    return found


@dataclass(frozen=True)
class Line:
    """What is said, and what others say of the same: percentages with their parts of a bar, the greatest first."""

    said: str | Promise
    others: list[tuple[str | Promise, int]]

    @property
    def parts(self) -> list[tuple[int, int]]:
        return shares([percent for _said, percent in self.others])


def confusion(row: Agreement) -> list[Line]:
    """Who says one thing where others say another, from the coincidences of an agreement. Of votes, which output is
    which tells nothing: it is that one, or another. Empty where nothing was compared, or what was said are numbers."""
    if any(not isinstance(value, str) for value in row.values):
        return []
    said = dict(zip(row.values, (dict(zip(row.values, line, strict=True)) for line in row.coincidences), strict=True))
    lines = _folded(said) if row.kind == "vote" else said
    return [Line(SAID.get(name, name), _percents(line)) for name, line in lines.items() if sum(line.values())]


def _folded(said: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Outputs by their places become one line, and a column or two in each."""
    outputs, level = [name for name in said if name not in LEVEL], [name for name in LEVEL if name in said]

    def to_level(names: Sequence[str]) -> dict[str, float]:
        return {column: sum(said[name][column] for name in names) for column in level}

    same = sum(said[name][name] for name in outputs)
    every = sum(said[name][other] for name in outputs for other in outputs)
    lines = {"prefers": {"same": same, "other": every - same} | to_level(outputs)}
    return lines | {name: {"one": sum(said[name][each] for each in outputs)} | to_level([name]) for name in level}


def _percents(line: Mapping[str, float]) -> list[tuple[str | Promise, int]]:
    whole = sum(line.values())
    said = sorted(((SAID.get(name, name), round(100 * part / whole)) for name, part in line.items()), key=_greatest)
    return [each for each in said if each[1]]


def _greatest(part: tuple[str | Promise, int]) -> int:
    return -part[1]
