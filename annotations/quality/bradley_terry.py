"""How strong each of several models is, from pairs of their answers: Bradley-Terry with ties, the pull of a place and
that of length.

R. R. Davidson, "On Extending the Bradley-Terry Model to Accommodate Ties" (1970), with the effect of standing first
that R. R. Davidson and R. J. Beaver added (1977), and that of being longer as a covariate (as Chatbot Arena's style
control, 2024, takes it out): the first of a pair wins in proportion to exp((its strength - the other's) / 2 + first +
length * how much longer it is), the other to the inverse of it, and a tie to exp(tie). How much longer is the logarithm
of the ratio of both lengths. Intervals by resampling people: a few judge most, and intervals that take rows to be
independent are three to four times too narrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from annotations.quality.sampling import FEWEST_PEOPLE, Floats, Ints, chance_of, coded, drawn

RESAMPLES: Final = 200
RIDGE: Final = 1e-3
"""Holds a model that never lost at a finite strength."""
STEPS: Final = 50
STILL: Final = 1e-9
NEARLY_STILL: Final = 1e-4
"""Of a resample: Newton's next step would be of the square of it."""
LONGEST: Final = 2.0
"""A ratio of lengths beyond exp(2), about 7, tells no more."""
GRID: Final = 4
"""So many marks has a unit of that logarithm: lengths are read to some 13 %, so that pairs alike can be added up."""
PULLS: Final = ("first", "length", "tie")

FIRST, SECOND, TIE = 0, 1, 2


@dataclass(frozen=True)
class Strengths:
    """`models` sorted, their strengths in logits summing to 0, each with a 95 % interval; `first` the pull of standing
    first, `length` that of being e times as long, `tie` that of a tie, in logits; `ends` are their intervals, by name.

    Where models were never compared, however far around, `undefined` is `not_connected` and nothing has a value; below
    five people there is no interval.
    """

    models: npt.NDArray[Any]
    strength: Floats | None
    low: Floats | None
    high: Floats | None
    first: float | None
    tie: float | None
    length: float | None = None
    undefined: Literal["", "not_connected"] = ""
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def strengths(
    *,
    firsts: npt.ArrayLike,
    seconds: npt.ArrayLike,
    outcomes: npt.ArrayLike,
    people: npt.ArrayLike,
    longer: npt.ArrayLike | None = None,
    resamples: int = RESAMPLES,
) -> Strengths:
    """Strengths from judgements of pairs, given as columns of one length, one at least, in any order.

    Args:
        firsts: the model whose answer stood first.
        seconds: the other one, never the same.
        outcomes: `FIRST`, `SECOND` or `TIE`.
        people: who judged.
        longer: the logarithm of how many times as long as the second the first is; without it length pulls nobody.
        resamples: how many times people are drawn for the intervals.
    """
    models, both = coded(np.concatenate([np.asarray(firsts), np.asarray(seconds)]))
    first, second = np.split(both, 2)
    person, outcome = coded(people)[1], np.asarray(outcomes, np.int64)
    longer = np.zeros(len(first)) if longer is None else np.asarray(longer, np.float64)
    mark = np.rint(GRID * np.clip(longer, -LONGEST, LONGEST)).astype(np.int64)
    order = np.lexsort((mark, outcome, second, first, person))
    first, second, person, outcome, mark = (column[order] for column in (first, second, person, outcome, mark))
    if groups(first, second, len(models)).any():
        return Strengths(models, None, None, None, None, None, undefined="not_connected")
    pairs, pair = _pairs(first, second, mark, len(models))
    found = _fit(pairs, _counts(pair, outcome, np.ones(len(pair))), np.zeros(len(models) + len(PULLS)))
    ends = _intervals(pairs, pair, outcome, person, found, resamples)
    return _told(models, found, ends)


def _told(models: npt.NDArray[Any], found: Floats, ends: Floats | None) -> Strengths:
    many = len(models)
    first, length, tie = (float(each) for each in found[many:])
    if ends is None:
        return Strengths(models, found[:many], None, None, first, tie, length)
    of_pulls = {name: (float(low), float(high)) for name, low, high in zip(PULLS, *ends[:, many:], strict=True)}
    return Strengths(models, found[:many], ends[0, :many], ends[1, :many], first, tie, length, ends=of_pulls)


def groups(first: Ints, second: Ints, models: int) -> Ints:
    """Of each model the lowest one to which one comes from it by way of comparisons: all 0 where they are connected."""
    group = np.arange(models)
    while True:
        before = group.copy()
        np.minimum.at(group, first, group[second])
        np.minimum.at(group, second, group[first])
        if np.array_equal(before, group):
            return group


