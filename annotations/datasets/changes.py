"""What changed from one release to another, from their two manifests: nothing is counted anew, however large they are.

The book of judgements says it exactly: what the older holds, and what was received since, less what was erased since,
is what the newer holds. Of rows and reasons it is the balance that is told: one row that came and another that went are
no change of a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.datasets.models import Release
from annotations.datasets.rows import SPLITS


@dataclass(frozen=True)
class Change:
    """A number then and now. `names` says of what: a config and a split, a config and a reason, a variety."""

    names: tuple[str, ...]
    before: int
    after: int

    @property
    def by(self) -> int:
        return self.after - self.before

    @property
    def signed(self) -> str:
        return f"+{self.by:,}" if self.by > 0 else f"{self.by:,}".replace("-", "−")


@dataclass(frozen=True)
class Changes:
    """`received` after the older one's cutoff and up to the newer one's; `erased` of that and of what the older one
    holds, until the newer one was made."""

    judgements: Change
    received: int
    erased: int
    rows: list[Change]
    varieties: list[Change]
    reasons: list[Change]


def changes(older: Release, newer: Release) -> Changes:
    before, after = older.manifest, newer.manifest
    judgements = Change(("judgements",), before["books"]["judgements"], after["books"]["judgements"])
    erased = _erased(after) - _erased(before)
    return Changes(
        judgements=judgements,
        received=judgements.by + erased,
        erased=erased,
        rows=_each(_flat(before["configs"]), _flat(after["configs"])),
        varieties=_each(_one(before["varieties"]["judgements"]), _one(after["varieties"]["judgements"])),
        reasons=_moved(_split(before["reasons"]), _split(after["reasons"])),
    )


def _erased(manifest: Mapping[str, Any]) -> int:
    return int(manifest["inputs"]["decisions"].get("erased", 0))


def _flat(configs: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, ...], int]:
    """In the order of the house: a manifest from the database has lost its own."""
    return {
        (config, split): configs[config].get(split, 0)
        for config, splits in SPLITS.items() if config in configs for split in splits
    }  # fmt: skip


def _one(counts: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    return {(name,): count for name, count in counts.items()}


def _split(reasons: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    return {tuple(name.split("/")): count for name, count in reasons.items()}


def _each(before: dict[tuple[str, ...], int], after: dict[tuple[str, ...], int]) -> list[Change]:
    """All that either has, in the order of the newer one; what is nothing in both is left out."""
    found = (Change(names, before.get(names, 0), after.get(names, 0)) for names in [*after, *(before.keys() - after)])
    return [change for change in found if change.before or change.after]


def _moved(before: dict[tuple[str, ...], int], after: dict[tuple[str, ...], int]) -> list[Change]:
    return sorted((change for change in _each(before, after) if change.by), key=lambda change: -abs(change.by))
