"""What the tallies do by the clock."""

import logging

from celery import shared_task

from annotations.assignments.tallies.actions import add_up

log = logging.getLogger(__name__)


@shared_task
def tidy() -> None:
    """Make one row of many. Safe to run at any time, any number of times."""
    if written := add_up():
        log.info("added up %d tallies", written)
