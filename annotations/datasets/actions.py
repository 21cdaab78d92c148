"""Publishing: everything acknowledged before a cutoff, written aside, checked, and renamed into place whole."""

import datetime as dt
import hashlib
import json
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
from annotations.datasets.card import card
from annotations.datasets.configs.base import Terms
from annotations.datasets.models import Release
from annotations.datasets.pseudonyms import release_key
from annotations.datasets.queries import Books, Counts, books, labels, rows_of, watermark
from annotations.datasets.rows import CONFIGS, FORMAT, SPLITS
from annotations.datasets.snapshot import Snapshot, open_snapshot
from annotations.errors import Refused
from annotations.quality.actions import settle_due
from annotations.quality.checks.actions import look_for_alarms
from annotations.quality.gates.actions import watch_over
from annotations.reviewing.actions import settle_reviews

_PUBLISH_LOCK = 0x6D696E6B0003
"""One publisher at a time (a transaction's advisory lock)."""


class Unsound(Exception):
    """A release failed its own proof and was not published."""


def publish(*, cutoff: dt.datetime | None = None) -> Release:
    """Settle what is due and publish everything acknowledged up to the cutoff.

    Args:
        cutoff: a moment in the past, with a time zone; the end of the current second when left out. The release's
            name is the cutoff in UTC, so the same cutoff again finds the release that is there and proves it.

    Raises:
        Refused: `invalid` for a cutoff in the future.
        Unsound: what was written, or what lies there already, does not pass `verify`. Nothing was published.
    """
    cutoff = _settle_on(cutoff)
    with transaction.atomic():
        wait_for_submits()
    _settle(cutoff)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISH_LOCK])
        release = _publish(Terms(version_of(cutoff), cutoff, _key(cutoff), settings.MINKA_SMALL_CELL))
    _point_latest(folder_of(release.version).parent)
    return release


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


def version_of(cutoff: dt.datetime) -> str:
    return cutoff.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def folder_of(version: str) -> Path:
    return Path(settings.MINKA_RELEASES) / version


def _key(cutoff: dt.datetime) -> bytes:
    return release_key(settings.MINKA_MASTER_KEY.encode(), version_of(cutoff))


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


def _publish(terms: Terms) -> Release:
    final = folder_of(terms.version)
    known = Release.objects.filter(version=terms.version).first()
    if not final.exists():
        _clear_staging(final.parent)
        staging = final.parent / f".{terms.version}-{os.getpid()}"
        with open_snapshot() as snapshot:
            _write(staging, snapshot, terms)
        manifest = _prove(staging, known)
        _sync(staging)
        staging.rename(final)
        _sync_folder(final.parent)
    else:
        manifest = _prove(final, known)
    return known or Release.objects.create(
        version=terms.version, cutoff=terms.cutoff, release_id=manifest["release_id"], manifest=manifest
    )


def _prove(folder: Path, known: Release | None) -> dict[str, Any]:
    """The manifest of a sound folder; where the release was published before, it must be that one."""
    from annotations.datasets.verify import problems  # Arrow is the night's: at rest no process holds it

    if found := problems(folder):
        raise Unsound(f"{folder}: " + "; ".join(found[:5]))
    manifest: dict[str, Any] = json.loads((folder / mf.NAME).read_text("utf-8"))
    if known and known.release_id != manifest["release_id"]:
        raise Unsound(f"{folder} is not the release that was published under this name")
    return manifest


