"""What an item is, as far as its judgements and what is known of who made them can tell.

A. P. Dawid and A. M. Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm" (1979): each
person has a table of how they call what is there. Alone it trusts a table made of three judgements; here a person's
table is shrunk towards that of the variety they judge as, and the variety's towards that of all, each by so many
judgements' weight. Somebody who judged little is read as their variety is read, and a variety that calls things its own
way is read in its own way: that is no error of its people.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from annotations.quality.sampling import Floats, Ints, coded

TO_VARIETY: Final = 4.0
"""Judgements of one class that weigh as much as what the variety is known to say of it."""
TO_ALL: Final = 20.0
"""The same for a variety among all."""
TO_TRUTH: Final = 1.0
"""And for all: that what is there is called by its name."""
ROUNDS: Final = 50
STILL: Final = 1e-3
"""No belief changes by more: there is nothing left to learn."""


@dataclass(frozen=True)
class Fit:
    """`units` sorted; `belief`, units by classes, sums to 1 in each row; `confusion`, varieties by what is there by
    what is said of it, each row sums to 1, with the `varieties` sorted."""

    units: npt.NDArray[Any]
    belief: Floats
    varieties: npt.NDArray[Any]
    confusion: Floats

    def answers(self) -> Ints:
        """The likeliest class of each unit; the first of them where they are level."""
        return np.asarray(self.belief.argmax(axis=1), np.int64)


@dataclass(frozen=True)
class _Rows:
    """Judgements, sorted by unit: where each unit begins, codes of judge (a person in a variety) and of what was said.
    `at` is the place of judge and said in a table of all judges; `variety_of` the variety of each judge."""

    begins: Ints
    judge: Ints
    at: Ints
    variety_of: Ints
    classes: int

    def of_each(self, belief: Floats) -> Floats:
        """Classes by judgements: the belief in the unit that was judged. Beliefs are classes by units in here."""
        return np.repeat(belief, np.diff(self.begins, append=len(self.at)), axis=1)

    def counts(self, own: Floats) -> Floats:
        """How often each judge said what of what is believed to be there: judges by there by said."""
        size = len(self.variety_of) * self.classes
        of_class = [np.bincount(self.at, there, size).reshape(-1, self.classes) for there in own]
        return np.stack(of_class, 1)

    def confusion(self, counts: Floats) -> Floats:
        """How each variety calls what is there, shrunk towards how all do; each row of a table sums to 1."""
        of_variety = np.add.reduceat(counts, np.flatnonzero(np.diff(self.variety_of, prepend=-1)))
        named = np.eye(self.classes) * 0.5 + 0.5 / self.classes
        return _shrunk(of_variety, _shrunk(of_variety.sum(axis=0), named, TO_TRUTH), TO_ALL)

    def belief(self, own: Floats, counts: Floats, confusion: Floats, prior: Floats) -> Floats:
        """What is there, from what was said of it, each judgement read by what its judge said of everything else: who
        said one thing only is read as their variety, and nobody's word explains itself away."""
        tables = counts + TO_VARIETY * confusion[self.variety_of]
        logs = np.empty((self.classes, len(self.begins)))
        for there in range(self.classes):
            table = np.ascontiguousarray(tables[:, there])
            said = table.ravel()[self.at] - own[there]
            of_all = table.sum(axis=1)[self.judge] - own[there]
            logs[there] = np.log(prior[there]) + np.add.reduceat(np.log(said / of_all), self.begins)
        chances = np.exp(logs - logs.max(axis=0))
        return np.asarray(chances / chances.sum(axis=0))


def _shares(units: Ints, said: Ints, classes: int) -> Floats:
    """What to begin with: of what was said of each unit, how much named which class."""
    many = int(units[-1]) + 1
    counts = np.bincount(said * many + units, minlength=classes * many).reshape(classes, many)
    return np.asarray(counts / counts.sum(axis=0), np.float64)


def _shrunk(counts: Floats, towards: Floats, weight: float) -> Floats:
    return np.asarray((counts + weight * towards) / (counts.sum(axis=-1, keepdims=True) + weight))


def fit(
    *, units: npt.ArrayLike, people: npt.ArrayLike, said: npt.ArrayLike, varieties: npt.ArrayLike, classes: int
) -> Fit:
    """Settle units judged by people, given as columns of one length, one judgement at least, in any order.

    Args:
        units: what was judged.
        people: by whom.
        said: the class that was named, from 0 to `classes` - 1.
        varieties: as a speaker of what.
        classes: how many there are.
    """
    names, unit = coded(units)
    tags, variety = coded(varieties)
    person, label = coded(people)[1], np.asarray(said, np.int64)
    pairs, judge = coded(variety * (int(person.max()) + 1) + person)  # judges of a variety stand together
    order = np.lexsort((label, judge, unit))
    unit, judge, label = unit[order], judge[order], label[order]
    begins = np.flatnonzero(np.diff(unit, prepend=-1))
    rows = _Rows(begins, judge, judge * classes + label, pairs // (int(person.max()) + 1), classes)
    belief = _shares(unit, label, classes)
    for _ in range(ROUNDS):
        own = rows.of_each(belief)
        counts = rows.counts(own)
        confusion = rows.confusion(counts)
        prior = _shrunk(belief.sum(axis=1), np.full(classes, 1 / classes), 1.0)
        before, belief = belief, rows.belief(own, counts, confusion, prior)
        if np.abs(belief - before).max() < STILL:
            break
    return Fit(names, np.ascontiguousarray(belief.T), tags, confusion)
