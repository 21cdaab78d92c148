"""A release is published only once it is proven, and it is proven again whenever it is met."""

import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from annotations.datasets import manifest as mf
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release

MOST_SAID = 2_000
"""Characters of what is wrong with a release that are kept."""


class Unsound(Exception):
    """A release failed its own proof and was not published."""


def prove(folder: Path, known: Release | None = None) -> dict[str, Any]:
    """The manifest of a sound folder; where the release was published before, it must be that one.

    Raises:
        Unsound: it is not sound, or it is another one.
    """
    from annotations.datasets.verify import problems  # Arrow is the night's: at rest no process holds it

    if found := problems(folder):
        raise Unsound(f"{folder}: " + "; ".join(found[:5]))
    manifest: dict[str, Any] = json.loads((folder / mf.NAME).read_text("utf-8"))
    if known and known.manifest != manifest:
        raise Unsound(f"{folder} is not the release that was published under this name")
    return manifest


def prove_again(*, release: Release) -> str:
    """Prove a release where it lies, and keep when, and what is wrong: that is returned, empty where it is sound."""
    try:
        prove(folder_of(release.version), release)
        found = ""
    except (Unsound, OSError) as error:
        found = str(error)[:MOST_SAID]
    Release.objects.filter(pk=release.pk).update(proven_at=timezone.now(), unsound=found)
    return found