@dataclass(frozen=True)
class _Pairs:
    """Meetings that are alike: who stood first, who second, and how much longer the first is."""

    one: Ints
    other: Ints
    longer: Floats


def _pairs(first: Ints, second: Ints, mark: Ints, models: int) -> tuple[_Pairs, Ints]:
    """The distinct ones, and each row's place among them."""
    lowest, marks = round(-GRID * LONGEST), round(2 * GRID * LONGEST) + 1
    alike, pair = coded((first * models + second) * marks + mark - lowest)
    met, longer = alike // marks, (alike % marks + lowest) / GRID
    return _Pairs(met // models, met % models, longer), pair


def _counts(pair: Ints, outcome: Ints, weight: Floats) -> Floats:
    """Pairs in the order they were shown, by outcome."""
    return np.asarray(np.bincount(pair * 3 + outcome, weight, (int(pair.max()) + 1) * 3), np.float64).reshape(-1, 3)


def _fit(pairs: _Pairs, counts: Floats, start: Floats, still: float = STILL) -> Floats:
    """The likeliest parameters by Newton's steps: strengths centred on 0, then `PULLS`."""
    now, models = start, len(start) - len(PULLS)
    for _ in range(STEPS):
        step = np.clip(np.linalg.solve(*_curve(pairs, counts, now)), -2, 2)
        now = now + step
        if np.abs(step).max() < still:
            break
    return np.concatenate([now[:models] - now[:models].mean(), now[models:]])


def _curve(pairs: _Pairs, counts: Floats, now: Floats) -> tuple[Floats, Floats]:
    """How the likelihood bends and how it rises at these parameters. A pair has two logits of its own: `lead`, half
    the difference of strengths and what pulls, against its inverse; and `tie`."""
    models, judged = len(now) - len(PULLS), counts.sum(axis=1)
    pulled = np.stack([np.ones_like(pairs.longer), pairs.longer])
    lead = (now[pairs.one] - now[pairs.other]) / 2 + now[models:-1] @ pulled
    wins, loses, ties = _chances(lead, now[-1])
    rise_lead = counts[:, FIRST] - counts[:, SECOND] - judged * (wins - loses)
    bend_lead = judged * (wins + loses - (wins - loses) ** 2)
    bend_both = -judged * ties * (wins - loses)

    def per_model(of_pair: Floats) -> Floats:
        return np.asarray(np.bincount(pairs.one, of_pair, models) - np.bincount(pairs.other, of_pair, models)) / 2

    rise_pulls = np.append(pulled @ rise_lead, (counts[:, TIE] - judged * ties).sum())
    rise = np.append(per_model(rise_lead), rise_pulls) - RIDGE * now
    bend = RIDGE * np.eye(len(now))
    met = np.bincount(pairs.one * models + pairs.other, bend_lead / 4, models**2).reshape(models, models)
    bend[:models, :models] += np.diag(met.sum(axis=0) + met.sum(axis=1)) - met - met.T
    of_pulls = np.stack([*(per_model(bend_lead * each) for each in pulled), per_model(bend_both)])
    bend[models:, :models], bend[:models, models:] = of_pulls, of_pulls.T
    bend[models:-1, models:-1] += (pulled * bend_lead) @ pulled.T
    bend[models:-1, -1] = bend[-1, models:-1] = pulled @ bend_both
    bend[-1, -1] += (judged * ties * (1 - ties)).sum()
    return bend, rise


def _chances(lead: Floats, tie: float) -> Floats:
    """Of winning, losing and a tie."""
    logits = np.stack([lead, -lead, np.full_like(lead, tie)])
    chances = np.exp(logits - logits.max(axis=0))
    return np.asarray(chances / chances.sum(axis=0))


def _intervals(pairs: _Pairs, pair: Ints, outcome: Ints, person: Ints, start: Floats, resamples: int) -> Floats | None:
    """Both ends of every parameter."""
    people = int(person.max()) + 1
    if people < FEWEST_PEOPLE or not resamples:
        return None
    chance = chance_of(pair, outcome, person)
    weights = (drawn(chance, people)[person] for _ in range(resamples))
    tries = [_fit(pairs, _counts(pair, outcome, weight), start, NEARLY_STILL) for weight in weights]
    return np.asarray(np.percentile(np.stack(tries), (2.5, 97.5), axis=0))
