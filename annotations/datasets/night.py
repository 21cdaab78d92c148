"""Whether tonight's release is there, and who is told when it is not."""

import datetime as dt

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from annotations.datasets.actions import due_slot, judged_between
from annotations.datasets.models import Release


def late_by(now: dt.datetime) -> dt.timedelta:
    """For how long the nightly release has been due and is not there; nothing where nothing was judged for it."""
    slot = due_slot(now)
    last = Release.objects.order_by("-cutoff").values_list("cutoff", flat=True).first()
    if (last and last >= slot) or not judged_between(last, slot):
        return dt.timedelta()
    return now - slot


def tell_if_late(*, now: dt.datetime | None = None) -> dt.timedelta:
    """Write to the controller where tonight's release is not there. Returns by how much it is late."""
    late = late_by(now or timezone.now())
    contact = settings.MINKA_CONTROLLER["controller_contact"]
    if late and "@" in contact:
        text = (
            f"Tonight's release has been due for {late.total_seconds() / 3600:.0f} hours and is not there. The worker's"
            " log says why; `manage.py publish_release` makes it by hand."
        )
        send_mail(f"{settings.MINKA_SITE_NAME}: no release tonight", text, None, [contact])
    return late
