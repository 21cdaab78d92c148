"""The registry of kinds of judgement. A kind is one `Kind`, registered in `AppConfig.ready()`.

How to add one is told, file by file, in `docs/add-a-kind-of-judgement.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.db.models import Model

    from annotations.assignments.models import Assignment, Judgement
    from annotations.assignments.table.forms import AnswerForm


def _nothing(seat: Assignment) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """What a kind of judgement brings.

    Attributes:
        name: as it stands in items, judgements and the API.
        label: what one does, in a word or two.
        does: the same in a sentence, for whoever has not begun.
        table: the table it lies on, a word of its address: `/rate/`, `/write/`.
        outputs: the fewest and the most outputs an item of it has.
        guidelines: the folder of the text "how to judge", by language. Its name is the version in force, which is
            stored with every judgement.
        check: a raw answer and the seat it belongs to -> the checked answer; raises `Refused("invalid")`.
        made: the kind's own row for a new judgement that is not written yet, out of the checked answer: an object of
            its model, which is written with the judgement.
        keep: writes what is more than such a row, after it, inside the judgement's transaction.
        row: the name under which a judgement has that row.
        tell: what was kept, as it was answered, for the person who answered.
        form: reads an answer out of what a browser sends.
        template: what lies on the table, inside the answer's `<form>`.
        scripts: what its template needs of scripts, names of static files; it works without.
        question: what is asked of whoever sits there.
        schema: JSON Schema of an answer over the API.
        ask: what a turn holds beside prompt and outputs, fit for JSON and for the template.
        rubric: the version of the rubric its answers are given on; stored with every judgement.
        imported: whether its items come by import; False where the house makes them itself.
        carried: whether it can be done away from the network, out of a pack (`packs/`).
        takes_guests: whether people without an account may try it (`guests/`).
        written: the text somebody wrote, for kinds whose answers others review (`reviewing/`).
        accept: what becomes of it when they accept it, as it was or with their edits; inside their transaction.
    """

    name: str
    label: Promise
    does: Promise
    table: str
    outputs: tuple[int, int]
    guidelines: Path
    check: Callable[[Mapping[str, Any], Assignment], Any]
    row: str
    tell: Callable[[Judgement], Mapping[str, Any]]
    form: type[AnswerForm]
    template: str
    question: Promise
    schema: Mapping[str, Any]
    made: Callable[[Judgement, Any], Model] | None = None
    keep: Callable[[Judgement, Any], None] | None = None
    ask: Callable[[Assignment], Mapping[str, Any]] = _nothing
    scripts: tuple[str, ...] = ()
    rubric: str = ""
    imported: bool = True
    carried: bool = True
    takes_guests: bool = False
    written: Callable[[Judgement], str] | None = None
    accept: Callable[[Judgement, str], None] | None = None

    @property
    def guideline_version(self) -> str:
        return self.guidelines.name


_registry: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; another one of the same name is a mistake."""
    if _registry.get(kind.name, kind) != kind:
        raise ValueError(f"there are two kinds called {kind.name}")
    _registry[kind.name] = kind


def get(name: str) -> Kind:
    """The kind of this name; `KeyError` when none is registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)


def for_guests() -> list[str]:
    return sorted(name for name, kind in _registry.items() if kind.takes_guests)


def carried() -> list[str]:
    return sorted(name for name, kind in _registry.items() if kind.carried)


def reviewed() -> list[str]:
    """Kinds whose answers are texts that others review."""
    return sorted(name for name, kind in _registry.items() if kind.written)


def tables() -> list[str]:
    return sorted({kind.table for kind in _registry.values()})


def on(table: str) -> list[str]:
    """The kinds that lie on a table."""
    return sorted(name for name, kind in _registry.items() if kind.table == table)


def scripts(table: str) -> list[str]:
    """What the kinds of a table need beside the table's own script."""
    return sorted({script for kind in _registry.values() if kind.table == table for script in kind.scripts})


def shapes() -> Mapping[str, tuple[int, int]]:
    """For each kind whose items are imported, the fewest and the most outputs they have."""
    return {name: kind.outputs for name, kind in _registry.items() if kind.imported}


def schemas(of: Collection[str] | None = None) -> list[Mapping[str, Any]]:
    """JSON Schemas of the answers, each titled with its kind."""
    return [{"title": name, **_registry[name].schema} for name in names() if of is None or name in of]
