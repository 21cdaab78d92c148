"""What is seen to be wrong, from rows and the disk; nothing is remembered."""

import datetime as dt
import shutil
from pathlib import Path

from django.conf import settings

from annotations.assignments.models import Assignment, Judgement
from annotations.assignments.queries import open_campaigns

QUIET = dt.timedelta(minutes=30)
"""So long without an answer, while people sit there, is not their thinking any more."""
PEOPLE = 5
"""How many must have sat down meanwhile."""
FREE_PART, FREE_BYTES = 0.10, 2 * 10**9
"""Less than both of the disk is too little, and less than a quarter of either."""


def sitting_since(moment: dt.datetime) -> int:
    """How many people took a seat after that in an open campaign and still have it."""
    seats = Assignment.objects.filter(state=Assignment.State.HELD, claimed_at__gt=moment, pack=None)
    return seats.filter(item__campaign__in=open_campaigns()).values("person").distinct().count()


def is_quiet(now: dt.datetime) -> bool:
    """Whether people sit down in an open campaign and no answer comes in from anybody."""
    last = Judgement.objects.order_by("-pk").values_list("received_at", flat=True).first()
    return (last is None or last < now - QUIET) and sitting_since(now - QUIET) >= PEOPLE


def full_disks() -> list[tuple[Path, float, int]]:
    """Of the disks that hold what is not code: the folder, its disk's free part, 0 to 1, and free bytes; those with
    too little."""
    found = {}
    for folder in (settings.MINKA_HOME, settings.MINKA_RELEASES):
        path = Path(folder)
        if path.exists():
            space = shutil.disk_usage(path)
            found[path.stat().st_dev] = (path, space.free / space.total, space.free)
    return [each for each in found.values() if _is_too_little(*each[1:])]


def _is_too_little(part: float, count: int) -> bool:
    both = part < FREE_PART and count < 10 * FREE_BYTES
    return both or part < FREE_PART / 4 or count < FREE_BYTES
