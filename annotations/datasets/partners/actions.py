"""Making and ending agreements, writing what partners get, and handing it out."""

import datetime as dt
import hashlib
import logging
import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.datasets.folders import partner_file, partner_files
from annotations.datasets.membership import Lost
from annotations.datasets.models import Release
from annotations.datasets.partners.models import HandOut, Partnership
from annotations.datasets.partners.queries import BATCH, COLUMNS, agreements_of, handed_over_now, in_force, rows_for
from annotations.datasets.recalls.queries import refuse_what_must_go
from annotations.errors import Refused
from annotations.people.models import Consent, Person

log = logging.getLogger(__name__)

STILL_GOING: Final = 60
"""Seconds in which a withdrawal that has begun is seen."""
_PARTNERS_LOCK = 0x6D696E6B000D
"""One writes at a time (a transaction's advisory lock); whoever comes meanwhile has nothing to do."""


@transaction.atomic
def agree(
    *, by: Person, slug: str, name: str, document: str, person: Person | None, begins_on: dt.date, ends_on: dt.date
) -> Partnership:
    """Enter a written agreement."""
    return Partnership.objects.create(
        slug=slug, name=name, document=document, person=person, begins_on=begins_on, ends_on=ends_on, made_by=by
    )


@transaction.atomic
def change_agreement(*, partnership: Partnership, person: Person | None, ends_on: dt.date) -> Partnership:
    """Its account and its last day may change; what was agreed on may not.

    Raises:
        Refused: `not_open` where it was ended.
    """
    row = Partnership.objects.select_for_update(of=("self",)).get(pk=partnership.pk)
    if row.ended_at:
        raise Refused("not_open", _("It is over already."))
    row.person, row.ends_on = person, ends_on
    row.save(update_fields=["person", "ends_on"])
    return row


@transaction.atomic
def end_agreement(*, partnership: Partnership, why: str) -> Partnership:
    """It is over before its time: from now on nothing is handed out under it, and its files go.

    Raises:
        Refused: `invalid` without a reason.
    """
    if not why.strip():
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    row = Partnership.objects.select_for_update(of=("self",)).get(pk=partnership.pk)
    if row.ended_at is None:
        row.ended_at, row.why = timezone.now(), why.strip()
        row.save(update_fields=["ended_at", "why"])
    return row


@transaction.atomic
def write_due(*, now: dt.datetime | None = None) -> list[str]:
    """Write the file of the newest release for every agreement in force, where it is not there or somebody took their
    consent back since; any other file goes. Returns the short names of those for whom something was written."""
    if not _alone():
        return []
    release, partners = handed_over_now(), in_force((now or timezone.now()).astimezone(dt.UTC).date())
    due = {partner_file(each.slug, release.version): each for each in partners} if release else {}
    for path in partner_files():
        if path not in due:
            path.unlink()
    stale = {path: each for path, each in due.items() if not _is_current(path)}
    return [each.slug for path, each in stale.items() if release and _write(path, each, release)]


def _is_current(path: Path) -> bool:
    """Whether nobody took their consent back since it was read."""
    if not path.exists():
        return False
    written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return not Consent.objects.filter(act=Consent.Act.WITHDRAW, recorded_at__gte=written).exists()


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_PARTNERS_LOCK])
        return bool(cursor.fetchone()[0])


def _write(path: Path, partnership: Partnership, release: Release) -> bool:
    """Whole or not there: not of a release that keeps nothing of what it was made from, nor of one that was recalled
    meanwhile. What goes wrong with one keeps no other waiting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part, read_at = path.with_name(f"{path.name}.{os.getpid()}"), time.time() - STILL_GOING
    try:
        _fill(part, rows_for(partnership, release))
        os.utime(part, (read_at, read_at))  # so `_is_current` finds what was taken back while it was written
        if not release.membership.exists():
            raise Lost("nothing of what it was made from")
        part.replace(path)
    except Lost as lost:
        log.error("what partners get of %s cannot be written: %s", release.version, lost)
        part.unlink(missing_ok=True)
        return False
    return True


def _fill(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    import pyarrow as pa  # Arrow is the night's: at rest no process holds it
    import pyarrow.parquet as pq

    from annotations.datasets.arrow import schema_of

    schema = schema_of(COLUMNS)
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        while several := list(islice(rows, BATCH)):
            file.write_batch(pa.RecordBatch.from_pylist(several, schema=schema))


def hand_out(*, person: Person, slug: str, version: str) -> BinaryIO:
    """The file of a release, open, for the partner whose account asks; that it was handed out is kept.

    Raises:
        Refused: `recalled` where the release must go.
        Http404: no agreement of theirs is in force, or nothing is written for it of this release.
    """
    partnership = agreements_of(person).filter(slug=slug).first()
    release = Release.objects.filter(version=version).first()
    if partnership is None or release is None:
        raise Http404
    refuse_what_must_go(release)
    try:
        if release.state != Release.State.PUBLISHED:
            raise FileNotFoundError
        file = partner_file(partnership.slug, release.version).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    HandOut.objects.create(partnership=partnership, release=release, sha256=sha256)
    return file
