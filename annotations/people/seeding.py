"""Zones and varieties from their files."""

from pathlib import Path

from annotations.people.models import MacroZone, Variety
from annotations.seeding import Row, load, read

SEEDS = Path(__file__).parent / "seeds"


def load_varieties(path: Path = SEEDS / "varieties.csv") -> int:
    """Zones first, then varieties with their lineage; a parent stands before its children in the file."""
    load(MacroZone, SEEDS / "macro_zones.csv", ("code",))
    rows = {row["tag"]: row for row in read(path)}
    parents = {tag: row["parent_tag"] or None for tag, row in rows.items()}
    return load(
        Variety,
        path,
        ("tag",),
        lambda row: {"lineage": _lineage(row["tag"], rows), "parent_id": parents[row["tag"]]},
    )


def _lineage(tag: str, rows: dict[str, Row]) -> list[str]:
    """The tag, its parent, and so on to the root. A missing parent or a circle is a fault of the file."""
    lineage = [tag]
    while parent := rows[lineage[-1]]["parent_tag"]:
        if parent in lineage or parent not in rows:
            raise ValueError(f"{lineage[-1]}: the parent {parent!r} is missing or its own descendant")
        lineage.append(parent)
    return lineage
