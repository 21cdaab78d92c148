"""The rubric in words: its aspects, in the language of whoever reads."""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from annotations.people.texts import supported
from annotations.rating.models import RubricPoint

VERSION: Final = "1"
"""Of `seeds/rubric.csv`: another wording of a point is another version."""
SINGLE: Final = "single"
"""What the aspects for one output apply to."""


@dataclass(frozen=True)
class Aspect:
    """One aspect: its name, its question, and an anchor in words for each point."""

    code: str
    name: str
    question: str
    anchors: tuple[tuple[int, str], ...]


def aspects(language: str | None, applies_to: str = SINGLE) -> list[Aspect]:
    """The aspects that apply, in their order."""
    suffix = supported(language).partition("-")[0]
    rows = RubricPoint.objects.filter(applies_to=applies_to)
    return [
        Aspect(
            code, getattr(points[0], f"name_{suffix}"), getattr(points[0], f"question_{suffix}"),
            tuple((point.point, getattr(point, f"anchor_{suffix}")) for point in points),
        )
        for code, points in ((code, list(group)) for code, group in groupby(rows, lambda row: row.aspect))
    ]  # fmt: skip


def codes(applies_to: str = SINGLE) -> list[str]:
    return list(dict.fromkeys(RubricPoint.objects.filter(applies_to=applies_to).values_list("aspect", flat=True)))
