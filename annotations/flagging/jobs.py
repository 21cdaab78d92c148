"""What flagging does by the clock."""

import logging

from celery import shared_task

from annotations.flagging.actions import call_for_leads, look_at_broken, look_into, take_off_again
from annotations.flagging.queries import outputs_to_look_into

log = logging.getLogger(__name__)


@shared_task
def watch() -> None:
    """Look into what was flagged and what is called broken. Safe to run at any time, any number of times."""
    for output_id in outputs_to_look_into():
        look_into(output_id=output_id)
    if again := take_off_again():
        log.info("%d hidden things had come back to a table", again)
    if broken := look_at_broken():
        log.info("%d tasks that are called broken were opened or hidden", broken)
    if called := call_for_leads():
        log.info("%d flagged things wait for a day", called)