def _clear_staging(folder: Path) -> None:
    """What a killed publisher left; nobody else writes while we hold the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".2*"):
        shutil.rmtree(left)


def _write(folder: Path, snapshot: Snapshot, terms: Terms) -> None:
    from annotations.datasets.parquet import Writer  # as above

    counts = Counts()
    licences: dict[str, set[str]] = {kind: set() for kind in _NOTED}
    (folder / "data").mkdir(parents=True)
    with Writer(folder) as writer:
        for each in CONFIGS.values():
            for config, split, row in counts.passing(rows_of(each, snapshot, terms)):
                writer.add(config, split, row)
                _note_licences(licences, config, row)
    configs = {
        config: {split: writer.counts.get(config, {}).get(split, 0) for split in splits}
        for config, splits in SPLITS.items()
    }
    told = labels(snapshot, terms, {tag for tags in counts.varieties.values() for tag in tags})
    facts = _facts(terms, books(snapshot, terms), configs, counts, licences, watermark(snapshot)) | {"labels": told}
    (folder / "README.md").write_text(card(facts), "utf-8")
    files = mf.describe(folder, {
        f"data/{config}/{split}-00000-of-00001.parquet": rows
        for config, splits in configs.items() for split, rows in splits.items()
    })  # fmt: skip
    mf.write(folder, facts | {"files": files, "release_id": mf.release_id(files)})


_NOTED = {
    "contribution": ("contribution_licence",),
    "source": ("source_licence",),
    "output": ("output_licence", "chosen_licence", "rejected_licence"),
    "model": ("model", "chosen_model", "rejected_model"),
    "method": ("method",),
}
"""Columns from which the card says whose the texts are, and how they were settled."""


def _note_licences(licences: dict[str, set[str]], config: str, row: dict[str, Any]) -> None:
    if config == "excluded":
        return
    terms = row.get("meta", row)
    for kind, names in _NOTED.items():
        licences[kind].update(terms[name] for name in names if terms.get(name))


def _facts(
    terms: Terms, made_of: Books, configs: dict[str, dict[str, int]], counts: Counts,
    licences: dict[str, set[str]], decisions: dict[str, int],
) -> dict[str, Any]:  # fmt: skip
    rules = {"small_cell": terms.small_cell}
    lock = hashlib.sha256((settings.ROOT / "requirements" / "base.txt").read_bytes()).hexdigest()
    return {
        "format": FORMAT,
        "dataset": "minka",
        "version": terms.version,
        "cutoff": terms.cutoff.astimezone(dt.UTC).isoformat(),
        "configs": configs,
        "books": {"judgements": made_of.judgements, "items": made_of.items},
        "varieties": {name: dict(sorted(counts.varieties[name].items())) for name in SPLITS if name != "excluded"},
        "reasons": dict(sorted(counts.reasons.items())),
        "longest": dict(counts.longest),
        "licences": {name: sorted(values) for name, values in licences.items()},
        "permitted_use": {name: ["train"] for name, config in CONFIGS.items() if config.trains},
        "settings": rules,
        "inputs": {
            "decisions": decisions,
            "lock_sha256": lock,
            "settings_sha256": hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest(),
        },
    }


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _point_latest(folder: Path) -> None:
    """Move `latest` to the newest published release, in one step; there is always one behind the name."""
    newest = Release.objects.filter(state=Release.State.PUBLISHED).order_by("-cutoff").first()
    assert newest is not None
    fresh = folder / f".latest-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(newest.version)
    fresh.replace(folder / "latest")


def publish_due(*, now: dt.datetime | None = None) -> Release | None:
    """The nightly release, if its hour has come, it is not there, and something was judged since the last one.

    Asked again and again by the timetable: a lost message is made good by the next, a doubled one finds the release.
    """
    slot = due_slot(now or timezone.now())
    last = Release.objects.order_by("-cutoff").first()
    if last and last.cutoff >= slot:
        return None
    if not judged_between(last.cutoff if last else None, slot):
        return None
    return publish(cutoff=slot)


def due_slot(now: dt.datetime) -> dt.datetime:
    """The latest passing of `MINKA_NIGHTLY_HOUR` (UTC)."""
    slot = now.astimezone(dt.UTC).replace(hour=settings.MINKA_NIGHTLY_HOUR, minute=0, second=0, microsecond=0)
    return slot if slot <= now else slot - dt.timedelta(days=1)


def judged_between(start: dt.datetime | None, end: dt.datetime) -> bool:
    """Whether anything was acknowledged after the one, or ever, and up to the other."""
    with open_snapshot() as snapshot:
        row = snapshot.execute(
            "SELECT 1 FROM annotations_exportable"
            " WHERE received_at <= %s AND (%s::timestamptz IS NULL OR received_at > %s) LIMIT 1",
            [end, start, start],
        ).fetchone()  # fmt: skip
    return row is not None
