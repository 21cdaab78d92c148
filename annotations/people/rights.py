"""The registry of rights: how every table that points to a person is exported and erased.

A table that holds a foreign key to `Person` and is not registered here fails a house test, so that nobody can add one
and forget that its rows belong to somebody. Chapters register theirs in `AppConfig.ready()`.
"""

from dataclasses import dataclass
from typing import Literal

Erasure = Literal["delete", "unlink", "keep"]
"""What erasing a person does to the rows: they go; they stay without the person; they stay (a reason is due)."""


@dataclass(frozen=True)
class Right:
    """How rows of one table behave when their person asks.

    Attributes:
        table: "annotations.SpokenVariety", the model's label.
        field: the name of the foreign key to the person.
        exported: fields that stand in the person's own export, in this order.
        erasure: what erasing does to the rows.
        why: the reason, needed where rows are kept.
    """

    table: str
    field: str
    exported: tuple[str, ...]
    erasure: Erasure
    why: str = ""


_registry: dict[tuple[str, str], Right] = {}


def register(*rights: Right) -> None:
    """Add rights; the same table and field twice is a mistake."""
    for right in rights:
        key = (right.table, right.field)
        if _registry.get(key, right) != right:
            raise ValueError(f"the right of {right.table}.{right.field} is registered twice")
        _registry[key] = right


def registered() -> list[Right]:
    return list(_registry.values())


def of(table: str, field: str) -> Right | None:
    return _registry.get((table, field))
