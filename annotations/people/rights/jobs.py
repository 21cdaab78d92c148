"""What rights do by the clock."""

import logging

from celery import shared_task
from django.utils import timezone

from annotations.people.rights.actions import remind_controller
from annotations.people.rights.retention import empty_what_is_over, warn_and_rest

log = logging.getLogger(__name__)


@shared_task
def keep_periods() -> None:
    """Empty what is past its period, warn people of unused accounts, rest those who were warned."""
    gone = empty_what_is_over(now=timezone.now())
    warned, rested = warn_and_rest(now=timezone.now())
    log.info("retention: %d rows and files gone, %d accounts warned, %d rested", gone, warned, rested)


@shared_task
def remind() -> None:
    """Tell the controller which requests are due."""
    if due := remind_controller(today=timezone.now().date()):
        log.info("%d requests are due", due)
