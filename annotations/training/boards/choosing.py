"""Which two models meet next. Half of the pairs are drawn evenly and half by how much their meeting would tell, while
any of the models has hardly been judged in that variety; from then on all are drawn evenly.

How much a meeting tells is log(1 + p (1 - p) variance): p is how likely one of them is to be preferred, by what the
board says, and the variance is that of the difference of both strengths (information gain as in Chouliaras and
Chatzopoulos, arXiv 2511.12796). With 30 models it is worth something up to some 500 judgements and nothing beyond. The
chance of the pair that was drawn is kept, so that whoever counts can weigh.
"""

from collections.abc import Mapping, Sequence
from math import exp, log1p
from random import Random
from typing import Final, NamedTuple

SCARCE: Final = 100
"""Judgements of a model in a variety, below which it is drawn for what it tells, too."""
EVENLY: Final = 0.5
UNSURE: Final = 1.0
"""The variance of a strength of which nothing is known, in logits."""


class Strength(NamedTuple):
    """What is known of a model: its strength, and the variance of that."""

    mean: float = 0.0
    variance: float = UNSURE


class Drawn(NamedTuple):
    """Which of several was drawn, and with which chance."""

    place: int
    chance: float


def gain(one: Strength, other: Strength) -> float:
    """How much a meeting of these two would tell."""
    preferred = 1 / (1 + exp(-max(-30.0, min(30.0, one.mean - other.mean))))
    return log1p(preferred * (1 - preferred) * (one.variance + other.variance))


def chances(new: Strength, rivals: Sequence[Strength], *, scarce: bool) -> list[float]:
    """With which chance each rival is met; they add up to 1, and none is 0."""
    evenly = 1 / len(rivals)
    gains = [gain(new, rival) for rival in rivals]
    if not scarce or not (whole := sum(gains)):
        return [evenly] * len(rivals)
    return [EVENLY * evenly + (1 - EVENLY) * each / whole for each in gains]


def draw(of: Sequence[float], seed: str) -> Drawn:
    """One of these chances, the same for the same seed."""
    place = Random(seed).choices(range(len(of)), of)[0]  # noqa: S311 -- reproducible, no secret
    return Drawn(place, of[place])


def is_scarce(models: Sequence[int], judged: Mapping[int, int]) -> bool:
    """Whether one of these models has hardly been judged."""
    return any(judged.get(model, 0) < SCARCE for model in models)
