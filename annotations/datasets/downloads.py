"""Handing out the files of a release: only names its manifest has, whole or in a range."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404

from annotations.datasets import manifest as mf
from annotations.datasets.access import refuse_without_access
from annotations.datasets.ending import refuse_ended
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.datasets.queries import names_of

_TYPES = {".json": "application/json", ".md": "text/markdown; charset=utf-8"}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_CHUNK = 1 << 18


def serve(request: HttpRequest, version: str, name: str) -> HttpResponseBase:
    """A file of a release, or 404. The name is looked up, never joined from what was sent. Of a release that ended only
    manifest and tombstone are left, of one that is held the manifest.

    Raises:
        Refused: `recalled` or `expired`; `errors` say why, and what there is instead. `not_open`, while it is held.
            `forbidden` where its rows are
            not for everybody.
    """
    release = get_object_or_404(Release, version=version)
    if name not in names_of(release):
        if name in release.manifest["files"] or name == mf.SUMS:
            refuse_ended(release)
        raise Http404
    if name.startswith("data/"):
        refuse_without_access(request, release)
    path = folder_of(release.version) / name
    if not path.is_file():
        raise Http404
    etag = f'"{release.manifest["files"].get(name, {}).get("sha256", f"{release.release_id}-{release.state}")}"'
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": etag})
    same = request.headers.get("If-Range", etag) == etag
    response = _ranged(path, request.headers.get("Range", "") if same else "")
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Content-Type"] = _TYPES.get(path.suffix, "application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    if release.audience != Release.Audience.EVERYBODY:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _ranged(path: Path, header: str) -> HttpResponseBase:
    size = path.stat().st_size
    match = _RANGE.fullmatch(header.strip())
    if not match or match.groups() == ("", ""):
        return FileResponse(path.open("rb"))  # several ranges, or none we understand: all of it, as RFC 9110 allows
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_read(path, start, end - start + 1), status=206)
    response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    response.headers["Content-Length"] = str(end - start + 1)
    return response


def _read(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk
