"""What training does by the clock."""

import logging

from celery import shared_task

from annotations.training.actions import lose_silent

log = logging.getLogger(__name__)


@shared_task
def listen() -> None:
    """Mark runs lost that were not heard of for too long. Run again, it changes nothing."""
    if lost := lose_silent():
        log.warning("%d runs fell silent", lost)
