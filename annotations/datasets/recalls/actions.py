"""Recalling releases and putting clean ones in their place. Killed anywhere, the next run goes on from the rows."""

import logging
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.datasets.actions import point_latest, publish, reissue, unfinished
from annotations.datasets.ending import has_its_tombstone, lay_tombstone, let_go, refuse_ended
from annotations.datasets.folders import clear_staging
from annotations.datasets.locks import one_at_a_time
from annotations.datasets.models import Release
from annotations.datasets.recalls.queries import holding_erased, to_be_withdrawn, without_successor
from annotations.errors import Refused
from annotations.people.models import Person

log = logging.getLogger(__name__)

MAY_RETRACT: Final = "annotations.retract_release"


def recall_due() -> list[Release]:
    """Recall every release that holds what was erased since. Returns those that are recalled now.

    The clean one comes first, so that there is always a release where one can be; where it cannot be made, the other is
    recalled all the same and the next run tries again. One that cannot be recalled keeps no other waiting
    (`recalls/late.py` tells of it).
    """
    _complete()
    due = holding_erased()
    keys = [release.pk for release in due]
    Release.objects.filter(pk__in=keys, must_go_since=None).update(must_go_since=timezone.now())
    done = [each for release in due if (each := _recalled(release))]
    _finish()
    return done


def _complete() -> None:
    """First, so that what was erased since leaves them like any other."""
    for cutoff in unfinished():
        try:
            log.warning("%s stood in its place without a row, and is published", publish(cutoff=cutoff))
        except Exception:
            log.exception("what stands in the place of %s could not be published; the next run tries again", cutoff)


def _recalled(release: Release) -> Release | None:
    if release.state == Release.State.PUBLISHED:
        _replace(release)
    try:
        return recall(release=release)
    except Exception:
        log.exception("%s could not be recalled; the next run tries again", release)
        return None


def _finish() -> None:
    """What a run that was killed left undone."""
    with transaction.atomic():
        one_at_a_time()
        clear_staging(Path(settings.MINKA_RELEASES))
    point_latest()
    for release in Release.objects.exclude(state=Release.State.PUBLISHED):
        if not has_its_tombstone(release):
            _clear(release)
    for release in without_successor():
        _replace(release)


def recall(*, release: Release) -> Release:
    """End the downloads of a release at once; then its files go, all but the manifest, and a tombstone says why."""
    with transaction.atomic():
        one_at_a_time()
        release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
        if release.state != Release.State.RECALLED:
            release.withdrawn = to_be_withdrawn(release)
            _end(release, Release.Reason.ERASED)
    _clear(release)
    return release


def retract(*, release: Release, reason: str, why: str, person: Person) -> Release:
    """Take a release back, for good: all of it must go wherever it is, and none takes its place by itself. What is put
    right stands in the next release.

    Args:
        reason: one of `Release.Reason`, but not `erased`, which happens by itself.
        why: a sentence that everybody reads, in the feed and on the page.

    Raises:
        Refused: `forbidden`; `invalid` without a sentence or with another reason; `recalled` where it is already. What
            expired can be taken back too: others may have it.
    """
    if not person.has_perm(MAY_RETRACT):
        raise Refused("forbidden")
    if reason not in set(Release.Reason.values) - {Release.Reason.ERASED}:
        raise Refused("invalid", errors={"reason": "unknown"})
    if not (why := " ".join(why.split())):
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    with transaction.atomic():
        one_at_a_time()
        release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
        if release.state == Release.State.RECALLED:
            refuse_ended(release)
        release.why, release.recalled_by = why, person
        _end(release, reason)
    _clear(release)
    return release


def _end(release: Release, reason: str) -> None:
    last = Release.objects.aggregate(last=Max("recall_number"))["last"] or 0
    release.state, release.reason = Release.State.RECALLED, reason
    release.recalled_at, release.recall_number = timezone.now(), last + 1
    release.save()
    let_go(release)


def _clear(release: Release) -> None:
    """What follows the row. Whoever is killed before the end leaves it to the next run of the job; so does one whose
    files cannot go, and keeps no other waiting."""
    point_latest()
    try:
        lay_tombstone(release)
    except Exception:
        log.exception("the files of %s could not be taken away; the next run tries again", release)


def _replace(release: Release) -> None:
    try:
        reissue(release=release)
    except Exception:
        log.exception("no clean release of %s could be made; the next run tries again", release)
        return
    point_latest()
