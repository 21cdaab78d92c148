"""Writing a published release again from what it kept, whatever happened since: the same bytes, or nothing."""

import os
import shutil
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from annotations.datasets.folders import put
from annotations.datasets.models import Release
from annotations.datasets.names import terms_of
from annotations.datasets.proof import prove
from annotations.datasets.recalls.queries import refuse_erased
from annotations.datasets.sources import Kept
from annotations.datasets.writing import write
from annotations.errors import Refused


def rebuild(*, version: str, folder: Path) -> Release:
    """Write the release of this name into a folder that is not there yet, or is empty.

    Raises:
        Refused: `not_found`; `recalled` where what somebody gave was erased since, with what must go and the release
            that takes its place in `errors`, or where it was taken back; `expired` where its time is over, and with it
            what it kept; `not_open` where it kept nothing; `invalid` where the folder is in use.
        Unsound: what comes out is not what was published: a text is not there any more, or other code writes other
            bytes. Nothing was written.
    """
    release = Release.objects.filter(version=version).first()
    if release is None:
        raise Refused("not_found")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("invalid", _("There is something in this folder already."))
    staging = folder.absolute().with_name(f".{folder.absolute().name}-{os.getpid()}")
    try:
        write_again(release, staging)
        put(staging, folder.absolute())
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return release


def write_again(release: Release, staging: Path) -> None:
    """Into a folder of its own, proven to be what was published."""
    refuse_erased(release)
    write_kept(release, staging)
    refuse_erased(release)  # who was erased meanwhile is not in it either


def write_kept(release: Release, staging: Path) -> None:
    """The same whatever was erased, and while it is held out of sight: for the folder that is its own.

    Raises:
        Refused, Unsound: as `rebuild`.
        Lost: a text is not there any more.
    """
    if not release.membership.exists():
        raise Refused("not_open", _("This release was made before releases kept what they are made from."))
    write(staging, Kept(release), terms_of(release.version, release.cutoff))
    prove(staging, release)
