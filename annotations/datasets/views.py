"""Releases for people: the list, and one with its numbers and files."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.datasets.api import as_listed
from annotations.datasets.folders import folder_of
from annotations.datasets.queries import told
from annotations.datasets.records import archive
from annotations.datasets.rows import REASONS
from annotations.people.models import Variety
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
    rows = [
        (release, {config: sum(splits.values()) for config, splits in release.manifest["configs"].items()})
        for release in told()[:60]
    ]
    return render(request, "datasets/releases.html", {"releases": rows})


@require_safe
def release(request: HttpRequest, version: str) -> HttpResponse:
    """A release: what is in it, by variety with bars, what is left out and why, its files with their sums. One that was
    recalled says so, and which one takes its place."""
    row = get_object_or_404(told(), version=version)
    manifest = row.manifest
    judged = manifest["varieties"]["judgements"]
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
        "folder": folder_of(version).name,
    }
    return render(request, "datasets/release.html", context)
