"""What datasets do by the clock."""

import logging

from celery import shared_task

from annotations.datasets.actions import publish_due
from annotations.datasets.night import tell_if_late

log = logging.getLogger(__name__)


@shared_task
def publish_nightly() -> None:
    """Publish tonight's release if it is due; asked every quarter of an hour, it publishes once."""
    if release := publish_due():
        log.info("published %s", release.version)


@shared_task
def look_for_tonight() -> None:
    """Say so where tonight's release is not there."""
    if late := tell_if_late():
        log.error("tonight's release is late by %s", late)
