"""How far from what is wanted most. Pure functions of counts."""

from typing import Final

STEPS: Final = 4
"""A quota moves its cells so many times until it is full."""


def filled(settled: int, wanted: int) -> int:
    """In quarters, rounded down: 0 where less than a quarter of what is wanted is settled, `STEPS` where all is."""
    return min(STEPS, STEPS * settled // wanted)


def clear(wins: float, meetings: int) -> int:
    """How clear it is which of two models people prefer, in quarters: 0 where they are level or hardly met, up to 3.

    Args:
        wins: of one of the two, a tie counting half.
        meetings: of both, each with a verdict. One won and one lost are added (Laplace), so that few say little.
    """
    share = (wins + 1) / (meetings + 2)
    return min(STEPS - 1, int(STEPS * abs(2 * share - 1)))
