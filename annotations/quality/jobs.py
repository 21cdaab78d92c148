"""What quality does by the clock."""

import logging

from celery import shared_task

from annotations.quality.actions import settle_due

log = logging.getLogger(__name__)


@shared_task
def settle() -> None:
    """Settle what is due. Safe to run at any time, any number of times."""
    if settled := settle_due():
        log.info("settled %d cells", settled)
