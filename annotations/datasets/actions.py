"""Publishing: everything acknowledged before a cutoff, written aside, checked, and renamed into place whole."""

import datetime as dt
import os
import shutil
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.locks import wait_for_submits
from annotations.datasets import manifest as mf
from annotations.datasets.configs.base import Terms
from annotations.datasets.ending import refuse_ended, successor
from annotations.datasets.folders import clear_staging, folder_of, put
from annotations.datasets.locks import one_at_a_time, one_points
from annotations.datasets.models import Release
from annotations.datasets.names import cutoff_of, next_name, terms_of, version_of
from annotations.datasets.night import owed
from annotations.datasets.previews import keep_previews
from annotations.datasets.proof import prove
from annotations.datasets.queries import published
from annotations.datasets.rebuilding import write_again
from annotations.datasets.snapshot import open_snapshot
from annotations.datasets.sources import Live
from annotations.datasets.writing import write
from annotations.errors import Refused
from annotations.quality.actions import settle_due
from annotations.quality.checks.actions import look_for_alarms
from annotations.quality.gates.actions import watch_over
from annotations.reviewing.actions import settle_reviews


def publish(*, cutoff: dt.datetime | None = None) -> Release:
    """Settle what is due and publish everything acknowledged up to the cutoff.

    Args:
        cutoff: a moment in the past, with a time zone; the end of the current second when left out. The release's
            name is the cutoff in UTC, so the same cutoff again finds the release that is there and proves it; of one
            that was recalled, the clean one in its place.

    Raises:
        Refused: `invalid` for a cutoff in the future; `recalled` or `expired` where the release of this name ended and
            none takes its place.
        Unsound: what was written, or what lies there already, does not pass `verify`. Nothing was published.
    """
    cutoff = _settle_on(cutoff)
    with transaction.atomic():
        wait_for_submits()
    _settle(cutoff)
    with transaction.atomic():
        one_at_a_time()
        known = Release.objects.filter(version=version_of(cutoff)).exclude(state=Release.State.PUBLISHED).first()
        release = reissue(release=known) if known else _publish(terms_of(version_of(cutoff), cutoff))
    point_latest()
    return release


@transaction.atomic
def reissue(*, release: Release) -> Release:
    """The clean release in the place of one that is recalled: of the same cutoff what is still there, under the next
    name. It is a release like any other, so whoever withdrew since is not in it either. Asked again, the one that is
    there.

    Raises:
        Refused: `recalled` or `expired` where none takes its place.
        Unsound: what was written does not pass `verify`. Nothing was published.
    """
    one_at_a_time()
    release = Release.objects.get(pk=release.pk)  # somebody may have taken it back while we waited
    after = Release.objects.filter(replaces=release).first()
    if after is None:
        if release.state != Release.State.PUBLISHED and successor(release) is None:
            refuse_ended(release)
        return _publish(terms_of(next_name(release.version), release.cutoff), replaces=release)
    return after if after.state == Release.State.PUBLISHED else reissue(release=after)


def _settle(cutoff: dt.datetime) -> None:
    """What is due, and what alarms and gates say of what is then to be published; what they keep aside is settled
    without it where a campaign is over. A release that is there already moves nothing."""
    settle_due()
    settle_reviews()
    if Release.objects.filter(version=version_of(cutoff)).exists():
        return
    if look_for_alarms() + watch_over(until=cutoff):
        settle_due()
        settle_reviews()


def _settle_on(cutoff: dt.datetime | None) -> dt.datetime:
    """A whole second that has passed. Without one given, the end of this second: what was acknowledged before the
    command started is in."""
    if cutoff is None:
        cutoff = _database_clock().replace(microsecond=0) + dt.timedelta(seconds=1)
        while (left := (cutoff - _database_clock()).total_seconds()) >= 0:
            time.sleep(left + 0.001)
    elif cutoff.microsecond:
        raise Refused("invalid", _("A cutoff is a whole second."))
    if cutoff >= _database_clock():
        raise Refused("invalid", _("A cutoff must lie in the past."))
    return cutoff


def _database_clock() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _publish(terms: Terms, replaces: Release | None = None) -> Release:
    """The release of this name: the one that is there, proven, and written again where its folder was lost; else a new
    one. What a row is made from is kept in the same transaction as the row."""
    final = folder_of(terms.version)
    known = Release.objects.filter(version=terms.version).first()
    if known and final.exists():
        prove(final, known)
        return known
    clear_staging(final.parent)
    staging = final.parent / f".{terms.version}-{os.getpid()}"
    if known:
        write_again(known, staging)
        put(staging, final)
        return known
    audience = replaces.audience if replaces else settings.MINKA_RELEASES_FOR
    release = Release.objects.create(
        version=terms.version, cutoff=terms.cutoff, replaces=replaces, audience=audience, manifest={}
    )
    with open_snapshot() as snapshot:
        write(staging, Live(snapshot, terms, release), terms)
    manifest = prove(staging) if not final.exists() else _adopted(staging, final, release)
    if not final.exists():
        put(staging, final)
    release.release_id, release.manifest = manifest["release_id"], manifest
    release.save(update_fields=["release_id", "manifest"])
    keep_previews(release, final)
    return release


def _adopted(staging: Path, final: Path, release: Release) -> dict[str, Any]:
    """A folder that stands there without a row: who put it was killed before the row, or the database is an older copy.
    It stays as it is; what was kept now is its membership only where it is what would be written now."""
    manifest = prove(final)
    if prove(staging)["release_id"] != manifest["release_id"]:
        release.membership.all().delete()
    shutil.rmtree(staging)
    return manifest


@transaction.atomic
def point_latest() -> None:
    """Move `latest` to the newest published release, in one step. Where every one is recalled there is none. What
    somebody who was killed left beside it goes."""
    one_points()
    folder = Path(settings.MINKA_RELEASES)
    for left in folder.glob(".latest-*"):
        left.unlink()
    newest = published().first()
    if newest is None:
        (folder / "latest").unlink(missing_ok=True)
        return
    if (folder / "latest").is_symlink() and (folder / "latest").readlink() == Path(newest.version):
        return
    fresh = folder / f".latest-{os.getpid()}"
    fresh.symlink_to(newest.version)
    fresh.replace(folder / "latest")


def unfinished() -> list[dt.datetime]:
    """Cutoffs of releases that stand in their place and have no row: who put them was killed before it. The next run
    of the same cutoff completes them; of these none may come, and no recall would ever see them."""
    whole = [path.name for path in Path(settings.MINKA_RELEASES).glob("2*") if not (path / mf.TOMBSTONE).exists()]
    known = set(Release.objects.filter(version__in=whole).values_list("version", flat=True))
    return sorted(cutoff for name in whole if name not in known and (cutoff := cutoff_of(name)))


def publish_due(*, now: dt.datetime | None = None) -> Release | None:
    """The nightly release, if its hour has come, it is not there, and something was judged since the last one.

    Asked again and again by the timetable: a lost message is made good by the next, a doubled one finds the release.
    """
    slot = owed(now or timezone.now())
    return publish(cutoff=slot) if slot else None
