"""What is asked by the clock."""

import logging

from celery import shared_task

from annotations.writing.actions import take_out
from annotations.writing.asking.actions import ask_due

log = logging.getLogger(__name__)


@shared_task
def ask() -> None:
    """Ask models what is due; what its author took back is used no more."""
    take_out()
    answered, failed = ask_due()
    if answered or failed:
        log.info("models answered %d questions, %d wait for another try", answered, failed)
