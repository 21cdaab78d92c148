"""From pairs and points to numbers. The night's work: numpy comes with this module, which the action imports inside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import log
from typing import Any, Final, NamedTuple

import numpy as np

from annotations.quality import bradley_terry as bt
from annotations.quality.sampling import FEWEST_PEOPLE, Floats, Ints, chance_of, coded, drawn
from annotations.training.boards.battles import POINTS
from annotations.training.boards.columns import THOUSAND, Mask, Part, Scores, Votes
from annotations.training.boards.models import Board
from annotations.training.boards.rules import FEWEST_VOTES, ranks, share

VERSION: Final = f"1, numpy {np.__version__}"
RESAMPLES: Final = 200
TWICE: Final = log(2)

Line = dict[str, Any]
"""A model on a board: `value` with `low` and `high` is the share of meetings with an average one that it gets, or the
mean of its points; `best` and `worst` are its ranks. Without a number `why` says it: too `few` votes or people, or
never compared with the others (`apart`)."""


@dataclass
class Measured:
    """A board that is still to be kept. Of a part with too few people all but the models' names is empty."""

    part: Part
    lines: list[Line]
    votes: int | None = None
    people: int | None = None
    left_out: int | None = None
    pulls: dict[str, list[float]] = field(default_factory=dict)


class Count(NamedTuple):
    """Of a model: votes, people; pairs, and of these won, level, and level because both were bad."""

    votes: int
    people: int
    met: int = 0
    won: int = 0
    level: int = 0
    both_bad: int = 0


class Limits(NamedTuple):
    """Fewest votes of a model, and fewest people of it and of a board."""

    votes: int
    people: int

    def allow(self, count: Count) -> bool:
        return count.votes >= self.votes and count.people >= self.people


def limits(small_cell: int) -> Limits:
    """Never fewer people than `FEWEST_PEOPLE`, also where the house lets a variety of fewer have pseudonyms."""
    return Limits(FEWEST_VOTES, max(FEWEST_PEOPLE, small_cell))


# Votes --------------------------------------------------------------------------------------------------------------


def vote_boards(votes: Votes, fewest: Limits) -> Iterator[Measured]:
    for part, rows in votes.parts():
        yield _vote_board(votes, part, rows, fewest)


def _vote_board(votes: Votes, part: Part, rows: Mask, fewest: Limits) -> Measured:
    names, blind = votes.models, rows & (votes["named"] == 0)
    inside = np.union1d(votes["first"][rows], votes["second"][rows]).tolist()
    people = votes.people(blind)
    if people < fewest.people:
        return Measured(part, _silent(names[each] for each in inside))
    board = Measured(part, [], len(np.unique(votes["said"][blind])), people, int(rows.sum() - blind.sum()))
    together, every = _together(votes, blind, fewest), _counts(votes, blind)
    if together:
        counts, strong = _counts(votes, together.rows), _strong(votes, together.rows)
        board.lines = _ranked(_line(names[each], counts[each], strong[each]) for each in together.models)
        board.pulls = strong.pulls
    left = set(inside) - (together.models if together else set())
    apart = {each for each in left if together and fewest.allow(every[each])}
    board.lines += _silent(names[each] for each in left - apart)
    board.lines += _silent((names[each] for each in apart), "apart")
    return board


class _Together(NamedTuple):
    """Models that are ranked together, and the pairs in which two of them met."""

    models: set[int]
    rows: Mask


def _together(votes: Votes, rows: Mask, fewest: Limits) -> _Together | None:
    """Of models that were compared, however far around, the largest group in which each has enough votes of others in
    it. One that has hardly been judged is not among them: it would move the average that all are measured by."""
    models = set(range(len(votes.models)))
    while len(models) > 1:
        first, second = votes["first"][rows], votes["second"][rows]
        group = bt.groups(first, second, len(votes.models))
        largest = int(np.bincount(group[first]).argmax()) if len(first) else 0
        counts = _counts(votes, rows)
        left = {each for each in models if group[each] == largest and fewest.allow(counts[each])}
        if left == models:
            return _Together(models, rows)
        models, kept = left, list(left)
        rows = rows & np.isin(votes["first"], kept) & np.isin(votes["second"], kept)
    return None


def _counts(votes: Votes, rows: Mask) -> list[Count]:
    """Of every model: in how many votes, of how many people, and how its pairs came out."""
    first, second, outcome, bad = (votes[name][rows] for name in ("first", "second", "outcome", "bad"))
    many, both = len(votes.models), np.concatenate([first, second])
    said, person, known = (np.tile(votes[name][rows], 2) for name in ("said", "person", "known"))
    won = np.bincount(first[outcome == bt.FIRST], minlength=many)
    won += np.bincount(second[outcome == bt.SECOND], minlength=many)
    met, level, poor = (
        np.bincount(np.concatenate([first[which], second[which]]), minlength=many)
        for which in (outcome >= 0, outcome == bt.TIE, bad == 1)
    )
    told = (_distinct(said, both, many), _judges(person, known, both, many), met, won, level, poor)
    return [Count(*(int(each) for each in row)) for row in zip(*told, strict=True)]


