"""Runs that are trained here, by the queue `gpu`."""

import logging
import uuid

from celery import shared_task

from annotations.training.here.actions import take_up
from annotations.training.here.queries import waiting

log = logging.getLogger(__name__)
OFFERED: int = 300
"""Seconds after which it is offered anew; a message that nobody took until then is void."""


@shared_task(acks_late=False)
def train(run: str) -> None:
    """Train one run. It takes hours, longer than any broker waits for a word, so it is taken off the queue at once: if
    this worker dies the run falls silent, is lost, and is offered again."""
    if take_up(run=uuid.UUID(run)):
        log.info("run %s was trained here", run)


@shared_task
def offer() -> None:
    """Offer the runs that wait to the workers of the queue, again and again: who comes first has it."""
    for run in waiting():
        train.apply_async([str(run)], expires=OFFERED)
