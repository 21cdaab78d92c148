"""Releases for people: the list, and one with its numbers and files."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotations.datasets.actions import folder_of
from annotations.datasets.api import as_listed
from annotations.datasets.queries import published
from annotations.datasets.rows import REASONS


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    rows = [
        (release, {config: sum(splits.values()) for config, splits in release.manifest["configs"].items()})
        for release in published()[:60]
    ]
    return render(request, "datasets/releases.html", {"releases": rows})


@require_safe
def release(request: HttpRequest, version: str) -> HttpResponse:
    """A release: what is in it, by variety with bars, what is left out and why, its files with their sums."""
    row = get_object_or_404(published(), version=version)
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