class _Strong:
    """Strengths by the number of a model, and what pulls."""

    def __init__(self, found: bt.Strengths, at: dict[int, int]) -> None:
        self._found, self._at = found, at

    def __getitem__(self, model: int) -> dict[str, float]:
        """Its strength in logits, and which share of its meetings with an average model it gets, both with an interval:
        neither standing first nor longer."""
        found, place = self._found, self._at[model]
        assert found.strength is not None
        assert found.low is not None
        assert found.high is not None
        assert found.tie is not None
        ends = {"": found.strength[place], "low": found.low[place], "high": found.high[place]}
        strengths = {f"strength_{name}".rstrip("_"): float(each) for name, each in ends.items()}
        return strengths | {name or "value": share(float(each) / 2, found.tie) for name, each in ends.items()}

    @property
    def pulls(self) -> dict[str, list[float]]:
        """How much more of its meetings, of two that are level, who stands first gets, and who is twice as long; each
        with its interval. In parts of one."""
        found = self._found
        assert found.first is not None
        assert found.length is not None
        assert found.tie is not None
        tie, told = found.tie, {"first": [found.first, *found.ends["first"]]}
        told["length"] = [TWICE * each for each in (found.length, *found.ends["length"])]
        return {name: [_round(share(each, tie) - 0.5) for each in several] for name, several in told.items()}


def _strong(votes: Votes, rows: Mask) -> _Strong:
    """Models go in by the order of their names and people by their keys, so that the same votes give the same."""
    order = np.argsort(np.asarray(votes.models)).tolist()
    place = np.zeros(len(order), np.int64)
    place[order] = np.arange(len(order))
    found = bt.strengths(
        firsts=place[votes["first"][rows]], seconds=place[votes["second"][rows]], outcomes=votes["outcome"][rows],
        people=votes["person"][rows], longer=votes["longer"][rows] / THOUSAND, resamples=RESAMPLES,
    )  # fmt: skip
    return _Strong(found, {order[model]: at for at, model in enumerate(found.models.tolist())})


# Scores -------------------------------------------------------------------------------------------------------------


def score_boards(scores: Scores, fewest: Limits) -> Iterator[Measured]:
    """Of each aspect, of all varieties and domains together."""
    for part, rows in scores.parts():
        if part.facet == Board.Facet.ALL:
            for aspect in POINTS:
                yield _score_board(scores, part._replace(facet=Board.Facet.ASPECT, value=aspect), rows, fewest)


def _score_board(scores: Scores, part: Part, rows: Mask, fewest: Limits) -> Measured:
    names, blind = scores.models, rows & (scores["named"] == 0)
    inside, people = np.unique(scores["model"][rows]).tolist(), scores.people(blind)
    if people < fewest.people:
        return Measured(part, _silent(names[each] for each in inside))
    model, person, known, points = (scores[name][blind] for name in ("model", "person", "known", part.value))
    judges, means = _judges(person, known, model, len(names)), _means(model, person, points, len(names))
    counts = [Count(int(n), int(m)) for n, m in zip(np.bincount(model, minlength=len(names)), judges, strict=True)]
    shown = [each for each in inside if fewest.allow(counts[each])]
    board = Measured(part, [], int(blind.sum()), people, int(rows.sum() - blind.sum()))
    ends = {each: dict(zip(("value", "low", "high"), means[:, each], strict=True)) for each in shown}
    board.lines = _ranked(_line(names[each], counts[each], ends[each]) for each in shown)
    board.lines += _silent(names[each] for each in inside if each not in shown)
    return board


def _means(model: Ints, person: Ints, points: Ints, many: int) -> Floats:
    """The mean of each model's points and both ends of its 95 % interval, by resampling people."""
    order = np.lexsort((points, model, person))
    model, person, points = model[order], coded(person[order])[1], points[order]
    people, chance = int(person.max()) + 1, chance_of(model, person, points)

    def mean(weight: Floats) -> Floats:
        total = np.bincount(model, weight, many)
        return np.asarray(np.bincount(model, weight * points, many) / np.where(total, total, np.nan))

    found = mean(np.ones(len(points)))
    tries = np.stack([mean(drawn(chance, people)[person]) for _try in range(RESAMPLES)])
    low, high = np.percentile(np.where(np.isnan(tries), found, tries), (2.5, 97.5), axis=0)
    return np.stack([found, low, high])


# Both ---------------------------------------------------------------------------------------------------------------


def _line(name: str, count: Count, facts: dict[str, float]) -> Line:
    told: Line = {"model": name, "votes": count.votes, "people": count.people}
    told |= {name: _round(value) for name, value in facts.items()}
    if count.met:
        parts = {"won": count.won, "level": count.level, "lost": count.met - count.won - count.level,
                 "both_bad": count.both_bad}  # fmt: skip
        told |= {name: _round(part / count.met) for name, part in parts.items()}
    return told


def _ranked(found: Iterable[Line]) -> list[Line]:
    """The best first."""
    lines = sorted(found, key=lambda line: (-line["value"], line["model"]))
    of_each = ranks([(line["low"], line["high"]) for line in lines])
    return [line | {"best": best, "worst": worst} for line, (best, worst) in zip(lines, of_each, strict=True)]


def _silent(names: Iterable[str], why: str = "few") -> list[Line]:
    return [{"model": name, "why": why} for name in sorted(names)]


def _distinct(what: Ints, model: Ints, many: int) -> Ints:
    """How many different ones each model has."""
    known, codes = coded(what)
    both = np.unique(codes * many + model) if len(known) else codes
    return np.asarray(np.bincount(both % many, minlength=many), np.int64)


def _judges(person: Ints, known: Ints, model: Ints, many: int) -> Ints:
    """How many people judged each model; whoever is there no more is nobody."""
    return _distinct(person[known == 1], model[known == 1], many)


def _round(number: float) -> float:
    return round(float(number), 4)
