"""What reviewing does by the clock."""

import logging

from celery import shared_task

from annotations.reviewing.actions import open_reviews, settle_reviews

log = logging.getLogger(__name__)


@shared_task
def review() -> None:
    """Settle what is due and open what was written since. Safe to run at any time, any number of times."""
    settled, opened = settle_reviews(), open_reviews()
    if settled or opened:
        log.info("opened %d reviews, settled %d", opened, settled)
