"""The registry of rights: how every table that points to a person is exported and erased.

A table that holds a foreign key to `Person` and is not registered here fails a house test, so that nobody can add one
and forget that its rows belong to somebody. Chapters register theirs in `AppConfig.ready()`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from annotations.people.models import Person

Erasure = Literal["delete", "unlink", "keep"]
"""What erasing a person does to the rows.

`delete`: they go. `unlink`: they are contributions; who erases them too has them deleted, who leaves them has the link
to the person cut. `keep`: they stay either way without the person, for a reason that is due.
"""


@dataclass(frozen=True)
class Right:
    """How rows of one table behave when their person asks.

    Attributes:
        table: "annotations.SpokenVariety", the model's label.
        field: the name of the foreign key to the person.
        exported: fields that stand in the person's own export, in this order.
        erasure: what erasing does to the rows.
        why: the reason, needed where rows are kept.
        when: the field that says when the person did it; empty where a row is no sign that they were there.
        erase: the chapter's own way to erase contributions, where deleting rows would leave counts untrue. One
            function may stand with several tables; it is called once.
    """

    table: str
    field: str
    exported: tuple[str, ...]
    erasure: Erasure
    why: str = ""
    when: str = ""
    erase: Callable[[Person], object] | None = None


Tell = Callable[[Person], Iterator[Mapping[str, Any]]]
"""A chapter's further file of the person's own export: its lines, read as they are needed."""

_registry: dict[tuple[str, str], Right] = {}
_files: dict[str, Tell] = {}


def register(*rights: Right) -> None:
    """Add rights; the same table and field twice is a mistake."""
    for right in rights:
        key = (right.table, right.field)
        if _registry.get(key, right) != right:
            raise ValueError(f"the right of {right.table}.{right.field} is registered twice")
        _registry[key] = right


def registered() -> list[Right]:
    return list(_registry.values())


def register_file(name: str, tell: Tell) -> None:
    """Add a file of JSON lines to the person's own export; another one of the same name is a mistake."""
    if _files.get(name, tell) != tell:
        raise ValueError(f"there are two files called {name}")
    _files[name] = tell


def files() -> dict[str, Tell]:
    return dict(_files)
