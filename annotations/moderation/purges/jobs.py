"""What purges do by the clock."""

import logging

from celery import shared_task

from annotations.moderation.purges.actions import go_on

log = logging.getLogger(__name__)


@shared_task
def work() -> None:
    """Take out what two people agreed to, and put back what is to be put back, from the rows. Run again, or killed and
    run again, it goes on where it was."""
    if moved := go_on():
        log.info("took out or put back %d judgements", moved)
