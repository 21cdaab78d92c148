"""The registry of kinds of judgement. A kind is one `Kind`, registered in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.assignments.models import Assignment, Judgement


@dataclass(frozen=True)
class Kind:
    """What a kind of judgement brings.

    Attributes:
        name: as it stands in items, judgements and the API.
        guideline_version: the version of the guidelines in force; stored with every judgement.
        check: a raw answer and the seat it belongs to -> the checked answer; raises `Refused("invalid")`.
        keep: writes the kind's own row for a new judgement, inside the judgement's transaction.
        row: the name under which a judgement has that row.
        tell: what `keep` wrote, as it was answered, for the person who answered.
        takes_guests: whether its table is open to people without an account (`guests/`).
    """

    name: str
    guideline_version: str
    check: Callable[[Mapping[str, Any], Assignment], Any]
    keep: Callable[[Judgement, Any], None]
    row: str
    tell: Callable[[Judgement], Mapping[str, Any]]
    takes_guests: bool = False


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
