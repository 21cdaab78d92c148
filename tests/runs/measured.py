"""What `evaluate.py` leaves, with numbers as they come."""

from typing import Any, Final

from annotations.datasets.models import Release

MODEL: Final = "a" * 64


def share(value: float, way: float = 0.1) -> dict[str, float]:
    return {"value": value, "low": max(0, value - way), "high": min(1, value + way)}


def cell(rows: int, model: float, base: float) -> dict[str, Any]:
    def both(value: float) -> dict[str, Any]:
        return {"sum": share(value), "per_token": share(value)}

    return {"rows": rows, "prompts": rows, "model": both(model), "base": both(base), "gain": both(model - base)}


FEW = {"rows": 4, "prompts": 4, "model": {"sum": None, "per_token": None}}


def document(release: Release | None = None, **changes: Any) -> dict[str, Any]:
    """As `evaluate.py` writes it."""
    told = {
        "format": 1, "model": MODEL, "base": "b" * 64, "seed": 7, "fewest": 10, "packages": {"torch": "2"},
        "release_id": release.release_id if release else "c" * 64, "version": release.version if release else "2026",
        "preference": {
            "held_out": cell(58, 0.93, 0.57), "splits": {"validation": cell(30, 0.9, 0.5), "test": FEW},
            "variety": {"es-CL": cell(40, 0.95, 0.6), "es-MX": FEW}, "domain": {"salud": cell(20, 0.8, 0.75)},
        },
        "sft": {"rows": 12, "tokens": 300, "model": 0.291, "base": 0.26},
        "flagged": {
            "items": 15, "model": 12, "base": 4, "category": {"genero": {"items": 15, "model": 12, "base": 4}},
            "variety": {"es-CL": {"items": 15, "model": 12, "base": 4}},
        },
        "left_out": {"not_permitted": 2},
    }  # fmt: skip
    return told | changes
