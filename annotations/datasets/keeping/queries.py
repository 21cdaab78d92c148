"""Which releases are kept and why, which are past their period, and which are editions."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from annotations.datasets.keeping.models import Edition, Pin
from annotations.datasets.keeping.registry import Keep, registered
from annotations.datasets.models import Release
from annotations.datasets.queries import published

EDITION = Keep("edition", _("it is an edition"), lambda: Edition.objects.values("release"))
CITATION = Keep("citation", _("somebody cites it"), lambda: Pin.objects.filter(ended_at=None).values("release"))


def kept() -> QuerySet[Release]:
    """Releases that stay when their period is over."""
    return _of_the_same_cutoff(*(Q(pk__in=keep.releases()) for keep in registered()))


def _of_the_same_cutoff(*which: Q) -> QuerySet[Release]:
    """A clean release takes another's place under the same cutoff, and what keeps the one keeps the other."""
    any_of = Q(pk__in=[])
    for each in which:
        any_of |= each
    return Release.objects.filter(cutoff__in=Release.objects.order_by().filter(any_of).values("cutoff"))


def kept_for(release: Release) -> list[Keep]:
    """Why a release stays, in one query for each reason."""
    return [keep for keep in registered() if _of_the_same_cutoff(Q(pk__in=keep.releases())).filter(pk=release.pk)]


def past_its_period(now: dt.datetime) -> QuerySet[Release]:
    """Published releases that nothing keeps and whose days are over; never the newest, so that there is always one.

    Days count from the cutoff: the clean one in another's place goes when the other would have gone.
    """
    over = now - dt.timedelta(days=settings.MINKA_NIGHTLY_DAYS)
    newest = published().values("pk")[:1]
    return published().filter(cutoff__lt=over).exclude(pk__in=newest).exclude(pk__in=kept().order_by().values("pk"))


def until(release: Release) -> dt.datetime:
    """When the period of a release is over."""
    return release.cutoff + dt.timedelta(days=settings.MINKA_NIGHTLY_DAYS)


def editions() -> QuerySet[Edition]:
    return Edition.objects.select_related("release").defer("release__manifest", "release__withdrawn")


def edition_of(release: Release) -> Edition | None:
    return editions().filter(release__cutoff=release.cutoff).first()


def standing(edition: Edition) -> Release | None:
    """The release of an edition as it is now: of those of its cutoff the one that is published; None where it was taken
    back, or no clean one is there yet."""
    return published().filter(cutoff=edition.release.cutoff).first()


def told_edition(slug: str) -> tuple[Edition, Release]:
    """An edition with the release that stands for it; 404 without either."""
    edition = get_object_or_404(editions(), slug=slug)
    return edition, get_object_or_404(published(), cutoff=edition.release.cutoff)


def cited(edition: Edition, release: Release) -> dict[str, Any]:
    """What a citation and a deposit tell beside the manifest: the title, the DOI, and those of the releases before it
    that this one takes the place of; and whether everybody may take its rows (`open`)."""
    before = Release.objects.filter(cutoff=release.cutoff, published_at__lt=release.published_at).exclude(doi="")
    return {
        "open": release.audience == Release.Audience.EVERYBODY,
        "title": edition.title, "doi": release.doi, "before": list(before.order_by("pk").values_list("doi", flat=True)),
    }  # fmt: skip
