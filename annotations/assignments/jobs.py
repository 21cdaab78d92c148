"""What assignments do by the clock."""

import logging

from celery import shared_task

from annotations.assignments.queue import begin_anew
from annotations.assignments.seats import expire_seats

log = logging.getLogger(__name__)


@shared_task
def expire() -> None:
    """Bring back seats whose lease ran out; in a database from elsewhere, begin the queues anew."""
    if anew := begin_anew():
        log.warning("%d marks and bookmarks of another database were emptied", anew)
    if expired := expire_seats():
        log.info("brought back %d seats", expired)
