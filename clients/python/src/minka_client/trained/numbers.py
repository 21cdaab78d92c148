"""What may be said as a number. Where there are few rows none is; where there is one, its interval stands beside it.

The interval is that of the bootstrap over prompts (Efron 1979): prompts are drawn again and again with all their rows,
since rows of one prompt are not independent of each other. 95 %, by percentiles.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

FEWEST: Final = 10
"""Rows, below which a share says nothing."""
TIMES: Final = 2_000
AT_ONCE: Final = 2**20
"""Prompts drawn at once: 8 MB of them."""
MEASURES: Final = ("sum", "per_token")

Wins = Sequence[Mapping[str, float]]
"""Of each row, by measure: 1 where the preferred answer is likelier, 0 where the other is, ½ where both are alike."""


def win(chosen: float, rejected: float) -> float:
    return 0.5 if chosen == rejected else float(chosen > rejected)


def accuracy(values: Sequence[float], prompts: Sequence[str], *, seed: int) -> dict[str, float]:
    """The mean, and its interval."""
    import numpy as np

    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for value, prompt in zip(values, prompts, strict=True):
        sums[prompt] += value
        counts[prompt] += 1
    total, count = np.array([*sums.values()]), np.array([*counts.values()])
    lot, means = np.random.default_rng(seed), []
    at_once = max(1, AT_ONCE // len(total))
    for begun in range(0, TIMES, at_once):
        drawn = lot.integers(0, len(total), (min(at_once, TIMES - begun), len(total)))
        means.append(total[drawn].sum(1) / count[drawn].sum(1))
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return {"value": float(total.sum() / count.sum()), "low": float(low), "high": float(high)}


def measured(wins: Wins, prompts: Sequence[str], *, seed: int) -> dict[str, Any]:
    """Accuracy in each measure; null where there are too few rows."""
    if len(wins) < FEWEST:
        return dict.fromkeys(MEASURES)
    return {name: accuracy([each[name] for each in wins], prompts, seed=seed) for name in MEASURES}


def gained(wins: Wins, base: Wins, prompts: Sequence[str], *, seed: int) -> dict[str, Any]:
    """How much more often than its base the model is right, row by row."""
    if len(wins) < FEWEST:
        return dict.fromkeys(MEASURES)
    return {
        name: accuracy([one[name] - other[name] for one, other in zip(wins, base, strict=True)], prompts, seed=seed)
        for name in MEASURES
    }
