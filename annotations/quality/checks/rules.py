"""Which corrections are no chance. Pure functions of counts."""

from math import comb
from typing import Final, NamedTuple

LEAST: Final = 5
"""Fewer corrections than that alarm nobody."""
RARE: Final = 0.05
"""An alarm where so many or more in one direction would come by chance less often than this. It is asked for each model
each time somebody looks, so that false ones are to be expected: they cost votes of anchors. Under a stricter limit a
ring would stay longer."""


class Corrected(NamedTuple):
    """Of the items that anchors looked at: in how many the crowd chose a model's output and the anchor did not, and in
    how many the anchor chose it and the crowd did not."""

    away: int
    towards: int


def is_one_sided(found: Corrected) -> bool:
    """Whether anchors take verdicts from a model more often than they give it some, rarely by chance."""
    return found.away >= LEAST and by_chance(found) < RARE


def by_chance(found: Corrected) -> float:
    """How likely so many or more of all corrections would go this way if each went either way alike: McNemar's test,
    exact and one-sided (McNemar 1947). Both directions are of the same items and the same model, so that a model that
    pleases many, or few, is none the worse for it."""
    every = found.away + found.towards
    return sum(comb(every, many) for many in range(found.away, every + 1)) / (1 << every)
