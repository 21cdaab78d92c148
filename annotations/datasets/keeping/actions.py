"""Naming editions, pinning what is cited, and letting go of what is past its period."""

import datetime as dt
import logging
import re
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.datasets.ending import lay_tombstone, let_go, refuse_ended
from annotations.datasets.keeping.models import SLUG, TITLE, WHY, Edition, Pin
from annotations.datasets.keeping.queries import edition_of, past_its_period
from annotations.datasets.locks import one_at_a_time
from annotations.datasets.models import Release
from annotations.datasets.recalls.queries import holding_erased
from annotations.errors import Refused
from annotations.people.models import Person

log = logging.getLogger(__name__)

LONGEST: Final = {"slug": SLUG, "title": TITLE, "why": WHY}
"""Characters."""
_DOI: Final = re.compile(r"10\.\d{4,9}/[!-~]{1,180}")


@transaction.atomic
def name_edition(*, release: Release, slug: str, title: str, why: str, person: Person | None = None) -> Edition:
    """From now on this release has a name, and stays.

    Raises:
        Refused: `invalid` (no title or reason, a short name that is none), `name_taken` (another edition has it, or
            this release has a name already), `recalled` or `expired` where its files are not there any more.
    """
    slug, title, why = slug.strip(), title.strip(), why.strip()
    given = {"title": title, "why": why, "slug": slug}
    missing = {name: "missing" for name in ("title", "why") if not given[name]}
    missing |= {name: "too_long" for name, value in given.items() if len(value) > LONGEST[name]}
    try:
        validate_slug(slug)
    except ValidationError:
        missing["slug"] = "not_a_slug"
    if missing:
        raise Refused("invalid", errors=missing)
    one_at_a_time()  # nothing is recalled or expires meanwhile
    refuse_ended(Release.objects.get(pk=release.pk))
    if edition_of(release):
        raise Refused("name_taken", _("This release has a name already."))
    first = Release.objects.get(cutoff=release.cutoff, replaces=None)
    try:
        with transaction.atomic():
            return Edition.objects.create(slug=slug, title=title, why=why, release=first, named_by=person)
    except IntegrityError:
        raise Refused("name_taken") from None


@transaction.atomic
def pin(*, release: Release, why: str, person: Person) -> Pin:
    """The release stays, because somebody cites it.

    Raises:
        Refused: `invalid` without a reason; `recalled` or `expired` where its files are not there any more.
    """
    if not why.strip():
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    one_at_a_time()
    refuse_ended(Release.objects.get(pk=release.pk))
    return Pin.objects.create(release=release, why=why.strip(), pinned_by=person)


@transaction.atomic
def unpin(*, pin: Pin) -> Pin:
    """It is cited no more. Where nothing else keeps the release it goes when its period is over, or has been."""
    pin = Pin.objects.select_for_update().get(pk=pin.pk)
    if pin.ended_at is None:
        pin.ended_at = timezone.now()
        pin.save(update_fields=["ended_at"])
    return pin


@transaction.atomic
def set_doi(*, release: Release, doi: str) -> Release:
    """The DOI under which a release was deposited. It is of these bytes: the clean one in its place gets another.

    Raises:
        Refused: `invalid` for what is no DOI, another release's, or where the release is no edition; `not_open` where
            it has another one already.
    """
    doi = doi.strip()
    if not _DOI.fullmatch(doi):
        raise Refused("invalid", _("A DOI looks like 10.1234/abcd."), {"doi": "not_a_doi"})
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if edition_of(release) is None:
        raise Refused("invalid", _("Only an edition has a DOI."), {"doi": "no_edition"})
    if release.doi and release.doi != doi:
        raise Refused("not_open", _("It has a DOI already."))
    release.doi = doi
    try:
        with transaction.atomic():
            release.save(update_fields=["doi"])
    except IntegrityError:
        raise Refused("invalid", _("This is the DOI of another release."), {"doi": "taken"}) from None
    return release


def expire_due(*, now: dt.datetime | None = None) -> list[Release]:
    """Let go of every nightly that is past its period. What holds something erased is recalled first, while it is still
    known what must go of it: the next run finds it."""
    now = now or timezone.now()
    recalls = {release.pk for release in holding_erased()}
    return [each for release in past_its_period(now) if release.pk not in recalls and (each := _expire(release, now))]


def _expire(release: Release, now: dt.datetime) -> Release | None:
    """Its row first, so that downloads end at once, then its files. None where it was named or pinned meanwhile."""
    with transaction.atomic():
        one_at_a_time()
        Release.objects.select_for_update(of=("self",)).get(pk=release.pk)  # whoever hands it over holds it
        found = past_its_period(now).filter(pk=release.pk).first()
        if found is None:
            return None
        found.state, found.expired_at = Release.State.EXPIRED, now
        found.save(update_fields=["state", "expired_at"])
        let_go(found)
    lay_tombstone(found)
    return found
