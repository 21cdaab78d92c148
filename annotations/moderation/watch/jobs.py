"""What is looked at by the clock."""

import logging

from celery import shared_task

from annotations.moderation.watch.actions import tell_if_full, tell_if_quiet

log = logging.getLogger(__name__)


@shared_task
def look_for_answers() -> None:
    """Say so where people sit down and no answer comes in."""
    if tell_if_quiet():
        log.error("people sit down, and no answer comes in")


@shared_task
def look_at_the_disk() -> None:
    """Say so where a disk fills up."""
    for line in tell_if_full():
        log.error("too little room at %s", line)
