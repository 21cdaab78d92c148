"""When two who say the same say it too often. Pure functions of counts."""

import datetime as dt
from collections.abc import Collection
from statistics import median
from typing import Final

from annotations.quality.signals.rules import RARE, binomial_tail

TOGETHER: Final = dt.timedelta(minutes=15)
"""Accounts that joined within this time of one another are told of."""
MOST_TOGETHER: Final = 30
"""With more of them in that time it was a workshop, or a lesson, and says nothing of any one."""
FEWEST_SHARED: Final = 10
"""Of fewer items that both judged nothing is said."""
LOW: Final = 0.5
HIGH: Final = 0.8
"""So often two honest people say the same at least, and at most, whatever was counted: in a campaign where all agree
it says little, and where a ring is most of who is there it would be taken for the rule."""


def usual(rates: Collection[float]) -> float:
    """How often others say the same as this person, the middle one of them."""
    return min(HIGH, max(LOW, median(rates))) if rates else LOW


def by_chance(same: int, shared: int, usually: float, others: int) -> float:
    """How likely any of so many people would say the same so often by chance (Bonferroni's)."""
    return min(1.0, binomial_tail(same, shared, usually) * max(1, others))


def too_often(same: int, shared: int, usually: float, others: int) -> bool:
    return shared >= FEWEST_SHARED and by_chance(same, shared, usually, others) < RARE
