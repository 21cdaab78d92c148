"""The night: which release is due and not there, and who is told when it stays so."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from annotations.datasets.models import Release
from annotations.datasets.snapshot import open_snapshot
from annotations.letters import tell_controller


def due_slot(now: dt.datetime) -> dt.datetime:
    """The latest passing of `MINKA_NIGHTLY_HOUR` (UTC)."""
    slot = now.astimezone(dt.UTC).replace(hour=settings.MINKA_NIGHTLY_HOUR, minute=0, second=0, microsecond=0)
    return slot if slot <= now else slot - dt.timedelta(days=1)


def owed(now: dt.datetime) -> dt.datetime | None:
    """The cutoff of the nightly release that is due and not there; None where it is, or nothing was judged for it."""
    slot = due_slot(now)
    last = Release.objects.order_by("-cutoff").values_list("cutoff", flat=True).first()
    if last and last >= slot:
        return None
    return slot if _judged_between(last, slot) else None


def _judged_between(start: dt.datetime | None, end: dt.datetime) -> bool:
    """Whether anything was acknowledged, or came in from elsewhere, after the one, or ever, and up to the other."""
    with open_snapshot() as snapshot:
        row = snapshot.execute(
            "SELECT 1 FROM (SELECT received_at FROM annotations_exportable"
            " UNION ALL SELECT entered_at FROM annotations_externalvote) AS came (at)"
            " WHERE at <= %s AND (%s::timestamptz IS NULL OR at > %s) LIMIT 1",
            [end, start, start],
        ).fetchone()  # fmt: skip
    return row is not None


def late_by(now: dt.datetime) -> dt.timedelta:
    """For how long the nightly release has been owed."""
    slot = owed(now)
    return now - slot if slot else dt.timedelta()


def tell_if_late(*, now: dt.datetime | None = None) -> dt.timedelta:
    """Write to the controller where tonight's release is not there. Returns by how much it is late."""
    late = late_by(now or timezone.now())
    if late:
        text = (
            f"Tonight's release has been due for {late.total_seconds() / 3600:.0f} hours and is not there. The worker's"
            " log says why; `manage.py publish_release` makes it by hand."
        )
        tell_controller("no release tonight", text)
    return late
