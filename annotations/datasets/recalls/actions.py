"""Recalling releases and putting clean ones in their place. Killed anywhere, the next run goes on from the rows."""

import json
import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotations.datasets import manifest as mf
from annotations.datasets.actions import one_at_a_time, point_latest, reissue
from annotations.datasets.folders import clear_staging, folder_of, put
from annotations.datasets.models import Membership, Release
from annotations.datasets.names import next_name
from annotations.datasets.recalls.queries import holding_erased, recalled, to_be_withdrawn

log = logging.getLogger(__name__)


def recall_due() -> list[Release]:
    """Recall every release that holds what was erased since. Returns them.

    The clean one comes first, so that there is always a release where one can be; where it cannot be made, the other is
    recalled all the same and the next run tries again.
    """
    due = holding_erased()
    for release in due:
        _replace(release)
        recall(release=release)
    _finish()
    return due


def _finish() -> None:
    """What a run that was killed left undone."""
    with transaction.atomic():
        one_at_a_time()
        clear_staging(Path(settings.MINKA_RELEASES))
    point_latest()
    for release in recalled():
        if not (folder_of(release.version) / mf.TOMBSTONE).is_file():
            _lay_tombstone(release)
    for release in recalled().filter(replaced_by=None):
        _replace(release)


def recall(*, release: Release) -> Release:
    """End the downloads of a release at once; then its files go, all but the manifest, and a tombstone says why."""
    with transaction.atomic():
        one_at_a_time()
        release = Release.objects.select_for_update().get(pk=release.pk)
        if release.state == Release.State.PUBLISHED:
            release.withdrawn = to_be_withdrawn(release)
            release.state, release.recalled_at = Release.State.RECALLED, timezone.now()
            release.save(update_fields=["state", "recalled_at", "withdrawn"])
            Membership.objects.filter(release=release).delete()
    point_latest()
    _lay_tombstone(release)
    return release


def _replace(release: Release) -> None:
    try:
        reissue(release=release)
    except Exception:
        log.exception("no clean release of %s could be made; the next run tries again", release)
        return
    point_latest()


@transaction.atomic
def _lay_tombstone(release: Release) -> None:
    """A folder with the manifest and the tombstone, in the place of the one with all the files, which goes."""
    one_at_a_time()
    final = folder_of(release.version)
    clear_staging(final.parent)
    staging = final.with_name(f".{release.version}-{os.getpid()}")
    staging.mkdir()
    mf.write_manifest(staging, release.manifest)
    told = json.dumps(tombstone(release), indent=1, ensure_ascii=False, sort_keys=True)
    (staging / mf.TOMBSTONE).write_text(told + "\n", "utf-8")
    gone = final.with_name(f".{release.version}-{os.getpid()}-gone")
    if final.exists():
        final.rename(gone)
    put(staging, final)
    clear_staging(final.parent)


def tombstone(release: Release) -> dict[str, Any]:
    """What is told of a release that was recalled. It names records by their ids in it, and no person."""
    assert release.recalled_at
    return {
        "release": release.version,
        "recalled_on": release.recalled_at.date().isoformat(),
        "reason": "erased",
        "replaced_by": next_name(release.version),
        "records": release.withdrawn or None,
    }
