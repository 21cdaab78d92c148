"""Which differences between models are no chance. Pure functions of counts."""

from collections.abc import Hashable, Mapping
from math import exp, fsum, lgamma
from typing import Final, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
LEAST: Final = 5
"""Fewer lone votes than that alarm nobody, however rare they are elsewhere."""
RARE: Final = 0.05
"""An alarm where so many lone votes or more would come by chance less often than this. It is asked for each model each
time somebody looks, and models differ, so that false ones are to be expected: they cost votes of anchors, nothing else.
A tenth of the votes of a ring stays under a stricter limit."""


class Lone(NamedTuple):
    """Of `chances` votes, none of whose fellows, two or more, chose a model's output, how many chose it nonetheless."""

    chances: int
    alone: int


class Difference(NamedTuple):
    """One model beside all others, and how likely so much or more is by chance."""

    here: Lone
    others: Lone
    by_chance: float


def standing_out(models: Mapping[Key, Lone]) -> dict[Key, Difference]:
    """The models that are chosen by one voice alone more often than the others together, rarely by chance."""
    chances, alone = sum(each.chances for each in models.values()), sum(each.alone for each in models.values())
    found = {}
    for key, here in models.items():
        others = Lone(chances - here.chances, alone - here.alone)
        chance = by_chance(here, others)
        if here.alone >= LEAST and chance < RARE:
            found[key] = Difference(here, others, chance)
    return found


def by_chance(here: Lone, others: Lone) -> float:
    """How likely `here.alone` or more of all lone votes would fall here if each fell anywhere alike: Fisher's exact
    test, one-sided (Fisher, Statistical Methods for Research Workers, 1934)."""
    every, alone = here.chances + others.chances, here.alone + others.alone
    least = max(here.alone, here.chances + alone - every)
    ways = _ways(every, here.chances)
    return min(1.0, fsum(
        exp(_ways(alone, many) + _ways(every - alone, here.chances - many) - ways)
        for many in range(least, min(here.chances, alone) + 1)
    ))  # fmt: skip


def _ways(of: int, many: int) -> float:
    """The logarithm of how many ways there are to choose so many of so many."""
    return lgamma(of + 1) - lgamma(many + 1) - lgamma(of - many + 1)
