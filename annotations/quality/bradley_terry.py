"""How strong each of several models is, from pairs of their answers: Bradley-Terry with ties and the pull of a place.

R. R. Davidson, "On Extending the Bradley-Terry Model to Accommodate Ties" (1970), with the effect of standing first
that R. R. Davidson and R. J. Beaver added (1977): the first of a pair wins in proportion to exp((its strength - the
other's) / 2 + first), the other to the inverse of it, and a tie to exp(tie). Intervals by resampling people: a few
judge most, and intervals that take rows to be independent are three to four times too narrow.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from annotations.quality.sampling import FEWEST_PEOPLE, Floats, Ints, chance_of, coded, drawn

RESAMPLES: Final = 200
RIDGE: Final = 1e-3
"""Holds a model that never lost at a finite strength."""
STEPS: Final = 50
STILL: Final = 1e-9

FIRST, SECOND, TIE = 0, 1, 2


@dataclass(frozen=True)
class Strengths:
    """`models` sorted, their strengths in logits summing to 0, each with a 95 % interval; `first` the pull of standing
    first, `tie` that of a tie, in logits.

    Where models were never compared, however far around, `undefined` is `not_connected` and nothing has a value; below
    five people there is no interval.
    """

    models: npt.NDArray[Any]
    strength: Floats | None
    low: Floats | None
    high: Floats | None
    first: float | None
    tie: float | None
    undefined: Literal["", "not_connected"] = ""


def strengths(
    *,
    firsts: npt.ArrayLike,
    seconds: npt.ArrayLike,
    outcomes: npt.ArrayLike,
    people: npt.ArrayLike,
    resamples: int = RESAMPLES,
) -> Strengths:
    """Strengths from judgements of pairs, given as columns of one length, one at least, in any order.

    Args:
        firsts: the model whose answer stood first.
        seconds: the other one, never the same.
        outcomes: `FIRST`, `SECOND` or `TIE`.
        people: who judged.
        resamples: how many times people are drawn for the intervals.
    """
    models, both = coded(np.concatenate([np.asarray(firsts), np.asarray(seconds)]))
    first, second = np.split(both, 2)
    person, outcome = coded(people)[1], np.asarray(outcomes, np.int64)
    order = np.lexsort((outcome, second, first, person))
    first, second, person, outcome = (column[order] for column in (first, second, person, outcome))
    if not _connected(first, second, len(models)):
        return Strengths(models, None, None, None, None, None, "not_connected")
    met, pair = coded(first * len(models) + second)
    pairs = np.stack([met // len(models), met % len(models)])
    found = _fit(pairs, _counts(pair, outcome, np.ones(len(pair))), np.zeros(len(models) + 2))
    low, high = _intervals(pairs, pair, outcome, person, found, resamples)
    return Strengths(models, found[:-2], low, high, float(found[-2]), float(found[-1]))


def _connected(first: Ints, second: Ints, models: int) -> bool:
    """Whether from each model one comes to every other by way of comparisons."""
    group = np.arange(models)
    while True:
        before = group.copy()
        np.minimum.at(group, first, group[second])
        np.minimum.at(group, second, group[first])
        if np.array_equal(before, group):
            return not group.any()


def _counts(pair: Ints, outcome: Ints, weight: Floats) -> Floats:
    """Pairs in the order they were shown, by outcome."""
    return np.asarray(np.bincount(pair * 3 + outcome, weight, (int(pair.max()) + 1) * 3), np.float64).reshape(-1, 3)


def _fit(pairs: Ints, counts: Floats, start: Floats) -> Floats:
    """The likeliest parameters by Newton's steps: strengths centred on 0, then `first`, then `tie`."""
    now, models = start, len(start) - 2
    for _ in range(STEPS):
        step = np.clip(np.linalg.solve(*_curve(pairs, counts, now)), -2, 2)
        now = now + step
        if np.abs(step).max() < STILL:
            break
    return np.concatenate([now[:models] - now[:models].mean(), now[models:]])


def _curve(pairs: Ints, counts: Floats, now: Floats) -> tuple[Floats, Floats]:
    """How the likelihood bends and how it rises at these parameters. A pair has two logits of its own: `lead`, half
    the difference of strengths and `first`, against its inverse; and `tie`."""
    (one, other), models, judged = pairs, len(now) - 2, counts.sum(axis=1)
    lead = (now[one] - now[other]) / 2 + now[models]
    wins, loses, ties = _chances(lead, now[-1])
    rise_lead = counts[:, FIRST] - counts[:, SECOND] - judged * (wins - loses)
    bend_lead = judged * (wins + loses - (wins - loses) ** 2)
    bend_both = -judged * ties * (wins - loses)

    def per_model(of_pair: Floats) -> Floats:
        return np.asarray(np.bincount(one, of_pair, models) - np.bincount(other, of_pair, models)) / 2

    rise = np.append(per_model(rise_lead), [rise_lead.sum(), (counts[:, TIE] - judged * ties).sum()]) - RIDGE * now
    bend = RIDGE * np.eye(len(now))
    met = np.bincount(one * models + other, bend_lead / 4, models**2).reshape(models, models)
    bend[:models, :models] += np.diag(met.sum(axis=0) + met.sum(axis=1)) - met - met.T
    bend[:models, models] = bend[models, :models] = per_model(bend_lead)
    bend[:models, -1] = bend[-1, :models] = per_model(bend_both)
    bend[models:, models:] += [
        [bend_lead.sum(), bend_both.sum()],
        [bend_both.sum(), (judged * ties * (1 - ties)).sum()],
    ]
    return bend, rise


def _chances(lead: Floats, tie: float) -> Floats:
    """Of winning, losing and a tie."""
    logits = np.stack([lead, -lead, np.full_like(lead, tie)])
    chances = np.exp(logits - logits.max(axis=0))
    return np.asarray(chances / chances.sum(axis=0))


def _intervals(
    pairs: Ints, pair: Ints, outcome: Ints, person: Ints, start: Floats, resamples: int
) -> tuple[Floats | None, Floats | None]:
    people = int(person.max()) + 1
    if people < FEWEST_PEOPLE or not resamples:
        return None, None
    chance = chance_of(pair, outcome, person)
    tries = [_fit(pairs, _counts(pair, outcome, drawn(chance, people)[person]), start)[:-2] for _ in range(resamples)]
    low, high = np.percentile(np.stack(tries), (2.5, 97.5), axis=0)
    return low, high
