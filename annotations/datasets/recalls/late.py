"""A recall that does not come about is seen: it is told to whoever answers for the data, and `/metrics` shows it.

Why it fails stands in the worker's log. That it fails stands in the rows, so that no process has to remember it: a
release that holds what was erased, a recalled one whose files are still there or at a target, or that waits for the
clean one.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import chain

from django.db.models import Min
from django.utils import timezone

from annotations.assignments.models import Tombstone
from annotations.datasets.ending import has_its_tombstone
from annotations.datasets.models import Release
from annotations.datasets.recalls.queries import holding_erased, recalled, withdrawn_by, without_successor
from annotations.datasets.targets.queries import to_be_replaced, to_be_taken_away
from annotations.letters import tell_controller

PATIENCE = dt.timedelta(hours=1)
"""The job runs four times in it. The consent text promises a day."""


def waiting() -> Iterator[tuple[Release, str, dt.datetime]]:
    """(release, what is not done yet, since when), from the rows alone."""
    for release in holding_erased():
        yield release, "holds what was erased, and is not recalled", release.must_go_since or _erased_at(release)
    for release in without_successor().order_by("recall_number"):
        assert release.recalled_at
        yield release, "was recalled, and there is no clean one in its place", release.recalled_at
    for delivery in to_be_taken_away():
        ended = delivery.release.recalled_at or delivery.release.expired_at
        assert ended
        what = "was recalled" if delivery.release.recalled_at else "expired half sent"
        why = f" ({delivery.problem})" if delivery.problem else ""
        yield delivery.release, f"{what}, and is still at {delivery.target}{why}", ended
    for delivery in to_be_replaced():
        yield delivery.release, f"is gone from {delivery.target}, and the clean one is not there", delivery.gone_at


def _erased_at(release: Release) -> dt.datetime:
    """When the job has not seen it: the end of the first day on which something that it holds may have been erased (of
    an erasure the day is kept, no more), or when a document it holds votes of may have been withdrawn."""
    days = Tombstone.objects.filter(received_at__lte=release.cutoff, erased_on__gte=release.cutoff.date())
    first = days.aggregate(first=Min("erased_on"))["first"]
    end = dt.datetime.combine(first + dt.timedelta(days=1), dt.time(), dt.UTC) if first else timezone.now()
    later = withdrawn_by(release).filter(withdrawn_at__gte=release.published_at)
    withdrawn = later.aggregate(first=Min("withdrawn_at"))["first"]
    return min(end, timezone.now(), withdrawn or end)


def _files_left() -> Iterator[tuple[Release, str, dt.datetime]]:
    for release in recalled().order_by("recall_number"):
        assert release.recalled_at
        if not has_its_tombstone(release):
            yield release, "was recalled, and its files are still there", release.recalled_at


def late_by(now: dt.datetime) -> dt.timedelta:
    """For how long the oldest of what must be recalled has waited."""
    return max([dt.timedelta(), *(now - since for _release, _what, since in waiting())])


def tell_if_late(*, now: dt.datetime | None = None) -> list[str]:
    """Write to the controller what has waited longer than it should. Returns a line for each."""
    now = now or timezone.now()
    found = chain(waiting(), _files_left())
    lines = [f"{release} {what}" for release, what, since in found if now - since > PATIENCE]
    if lines:
        text = (
            "This should have been done by itself, and was not. What somebody erased must be out of our downloads"
            " within a day; the worker's log says what stands in the way.\n\n" + "\n".join(lines)
        )
        tell_controller("a recall does not come about", text)
    return lines
