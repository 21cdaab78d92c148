"""What the worker of the queue `argilla` does. Nobody waits for it: the web goes on whatever the desk does."""

import logging

from celery import shared_task

from annotations.quality.argilla.actions import exchange, tell_everywhere
from annotations.quality.argilla.link import desk
from annotations.quality.argilla.port import DeskFailed

log = logging.getLogger(__name__)


@shared_task
def exchange_all() -> None:
    """Send what experts are to see and take what they said. Run again, or twice at once, it changes nothing more. With
    the desk switched off there is nothing to do."""
    try:
        done = exchange(desk())
    except DeskFailed as failed:
        if failed.code != "off":
            tell_everywhere(failed)
        log.warning("the desk of the experts: %s; the next run tries again", failed.code)
        return
    if any(done):
        log.info("pushed %d to the desk, took %d judgements, removed %d accounts", *done)
