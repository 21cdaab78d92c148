"""What assignments do by the clock."""

import logging

from celery import shared_task

from annotations.assignments.actions import expire_seats

log = logging.getLogger(__name__)


@shared_task
def expire() -> None:
    """Bring back seats whose lease ran out."""
    if expired := expire_seats():
        log.info("brought back %d seats", expired)
