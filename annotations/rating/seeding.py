"""The rubric from its file."""

from pathlib import Path

from annotations.rating.models import RubricPoint
from annotations.seeding import load

RUBRIC = Path(__file__).parent / "seeds" / "rubric.csv"


def load_rubric() -> int:
    return load(RubricPoint, RUBRIC, ("aspect", "point"))
