"""The signs a keyboard may lack, by variety and way of writing it (`seeds/palettes.csv`). What is marked `low` there
waits for its speakers' word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from annotations.seeding import read

PALETTES: Final = Path(__file__).parent / "seeds" / "palettes.csv"


@dataclass(frozen=True)
class Palette:
    """The signs of one way of writing a variety; `orthography` is its code, empty where there is only one."""

    orthography: str
    name: str
    signs: tuple[str, ...]
    is_certain: bool


def palettes_for(lineage: Sequence[str]) -> list[Palette]:
    """The palettes of the nearest variety that has any: the first of the lineage."""
    return next((list(_all()[tag]) for tag in lineage if tag in _all()), [])


@cache
def _all() -> Mapping[str, list[Palette]]:
    found: dict[str, list[Palette]] = {}
    for row in read(PALETTES):
        palette = Palette(row["orthography"], row["name"], tuple(row["signs"].split()), row["certainty"] != "low")
        found.setdefault(row["variety"], []).append(palette)
    return found
