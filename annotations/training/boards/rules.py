"""When there is a number, and which rank it allows. Pure functions."""

from collections.abc import Sequence
from math import exp
from typing import Final

FEWEST_VOTES: Final = 30
"""Of fewer votes a model has no number: its interval would say nothing but that."""


def ranks(ends: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Of each interval the best and the worst rank that it allows: the best, if only those are ahead that lie wholly
    above it; the worst, if only those are behind that lie wholly below."""
    return [
        (1 + sum(low > mine[1] for low, _high in ends), len(ends) - sum(high < mine[0] for _low, high in ends))
        for mine in ends
    ]  # fmt: skip


def share(lead: float, tie: float) -> float:
    """How much of its meetings a model gets, a tie counting half, in [0, 1]: by Davidson's model, at this lead over who
    it meets, in logits (half the difference of strengths, and what pulls)."""
    most = max(abs(lead), tie)
    wins, loses, ties = exp(lead - most), exp(-lead - most), exp(tie - most)
    return (wins + ties / 2) / (wins + loses + ties)
