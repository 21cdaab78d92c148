"""What datasets do by the clock."""

import datetime as dt
import logging

from celery import shared_task

from annotations.datasets import helping
from annotations.datasets.actions import publish, publish_due
from annotations.datasets.keeping.actions import expire_due
from annotations.datasets.models import Release
from annotations.datasets.night import tell_if_late
from annotations.datasets.partners import actions as partners
from annotations.datasets.proof import prove_again
from annotations.datasets.recalls import late
from annotations.datasets.recalls.actions import drop_due, recall_due
from annotations.datasets.targets import actions as targets

log = logging.getLogger(__name__)


@shared_task
def publish_nightly() -> None:
    """Publish tonight's release if it is due; asked every quarter of an hour, it publishes once."""
    if release := publish_due():
        log.info("published %s", release.version)


@shared_task
def publish_until(cutoff: str) -> None:
    """Publish what was acknowledged up to a moment, which somebody asked for; the same moment again is one release."""
    log.info("published %s", publish(cutoff=dt.datetime.fromisoformat(cutoff)).version)


@shared_task
def prove_where_it_lies(version: str) -> None:
    """Prove the files of a release once more."""
    for release in Release.objects.filter(version=version, state=Release.State.PUBLISHED):
        if found := prove_again(release=release):
            log.error("%s is not sound: %s", version, found)


@shared_task
def help_to_write(folder: str, version: str, cutoff: str, snapshot: str, moment: str, terms: str) -> None:
    """Write what pieces of a release nobody has; who publishes it asks."""
    helping.help_to_write(folder, version, cutoff, snapshot, moment, terms)


@shared_task
def look_for_tonight() -> None:
    """Say so where tonight's release is not there."""
    if late := tell_if_late():
        log.error("tonight's release is late by %s", late)


@shared_task
def recall() -> None:
    """Recall what holds what was erased since, and put clean releases in its place; asked every quarter of an hour.
    What nobody confirmed in time is not taken back."""
    for release in recall_due():
        log.info("recalled %s", release.version)
    if dropped := drop_due():
        log.info("%d releases are not taken back: nobody confirmed it", dropped)


@shared_task
def look_for_recalls() -> None:
    """Say so where a recall does not come about."""
    for line in late.tell_if_late():
        log.error("%s", line)


@shared_task
def write_for_partners() -> None:
    """Write what partners get of the newest release; what belongs to nobody any more goes. Asked every quarter of an
    hour, it writes once."""
    for slug in partners.write_due():
        log.info("written for %s", slug)


@shared_task
def expire() -> None:
    """Let go of nightlies whose time is over."""
    for release in expire_due():
        log.info("%s is past its time", release.version)


@shared_task
def follow_recalls() -> None:
    """Take away from every target what was recalled, and send the clean one after it."""
    for delivery in targets.follow_recalls():
        log.info("%s is %s", delivery, delivery.state)
