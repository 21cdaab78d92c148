"""What moderation does by the clock."""

import logging

from celery import shared_task

from annotations.moderation.sanctions.actions import end_due

log = logging.getLogger(__name__)


@shared_task
def end() -> None:
    """Sanctions whose time is up are over. Run again, it changes nothing."""
    if ended := end_due():
        log.info("%d sanctions are over", ended)
