"""The money path: where a mistake costs somebody their word. Who gets a seat, what becomes of their answer, what is
settled, what leaves the house, what is erased, and who may do any of it."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PATHS: Final = {
    "assign": (
        "assignments/queue.py", "assignments/seats.py", "assignments/caps.py", "assignments/locks.py",
        "assignments/holding.py", "assignments/doors.py", "assignments/guests/actions.py",
        "assignments/admissions/*.py", "assignments/packs/actions.py",
    ),
    "submit": ("assignments/actions.py", "assignments/answers.py", "assignments/kinds.py", "rating/actions.py"),
    "verdict": (
        "quality/actions.py", "quality/rules.py", "quality/queries.py", "quality/ballots.py", "quality/stopping.py",
        "quality/dawid_skene.py", "quality/gates/actions.py",
    ),
    "release": (
        "datasets/actions.py", "datasets/columns.py", "datasets/ending.py", "datasets/fates.py", "datasets/folders.py",
        "datasets/inputs.py", "datasets/locks.py", "datasets/manifest.py", "datasets/membership.py",
        "datasets/night.py", "datasets/once.py", "datasets/parquet.py", "datasets/pieces.py", "datasets/proof.py",
        "datasets/records.py", "datasets/rows.py", "datasets/snapshot.py", "datasets/verify.py", "datasets/writing.py",
        "datasets/configs/*.py",
    ),
    "erase": (
        "rights.py", "people/rights/actions.py", "people/rights/queries.py", "people/rights/registry.py",
        "people/rights/retention.py", "datasets/recalls/actions.py", "datasets/recalls/queries.py",
    ),
    "permissions": ("people/actions.py", "people/standing.py", "people/roles.py", "people/remits/*.py"),
}  # fmt: skip
"""By what a step is, files below `annotations/`."""


def by_step() -> dict[str, str]:
    """Every file of the money path, from the root and sorted, and the step it is of."""
    found = {
        path.relative_to(ROOT).as_posix(): step
        for step, globs in PATHS.items() for glob in globs for path in (ROOT / "annotations").glob(glob)
    }  # fmt: skip
    return dict(sorted(found.items()))


def files() -> list[str]:
    return list(by_step())
