"""The registry of what keeps releases: a chapter that needs a release to stay registers a `Keep` in
`AppConfig.ready()`. Nothing else decides it, and a release that nothing keeps goes when its period is over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise


@dataclass(frozen=True)
class Keep:
    """A reason for which releases are kept.

    Attributes:
        code: its name, `edition`.
        says: the reason in words, for the page of a release.
        releases: the keys of those releases as a queryset of one column; it runs inside other queries, and is asked
            anew each time.
    """

    code: str
    says: Promise
    releases: Callable[[], QuerySet[Any, Any]]


_registry: dict[str, Keep] = {}


def register(*keeps: Keep) -> None:
    """Add reasons; another one of the same code is a mistake."""
    for keep in keeps:
        if _registry.get(keep.code, keep) != keep:
            raise ValueError(f"there are two reasons called {keep.code}")
        _registry[keep.code] = keep


def registered() -> list[Keep]:
    return list(_registry.values())
