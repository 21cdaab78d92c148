"""Notes by the clock."""

import logging

from celery import shared_task

from annotations.assignments.notes.actions import send_notes

log = logging.getLogger(__name__)


@shared_task
def send() -> None:
    """Tell those who asked to be told that there is work for them again."""
    if sent := send_notes():
        log.info("sent %d notes", sent)
