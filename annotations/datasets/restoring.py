"""What a restored database says of releases, made true on the disk: files may be older than the rows."""

import logging
import shutil

from annotations.datasets.actions import point_latest
from annotations.datasets.folders import folder_of
from annotations.datasets.proof import Unsound
from annotations.datasets.queries import published
from annotations.datasets.rebuilding import rebuild
from annotations.datasets.recalls.actions import recall_due
from annotations.datasets.verify import problems
from annotations.errors import Refused

log = logging.getLogger(__name__)


def make_true() -> tuple[list[str], list[str]]:
    """Recall what holds what was erased, take away files of releases that ended, and write again those that are
    missing or broken. Returns the releases that were written again, and those that could not be."""
    recall_due()
    written, lost = [], []
    for release in published():
        folder = folder_of(release.version)
        if folder.exists() and not problems(folder):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        try:
            rebuild(version=release.version, folder=folder)
        except (Refused, Unsound) as wrong:
            log.warning("%s could not be written again: %s", release, wrong)
            lost.append(release.version)
        else:
            written.append(release.version)
    point_latest()
    return written, lost
