"""What a restored database says of releases, made true on the disk: files may be older than the rows, or newer."""

import json
import logging
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from annotations.datasets import manifest as mf
from annotations.datasets.actions import point_latest
from annotations.datasets.folders import folder_of, put_instead
from annotations.datasets.membership import Lost
from annotations.datasets.models import Release
from annotations.datasets.proof import Unsound
from annotations.datasets.rebuilding import write_again, write_kept
from annotations.datasets.recalls.actions import recall_due, retract
from annotations.datasets.recalls.models import REASONS
from annotations.datasets.verify import problems
from annotations.errors import Refused

log = logging.getLogger(__name__)


@dataclass
class Made:
    """Names of releases: `written` again, `lost` because they could not be, and `recalled` because they had been."""

    written: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    recalled: list[str] = field(default_factory=list)


def make_true(recalled: Iterable[Sequence[str]] = ()) -> Made:
    """Recall what holds what was erased and what had been recalled, take away files of releases that ended, and write
    again those that are missing or broken; where that cannot be, what is there stays.

    Args:
        recalled: (version, reason, why) of releases that were taken back after the moment that was restored to. What
            lies in the folders says it too: a tombstone is newer than the rows.
    """
    made = Made()
    by_hand = {version: (reason, why) for version, reason, why in recalled}
    for release in _in_force():
        told = by_hand.get(release.version) or _said_by_hand(_tombstone(release))
        if told:
            made.recalled += _taken_back(release, *told)
    recall_due()
    for release in _in_force():
        if _tombstone(release).get("reason", "period") != "period":
            # What was erased is not known here any more: no clean one can be made of it.
            why = _("Something in it had been erased before this house was restored from a backup.")
            made.recalled += _taken_back(release, Release.Reason.PERSONAL, why)
    for release in _in_force():
        folder = folder_of(release.version)
        if folder.exists() and not problems(folder):
            continue
        try:
            _write(release)
        except (Refused, Unsound, Lost) as wrong:
            log.warning("%s could not be written again: %s", release, wrong)
            made.lost.append(release.version)
        else:
            made.written.append(release.version)
    point_latest()
    return made


def _in_force() -> list[Release]:
    """Those that did not end, held ones among them."""
    return list(Release.objects.filter(state=Release.State.PUBLISHED).order_by("-cutoff", "-published_at"))


def _tombstone(release: Release) -> Mapping[str, Any]:
    """What its folder says of its end; nothing, where it says nothing."""
    try:
        return dict(json.loads((folder_of(release.version) / mf.TOMBSTONE).read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError:
        return {"reason": "unreadable"}


def _said_by_hand(tombstone: Mapping[str, Any]) -> tuple[str, str] | None:
    reason = tombstone.get("reason")
    return (reason, tombstone.get("why", "")) if reason in dict(REASONS) else None


def _taken_back(release: Release, reason: str, why: str) -> list[str]:
    retract(release=release, reason=reason, why=why)
    return [release.version]


def _write(release: Release) -> None:
    """Beside, then in its place: what is there goes when the other is proven."""
    folder = folder_of(release.version)
    staging = folder.with_name(f".{release.version}-{os.getpid()}")
    try:
        (write_kept if release.held_since else write_again)(release, staging)
        put_instead(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
