"""Making and ending agreements, writing what partners get, and handing it out."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.datasets import manifest as mf
from annotations.datasets.folders import partner_file, partner_files
from annotations.datasets.models import Release
from annotations.datasets.partners.models import HandOut, Partnership
from annotations.datasets.partners.queries import BATCH, COLUMNS, agreements_of, handed_over_now, in_force, rows_for
from annotations.datasets.recalls.queries import refuse_what_must_go
from annotations.errors import Refused
from annotations.people.models import Person

_PARTNERS_LOCK = 0x6D696E6B000D
"""One writes at a time (a transaction's advisory lock); whoever comes meanwhile has nothing to do."""


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
    """Write the file of the newest release for every agreement in force, where it is not there; any other file goes.
    Returns the short names of those for whom something was written."""
    if not _alone():
        return []
    today = (now or timezone.now()).astimezone(dt.UTC).date()
    release, partners = handed_over_now(), list(in_force(today))
    due = {partner_file(each.slug, release.version): each for each in partners} if release else {}
    for path in partner_files():
        if path not in due:
            path.unlink()
    written = []
    for path, each in due.items():
        if not path.exists():
            assert release
            _write(path, each, release)
            written.append(each.slug)
    return written


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_PARTNERS_LOCK])
        return bool(cursor.fetchone()[0])


def _write(path: Path, partnership: Partnership, release: Release) -> None:
    """Whole or not there."""
    import pyarrow as pa  # Arrow is the night's: at rest no process holds it
    import pyarrow.parquet as pq

    from annotations.datasets.arrow import schema_of

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    schema = schema_of(COLUMNS)
    with pq.ParquetWriter(part, schema, compression="zstd") as file:
        rows: list[dict[str, Any]] = []
        for row in rows_for(partnership, release):
            rows.append(row)
            if len(rows) == BATCH:
                file.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
                rows = []
        file.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
    part.replace(path)


@transaction.atomic
def hand_out(*, person: Person, slug: str, version: str) -> Path:
    """The file of a release, for the partner whose account asks; that it was handed out is kept.

    Raises:
        Refused: `recalled` where the release must go.
        Http404: no agreement of theirs is in force, or nothing is written for it of this release.
    """
    partnership = agreements_of(person).filter(slug=slug).first()
    release = Release.objects.filter(version=version).first()
    if partnership is None or release is None:
        raise Http404
    refuse_what_must_go(release)
    path = partner_file(partnership.slug, release.version)
    if release.state != Release.State.PUBLISHED or not path.is_file():
        raise Http404
    HandOut.objects.create(partnership=partnership, release=release, sha256=mf.sha256_of(path))
    return path
