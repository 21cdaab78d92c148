"""What boards do by the clock."""

import logging

from celery import shared_task

from annotations.training.boards.actions import make_boards

log = logging.getLogger(__name__)


@shared_task
def make() -> None:
    """Make the boards of the newest release. Asked every quarter of an hour, it makes them once."""
    if release := make_boards():
        log.info("made the boards of %s", release.version)
