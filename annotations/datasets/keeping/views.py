"""An edition under its own name, and the papers it is cited and deposited by."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from annotations.datasets.keeping.deposit import PAPERS
from annotations.datasets.keeping.queries import cited, editions, standing, told_edition
from annotations.datasets.models import Release


@require_safe
def edition(request: HttpRequest, slug: str) -> HttpResponse:
    """To the release that stands for it now: an address that can be cited. Where it was taken back, to the last one of
    it, whose page says so."""
    found = get_object_or_404(editions(), slug=slug)
    release = standing(found) or Release.objects.filter(cutoff=found.release.cutoff).latest("published_at")
    return redirect("release", release.version)


@require_safe
def paper(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    found, release = told_edition(slug)
    if name not in PAPERS:
        raise Http404
    kind = "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
    response = HttpResponse(PAPERS[name](release.manifest, cited(found, release)), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
