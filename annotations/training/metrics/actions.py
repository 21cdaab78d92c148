"""Keeping what a run measures. A metric has one value at a step, so that sending it again changes nothing."""

import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.models import Person
from annotations.training.actions import heard, own_run
from annotations.training.models import Metric, TrainingRun

MOST_POINTS: Final = 1_000
"""Metrics in one request."""
MOST_NAMES: Final = 60
MOST_KEPT: Final = 200_000
"""Names, and metrics in all, of one run."""
HIGHEST_STEP: Final = 2**31 - 1
State = TrainingRun.State


@transaction.atomic
def record(*, owner: Person, run: uuid.UUID, points: Sequence[Any]) -> int:
    """Keep what a run measured: all of it, or nothing. A step that is measured again, after a kill, has its last value.

    Args:
        points: `{"name": "loss", "step": 10, "value": 0.7}`, at most `MOST_POINTS`.

    Returns:
        How many there are in all.

    Raises:
        Refused: as `move`; `invalid` where one is not as described, and `errors` say which; `too_large`.
    """
    row = own_run(owner, run)
    if row.state in (State.QUEUED, State.CANCELLED):
        raise Refused("not_open", _("A run that has not begun, or was cancelled, has no metrics."))
    if not 0 < len(points) <= MOST_POINTS:
        raise Refused("too_large" if points else "invalid", _("From 1 to %d metrics at a time.") % MOST_POINTS)
    wrong = [{"point": place, "reason": why} for place, each in enumerate(points) if (why := _wrong(each))]
    if wrong:
        raise Refused("invalid", errors=wrong[:100])
    last = {(each["name"], each["step"]): float(each["value"]) for each in points}
    Metric.objects.bulk_create(
        [Metric(run=row, name=name, step=step, value=value) for (name, step), value in last.items()],
        update_conflicts=True, unique_fields=["run", "name", "step"], update_fields=["value"],
    )  # fmt: skip
    kept = _bounded(row)
    if not row.is_over:
        heard(row)
    return kept


def _wrong(point: Any) -> str:
    """Why this is no metric, or empty."""
    if not isinstance(point, Mapping) or set(point) != {"name", "step", "value"}:
        return "a metric has a name, a step and a value, nothing else"
    name, step, value = point["name"], point["step"], point["value"]
    if not isinstance(name, str) or not 0 < len(name) <= 80 or not name.isprintable() or name != name.strip():
        return "the name must be a text of at most 80 characters"
    if type(step) is not int or not 0 <= step <= HIGHEST_STEP:
        return "the step must be a whole number"
    if type(value) not in (int, float) or not _is_finite(value):
        return "the value must be a finite number"
    return ""


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of thousands of digits
        return False


def _bounded(run: TrainingRun) -> int:
    names = run.metrics.values("name").distinct().count()
    if (count := run.metrics.count()) > MOST_KEPT or names > MOST_NAMES:
        raise Refused("too_large", _("A run keeps at most %(points)s metrics under %(names)s names.") % {
            "points": f"{MOST_KEPT:,}", "names": MOST_NAMES,
        })  # fmt: skip
    return count
