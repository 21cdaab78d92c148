"""What happens to guests by the clock."""

import logging

from celery import shared_task

from annotations.assignments.guests.actions import delete_unclaimed

log = logging.getLogger(__name__)


@shared_task
def forget() -> None:
    """Delete what guests left and nobody claimed."""
    if gone := delete_unclaimed():
        log.info("deleted %d unclaimed judgements of guests", gone)
