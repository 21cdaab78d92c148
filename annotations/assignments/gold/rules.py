"""How often a turn is gold. Pure functions of numbers."""

import datetime as dt
from typing import Final

HALF_AT: Final = 20
"""Answers after which a turn is gold half as often as the first was."""
FIRST: Final = 50
"""Turns of somebody new for which the panel says how many would be gold."""
CHANCES: Final = 1 << 32
"""What is drawn for a turn is a whole number from 1 to this, so that no rounding decides."""
TOLD_AFTER: Final = dt.timedelta(days=7)
"""How long after their answer a person is told what was expected, and their figures hold it. Sooner, the page that
tells it would be a key to the same items on a friend's screen, and to one's own, which can be taken back until then."""


def chance(gold: int, given: int) -> float:
    """How likely the next turn is gold.

    Args:
        gold: the campaign's setting, in percent.
        given: how many answers the person has given in it.
    """
    return gold * HALF_AT / (100 * (HALF_AT + given))


def gold_below(gold: int, drawn: int) -> int:
    """Who has given fewer answers than this meets gold where `drawn` came of `CHANCES`: for each number of answers as
    often as `chance` says. So whoever asks needs no count of all that somebody gave, only whether there are so many."""
    return max(0, gold * HALF_AT * CHANCES // (100 * drawn) - HALF_AT + 1)


def expected_first(gold: int, turns: int = FIRST) -> float:
    """How many of somebody's first turns are gold, on average."""
    return sum(chance(gold, given) for given in range(turns))
