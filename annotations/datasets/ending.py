"""How a release ends, whyever: its row says so and downloads end at once, what it kept goes with it, and of its folder
stay the manifest and a tombstone."""

import json
import os
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.datasets import manifest as mf
from annotations.datasets.folders import clear_staging, folder_of, partner_files, put_instead
from annotations.datasets.locks import one_at_a_time
from annotations.datasets.models import Membership, Preview, Release
from annotations.datasets.names import next_name
from annotations.datasets.queries import published
from annotations.errors import Refused

HELD: Final = gettext_lazy("Its files are out of sight while two people decide whether it is taken back.")


def successor(release: Release) -> str | None:
    """The name of the clean release that takes its place. None where it was taken back, which nothing mends by itself,
    and where it had expired: of old nightlies none is made again."""
    erased = release.reason == Release.Reason.ERASED and release.expired_at is None
    return next_name(release.version) if erased else None


def refuse_ended(release: Release) -> None:
    """Raises `Refused`: `recalled` or `expired`, where the files of a release are not there any more; `errors` say why
    and what there is instead. `not_open`, while they are out of sight."""
    if release.held_since:
        raise Refused("not_open", HELD)
    if release.state == Release.State.RECALLED:
        told = {"reason": release.reason, "why": release.why, "replaced_by": successor(release)}
        raise Refused("recalled", errors={name: value for name, value in told.items() if value})
    if release.state == Release.State.EXPIRED:
        newest = published().values_list("version", flat=True).first()
        days = _("The files of this release were kept for %d days, and nothing keeps it. Its manifest is still here.")
        raise Refused("expired", days % settings.MINKA_NIGHTLY_DAYS, {"state": release.state, "newest": newest})


def let_go(release: Release) -> None:
    """What the house kept of a release beside its files."""
    Membership.objects.filter(release=release).delete()
    Preview.objects.filter(release=release).delete()
    for path in partner_files(release.version):
        path.unlink(missing_ok=True)


@transaction.atomic
def lay_tombstone(release: Release) -> None:
    """A folder with the manifest and the tombstone, in the place of the one with all the files, which goes."""
    one_at_a_time()
    release = Release.objects.get(pk=release.pk)  # what expired may have been recalled while we waited
    final = folder_of(release.version)
    clear_staging(final.parent)
    staging = final.with_name(f".{release.version}-{os.getpid()}")
    staging.mkdir()
    mf.write_manifest(staging, release.manifest)
    (staging / mf.TOMBSTONE).write_text(_written(release), "utf-8")
    put_instead(staging, final)
    clear_staging(final.parent)


def has_its_tombstone(release: Release) -> bool:
    """Whether the tombstone is there and says what is true now: what expired may be recalled afterwards."""
    path = folder_of(release.version) / mf.TOMBSTONE
    return path.is_file() and path.read_text("utf-8") == _written(release)


def _written(release: Release) -> str:
    return json.dumps(tombstone(release), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def tombstone(release: Release) -> dict[str, Any]:
    """What is told of a release that ended. It names records by their ids in it, and no person."""
    if release.state == Release.State.EXPIRED:
        assert release.expired_at
        return {"release": release.version, "expired_on": release.expired_at.date().isoformat(), "reason": "period"}
    assert release.recalled_at
    told = {
        "release": release.version,
        "recalled_on": release.recalled_at.date().isoformat(),
        "reason": release.reason,
        "replaced_by": successor(release),
        "records": release.withdrawn or None,
        "cursor": release.recall_number,
    }
    return told | ({"why": release.why} if release.why else {})
