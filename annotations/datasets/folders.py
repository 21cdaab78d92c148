"""Folders of releases: where they lie, and putting one into its place so that nobody ever sees half of it."""

import os
import shutil
import time
from pathlib import Path

from django.conf import settings


def folder_of(version: str) -> Path:
    return Path(settings.MINKA_RELEASES) / version


def partner_file(slug: str, version: str) -> Path:
    """What a partner gets of a release (`partners/`)."""
    return Path(settings.MINKA_PARTNERS) / slug / f"{version}.parquet"


def partner_files(version: str = "*") -> list[Path]:
    """Those of every partner, of one release or of all; and what somebody who was killed left half done."""
    return [*Path(settings.MINKA_PARTNERS).glob(f"*/{version}.parquet*")]


def clear_staging(folder: Path) -> None:
    """What somebody who was killed left half done. Whoever calls holds the lock of publishers (`actions.py`). Those who
    helped him may write there for a while yet, and make no folder anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for _round in range(20):
        for left in folder.glob(".2*"):
            shutil.rmtree(left, ignore_errors=True)
        if not any(folder.glob(".2*")):
            return
        time.sleep(0.1)
    for left in folder.glob(".2*"):
        shutil.rmtree(left)  # what cannot be taken away is told


def put(staging: Path, final: Path) -> None:
    """Everything on the disk first, then the name."""
    _sync(staging)
    staging.rename(final)
    _sync_folder(final.parent)


def put_instead(staging: Path, final: Path) -> None:
    """The same where something stands: it goes when the other is there."""
    gone = staging.with_name(f"{staging.name}-gone")
    if final.exists():
        final.rename(gone)
    put(staging, final)
    shutil.rmtree(gone, ignore_errors=True)


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
