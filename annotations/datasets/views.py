"""Releases for people: the list, and one with its numbers and files."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.datasets.access import link_for
from annotations.datasets.api import as_listed
from annotations.datasets.changes import changes
from annotations.datasets.keeping.deposit import PAPERS
from annotations.datasets.keeping.queries import kept_for, until
from annotations.datasets.models import Release
from annotations.datasets.previews import shown
from annotations.datasets.queries import published, told
from annotations.datasets.recalls.queries import refuse_what_must_go
from annotations.datasets.records import archive
from annotations.datasets.rows import CONFIGS, REASONS
from annotations.people.models import Person, Variety
from annotations.people.stewards.queries import stewardship_of
from annotations.people.views import person_of


@never_cache
@login_required
@require_safe
def variety_records(request: HttpRequest, tag: str) -> StreamingHttpResponse:
    """Everything of a variety as a ZIP, for a steward of it, as it streams out of the database."""
    variety = get_object_or_404(Variety, pk=tag)
    if stewardship_of(person_of(request), variety) is None:
        raise Http404
    response = StreamingHttpResponse(archive(variety), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{tag}-{timezone.now():%Y-%m-%d}.zip"'
    return response


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """Editions first, then the latest releases of all."""
    named = told().filter(named__isnull=False).exclude(state=Release.State.EXPIRED)
    editions = [release for release in named if getattr(release, "replaced_by", None) is None]
    context = {"editions": _counted(editions), "releases": _counted(told()[:60])}
    return render(request, "datasets/releases.html", context)


def _counted(releases: Iterable[Release]) -> list[tuple[Release, dict[str, int]]]:
    """Each with its rows by config."""
    return [
        (release, {config: rows for config in CONFIGS  # a manifest from the database has lost its order
                   if (rows := sum(release.manifest["configs"].get(config, {}).values()))})
        for release in releases
    ]  # fmt: skip


@require_safe
def release(request: HttpRequest, version: str) -> HttpResponse:
    """A release: what is in it, by variety with bars, what is left out and why, its files with their sums. One that
    ended says so, and what there is instead."""
    row = get_object_or_404(told(), version=version)
    manifest = row.manifest
    judged = manifest["varieties"]["judgements"]
    open_to_all = row.audience == Release.Audience.EVERYBODY
    in_sight = open_to_all and row.held_since is None
    context = {
        "release": row,
        "manifest": manifest,
        "varieties": [
            (tag, count, manifest["varieties"]["preference"].get(tag, 0), 100 * count // max(judged.values()))
            for tag, count in judged.items()
        ],
        "reasons": [
            (*name.split("/"), count, _(REASONS[name.split("/")[1]])) for name, count in manifest["reasons"].items()
        ],
        "files": as_listed(row)["files"].items(),
        "link": link_for(row, request.user) if not open_to_all and isinstance(request.user, Person) else "",
        "open_to_all": open_to_all,
        "days_of_a_link": settings.MINKA_LINK_DAYS,
        "previews": list(row.previews.order_by("pk").values_list("config", flat=True)) if in_sight else [],
        "before": _before(row),
        "newest": published().first(),
        "kept_for": kept_for(row) if row.state == Release.State.PUBLISHED else [],
        "until": until(row),
        "days": settings.MINKA_NIGHTLY_DAYS,
        "papers": list(PAPERS),
    }
    return render(request, "datasets/release.html", context)


def _before(release: Release) -> Release | None:
    """The release it is compared with by itself: the one whose place it takes, or else the last one of before."""
    if release.replaces:
        return release.replaces
    return told().filter(cutoff__lt=release.cutoff, published_at__lt=release.published_at).first()


@require_safe
def since(request: HttpRequest, version: str, older: str) -> HttpResponse:
    """What changed from one release to another: rows, varieties, and what is left out for which reason."""
    found = {row.version: row for row in told().filter(version__in=[version, older])}
    if version == older or len(found) != 2 or not _came_before(found[older], found[version]):
        raise Http404
    changed = changes(found[older], found[version])
    context = {
        "release": found[version], "older": found[older], "changes": changed,
        "reasons": [(each, _(REASONS.get(each.names[1], each.names[1]))) for each in changed.reasons],
    }  # fmt: skip
    return render(request, "datasets/since.html", context)


def _came_before(older: Release, newer: Release) -> bool:
    """Of an earlier cutoff, or the same, and made before the other: then what was erased between is a number of the
    newer one's."""
    return older.cutoff <= newer.cutoff and older.published_at < newer.published_at


@require_safe
def some_rows(request: HttpRequest, version: str, config: str) -> HttpResponse:
    """The first rows of a config. Strangers' words: escaped, cut, and nothing of them is made a link or a heading."""
    row = get_object_or_404(told(), version=version)
    refuse_what_must_go(row)
    open_to_all = row.audience == Release.Audience.EVERYBODY
    rows = shown(row, config) if config in CONFIGS and open_to_all else None
    if rows is None:
        raise Http404
    context = {
        "release": row,
        "config": CONFIGS[config],
        "about": _(CONFIGS[config].about).replace("`", ""),
        "rows": rows,
    }
    return render(request, "datasets/rows.html", context)
