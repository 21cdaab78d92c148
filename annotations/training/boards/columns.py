"""Votes and scores as columns of numbers, some 100 bytes for a pair: a million of them fit where a worker fits."""

from array import array
from collections.abc import Iterable, Iterator
from math import log
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from annotations.quality import bradley_terry as bt
from annotations.quality.sampling import Ints
from annotations.training.boards.battles import FIRST, POINTS, SECOND, Battle, Scored
from annotations.training.boards.models import Board

Mask = npt.NDArray[np.bool_]
THOUSAND: Final = 1_000
"""Logarithms are kept in thousandths."""


class Part(NamedTuple):
    """A part of everything: which facet, its value, and whether only prompts that never train are in it."""

    facet: str
    value: str
    evaluate: bool


class Codes:
    """Words as small numbers, in the order in which they came."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def of(self, word: Any) -> int:
        return self.known.setdefault(word, len(self.known))

    @property
    def words(self) -> list[Any]:
        return list(self.known)


class Table:
    """What is told, by the row. `known` where somebody is still behind it."""

    names: tuple[str, ...] = ("said", "variety", "domain", "evaluate", "named", "person", "known")

    def __init__(self) -> None:
        self.codes = {name: Codes() for name in ("variety", "domain", "model")}
        self._columns = {name: array("q") for name in self.names}
        self._last, self._said = "", 0

    def __getitem__(self, name: str) -> Ints:
        return np.asarray(self._columns[name], np.int64)

    @property
    def models(self) -> list[str]:
        """Their names, by their numbers."""
        return self.codes["model"].words

    def _add(self, told: Battle | Scored, **facts: int) -> None:
        facts |= {name: self.codes[name].of(getattr(told, name)) for name in ("variety", "domain")}
        self._said += told[0] != self._last  # all of one vote come together
        self._last = told[0]
        facts |= {
            "said": self._said, "evaluate": told.role == "evaluate", "named": told.names_itself,
            "person": told.person, "known": told.person > 0,
        }  # fmt: skip
        for name, column in self._columns.items():
            column.append(facts[name])

    def people(self, rows: Mask) -> int:
        """How many different ones; whoever is there no more is nobody."""
        return len(np.unique(self["person"][rows & (self["known"] == 1)]))

    def parts(self) -> Iterator[tuple[Part, Mask]]:
        """Every facet with every value that is in it, of all prompts and of those that never train."""
        for evaluate in (False, True):
            rows = self["evaluate"] >= evaluate
            if not rows.any():
                continue
            yield Part(Board.Facet.ALL, "", evaluate), rows
            for facet in (Board.Facet.VARIETY, Board.Facet.DOMAIN):
                for value, code in sorted(self.codes[facet.value].known.items()):
                    inside = rows & (self[facet.value] == code)
                    if value and inside.any():
                        yield Part(facet, value, evaluate), inside


class Votes(Table):
    """Pairs."""

    names = (*Table.names, "first", "second", "outcome", "bad", "longer")

    def add(self, battle: Battle) -> None:
        model = self.codes["model"]
        longer = log(max(battle.first_length, 1) / max(battle.second_length, 1))
        self._add(
            battle, first=model.of(battle.first_model), second=model.of(battle.second_model),
            outcome={FIRST: bt.FIRST, SECOND: bt.SECOND}.get(battle.outcome, bt.TIE), bad=battle.outcome == "both_bad",
            longer=round(THOUSAND * longer),
        )  # fmt: skip

    def passing(self, battles: Iterable[Battle]) -> Iterator[Battle]:
        for battle in battles:
            self.add(battle)
            yield battle


class Scores(Table):
    """Scores, a column for each aspect."""

    names = (*Table.names, "model", *POINTS)

    def add(self, score: Scored) -> None:
        self._add(score, model=self.codes["model"].of(score.model), **dict(zip(POINTS, score.points, strict=True)))

    def passing(self, scores: Iterable[Scored]) -> Iterator[Scored]:
        for score in scores:
            self.add(score)
            yield score
