"""What was measured: as it came, and as curves."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from annotations.training.models import Metric, TrainingRun

PAGE: Final = 5_000
STRETCHES: Final = 200
"""So many points a curve has at most."""


class Stretch(NamedTuple):
    """Some steps beside each other of one metric: from which to which, how many values, the one in the middle, the
    lowest and the highest, and the last."""

    name: str
    first: int
    last: int
    values: int
    middle: float
    low: float
    high: float
    at_end: float


@dataclass(frozen=True)
class Curve:
    """One metric over all its steps."""

    name: str
    stretches: list[Stretch]

    @property
    def count(self) -> int:
        return sum(each.values for each in self.stretches)

    @property
    def last(self) -> float:
        return self.stretches[-1].at_end

    @property
    def low(self) -> float:
        return min(each.low for each in self.stretches)

    @property
    def high(self) -> float:
        return max(each.high for each in self.stretches)


# The middle one, and no mean: a sum of what a column can hold may be more than a column can hold.
_CURVES: Final = """
    WITH ends AS (SELECT name, min(step) AS low, max(step) AS high
                    FROM annotations_metric WHERE run_id = %(run)s GROUP BY name)
    SELECT m.name, min(m.step), max(m.step), count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY m.value),
           min(m.value), max(m.value), (array_agg(m.value ORDER BY m.step DESC))[1]
      FROM annotations_metric m JOIN ends e ON e.name = m.name
     WHERE m.run_id = %(run)s
     GROUP BY m.name, (m.step - e.low)::bigint * %(stretches)s / (e.high - e.low + 1::bigint)
     ORDER BY m.name, min(m.step)"""


def curves_of(run: TrainingRun) -> list[Curve]:
    """Every metric of a run, by name, in one question however many steps there were."""
    with connection.cursor() as cursor:
        cursor.execute(_CURVES, {"run": run.pk, "stretches": STRETCHES})
        rows = [Stretch(*row) for row in cursor.fetchall()]
    return [Curve(name, list(several)) for name, several in groupby(rows, attrgetter("name"))]


def measured(run: TrainingRun, *, name: str | None = None, after: int = -1) -> QuerySet[Metric]:
    """Metrics as they came, by step and name; of one name where it is given."""
    rows = run.metrics.filter(step__gt=after).order_by("step", "name")
    return rows.filter(name=name) if name else rows


def whole_steps(rows: QuerySet[Metric]) -> Iterator[Metric]:
    """About `PAGE` of them, and no step in part, so that one can go on after the last."""
    last = -1
    for place, row in enumerate(rows.iterator(chunk_size=PAGE)):
        if place >= PAGE and row.step != last:
            return
        yield row
        last = row.step
