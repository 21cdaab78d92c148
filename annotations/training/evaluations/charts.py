"""An evaluation as numbers a template draws: whole units of a box. No words in a picture (`quality/charts.py`)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from annotations.flagging.models import BiasCategory
from annotations.people.models import Variety
from annotations.quality.charts import WIDE
from annotations.training.evaluations.models import Evaluation

Cell = Mapping[str, Any]
MEASURE: Final = "sum"
"""Of the two, what DPO trains; the other stands in the numbers."""


@dataclass(frozen=True)
class Row:
    """A part of the held-out pairs: how often the model is right, how far that may be off, and its base."""

    name: str
    cell: Cell

    @property
    def model(self) -> dict[str, int] | None:
        """In units, from never to always."""
        return _places(self.cell["model"], WIDE)

    @property
    def base(self) -> dict[str, int] | None:
        return _places(self.cell["base"], WIDE)

    @property
    def percent(self) -> dict[str, dict[str, int] | None]:
        return {who: _places(self.cell[who], 100) for who in ("model", "base", "gain")}

    @property
    def per_token(self) -> dict[str, dict[str, int] | None]:
        return {who: _places(self.cell[who], 100, "per_token") for who in ("model", "base", "gain")}


def _places(told: Cell | None, whole: int, measure: str = MEASURE) -> dict[str, int] | None:
    share = (told or {}).get(measure)
    return share and {name: round(whole * share[name]) for name in ("value", "low", "high")}


@dataclass(frozen=True)
class Bar:
    """Items that were flagged: of how many the model passes, and its base."""

    name: str
    cell: Cell

    @property
    def model(self) -> int:
        return self._wide("model")

    @property
    def base(self) -> int | None:
        return None if self.cell["base"] is None else self._wide("base")

    def _wide(self, who: str) -> int:
        return WIDE * self.cell[who] // self.cell["items"] if self.cell["items"] else 0


@dataclass(frozen=True)
class Drawn:
    """What the page of a run shows: parts of the held-out pairs and of what was flagged, each group under its title."""

    evaluation: Evaluation
    pairs: list[tuple[str, list[Row]]]
    flagged: list[tuple[str, list[Bar]]]

    @property
    def passed(self) -> Cell | None:
        flagged: Cell | None = self.evaluation.told["flagged"]
        return flagged

    @property
    def loss(self) -> Cell | None:
        loss: Cell | None = self.evaluation.told["sft"]
        return loss


def drawn(evaluation: Evaluation) -> Drawn:
    told = evaluation.told
    pairs, flagged = told["preference"], told["flagged"]
    names = _names(_tags(pairs) | _tags(flagged))
    return Drawn(evaluation, [*_pairs(pairs, names)] if pairs else [], [*_bars(flagged, names)] if flagged else [])


def _tags(told: Cell | None) -> set[str]:
    return set(told["variety"]) if told else set()


def _names(tags: set[str]) -> dict[str, str]:
    return {tag: row.own_name for tag, row in Variety.objects.in_bulk(tags).items()}


def _pairs(told: Cell, names: Mapping[str, str]) -> Iterator[tuple[str, list[Row]]]:
    yield _("All of it"), [Row(_("All of it"), told["held_out"])]
    for title, kind in ((_("By variety"), "variety"), (_("By domain"), "domain")):
        if rows := [Row(names.get(name, name), cell) for name, cell in _most_first(told[kind], "rows")]:
            yield title, rows


def _bars(told: Cell, names: dict[str, str]) -> Iterator[tuple[str, list[Bar]]]:
    harms = {row.code: row.said("name") for row in BiasCategory.objects.filter(code__in=told["category"])}
    for title, kind in ((_("By what is wrong"), "category"), (_("By variety"), "variety")):
        bars = [Bar((harms | names).get(name, name), cell) for name, cell in _most_first(told[kind], "items")]
        if bars:
            yield title, bars


def _most_first(cells: Mapping[str, Cell], what: str) -> Iterable[tuple[str, Cell]]:
    return sorted(cells.items(), key=lambda each: (-each[1][what], each[0]))
