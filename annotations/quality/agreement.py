"""How much people agree, beyond what chance alone would bring: Krippendorff's alpha.

1 is full agreement, 0 what a lottery would give, below 0 people who contradict each other. K. Krippendorff, "Computing
Krippendorff's Alpha-Reliability" (2011), here with weights, so that an interval can be drawn by resampling people:
what one person said is not independent of what else they said, and intervals from single rows are several times too
narrow. A person who is drawn twice is not compared with themselves.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from annotations.quality.sampling import FEWEST_PEOPLE, Floats, Ints, chance_of, coded, drawn

Level = Literal["nominal", "ordinal", "interval"]
Undefined = Literal["", "no_pairs", "one_value"]

RESAMPLES: Final = 200
TOLD: Final = (2.5, 97.5)
"""The percentiles between which an interval lies."""


@dataclass(frozen=True)
class Alpha:
    """An alpha with its 95 % interval, and what it stands on: units that can be compared, who judged them, how often.

    Without a value `undefined` says why: `no_pairs`, no unit was judged by two who can be compared; `one_value`,
    everybody always said the same, so that nothing tells agreement from a habit. An interval is missing below five
    people.

    `coincidences` are what it was computed from, `values` by `values`: how often the one was said of a unit where
    somebody else said the other. They add up to `judgements`.
    """

    alpha: float | None
    low: float | None
    high: float | None
    undefined: Undefined
    units: int
    people: int
    judgements: int
    values: tuple[Any, ...] = ()
    coincidences: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class _Rows:
    """Judgements that can be compared, sorted: codes of unit, person and value; `apart` is the unit and the group
    within which nothing is compared."""

    unit: Ints
    person: Ints
    value: Ints
    apart: Ints
    names: tuple[Any, ...]

    @property
    def scale(self) -> Floats:
        """The values as numbers; their places in order where they are words."""
        is_words = any(isinstance(name, str) for name in self.names)
        return np.asarray(range(len(self.names)) if is_words else self.names, np.float64)

    def coincidences(self, weight: Floats) -> Floats:
        """Values by values: how often the one was said of a unit where somebody apart said the other. A unit weighs as
        much as was said of it."""
        kinds = len(self.names)
        by_unit = _table(self.value, self.unit, weight, kinds)
        by_group = _table(self.value, self.apart, weight, kinds)
        said = by_unit.sum(axis=0)
        together = np.bincount(self._unit_of_group(), by_group.sum(axis=0) ** 2, len(said))
        pairs = said**2 - together
        share = np.divide(said, pairs, out=np.zeros_like(said), where=pairs > 0)[self.unit] * weight
        against = zip(by_unit, by_group, strict=True)
        found = [
            np.bincount(self.value, share * (of_unit[self.unit] - of_group[self.apart]), kinds)
            for of_unit, of_group in against
        ]
        return np.stack(found, axis=1)

    def _unit_of_group(self) -> Ints:
        units = np.empty(int(self.apart.max()) + 1, np.int64)
        units[self.apart] = self.unit
        return units


def alpha(
    *,
    units: npt.ArrayLike,
    people: npt.ArrayLike,
    values: npt.ArrayLike,
    level: Level,
    groups: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
) -> Alpha:
    """Krippendorff's alpha of judgements given as columns of one length, in any order.

    Args:
        units: what was judged.
        people: by whom; nobody judges a unit twice.
        values: what was said. Numbers where the level is not nominal.
        level: `nominal`, every difference is as great as every other; `ordinal`, as many judgements as lie between;
            `interval`, the square of the distance.
        groups: where given, only people of different groups are compared: agreement across them.
        resamples: how many times people are drawn for the interval.
    """
    rows = _comparable(units, people, values, people if groups is None else groups)
    if rows is None:
        return Alpha(None, None, None, "no_pairs", 0, 0, 0)
    counts = len(np.unique(rows.unit)), int(rows.person.max()) + 1, len(rows.unit)
    together = rows.coincidences(np.ones(len(rows.unit)))
    said = rows.names, tuple(map(tuple, together.tolist()))
    found = _alpha(together, rows.scale, level)
    if found is None:
        return Alpha(None, None, None, "one_value", *counts, *said)
    return Alpha(found, *_interval(rows, level, resamples), "", *counts, *said)


def _comparable(
    units: npt.ArrayLike, people: npt.ArrayLike, values: npt.ArrayLike, groups: npt.ArrayLike
) -> _Rows | None:
    """The rows of units that two groups judged, sorted by unit, person and value."""
    columns = [coded(keys)[1] for keys in (units, people, groups)]
    known, value = coded(values)
    if not len(value):
        return None
    apart = coded(columns[0] * (int(columns[2].max()) + 1) + columns[2])[1]
    unit_of_group = np.unique(np.stack([apart, columns[0]]), axis=1)[1]
    keep = np.bincount(unit_of_group)[columns[0]] > 1
    if not keep.any():
        return None
    unit, person, value, apart = (column[keep] for column in (columns[0], columns[1], value, apart))
    order = np.lexsort((value, person, unit))
    said, value = coded(value[order])
    names = tuple(known[said].tolist())
    return _Rows(coded(unit[order])[1], coded(person[order])[1], value, coded(apart[order])[1], names)


def _table(value: Ints, place: Ints, weight: Floats, kinds: int) -> Floats:
    """Values by places: what was said there, weighed."""
    places = int(place.max()) + 1
    return np.asarray(np.bincount(value * places + place, weight, kinds * places), np.float64).reshape(kinds, places)


def _alpha(coincidences: Floats, values: Floats, level: Level) -> float | None:
    """Alpha from coincidences, or None where none is expected to differ."""
    said = coincidences.sum(axis=1)
    distance = _distance(said, values, level)
    expected = float((np.outer(said, said) * distance).sum())
    if expected <= 0:
        return None
    return 1 - (float(said.sum()) - 1) * float((coincidences * distance).sum()) / expected


def _distance(said: Floats, values: Floats, level: Level) -> Floats:
    """Squared differences between values, values by values."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    scale = values if level == "interval" else np.cumsum(said) - said / 2
    return np.asarray(np.subtract.outer(scale, scale) ** 2)


def _interval(rows: _Rows, level: Level, resamples: int) -> tuple[float | None, float | None]:
    people = int(rows.person.max()) + 1
    if people < FEWEST_PEOPLE:
        return None, None
    chance = chance_of(rows.unit, rows.person, rows.value, rows.apart)
    tries = (_alpha(rows.coincidences(drawn(chance, people)[rows.person]), rows.scale, level) for _ in range(resamples))
    found = [each for each in tries if each is not None]
    if not found:
        return None, None
    low, high = np.percentile(found, TOLD)
    return float(low), float(high)
