"""The votes behind the boards, as files: JSON lines and CSV, packed on the disk. Only those of the newest release are
kept, so that what was erased is in none a quarter of an hour after its release was recalled."""

import csv
import gzip
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TextIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404

from annotations.datasets.access import refuse_without_access
from annotations.datasets.ending import refuse_ended
from annotations.datasets.folders import put
from annotations.datasets.models import Release
from annotations.datasets.recalls.queries import refuse_what_must_go
from annotations.spreadsheets import harmless

FILES: Final = ("votes.csv", "votes.jsonl", "scores.csv", "scores.jsonl")
_TYPES: Final = {".csv": "text/csv; charset=utf-8", ".jsonl": "application/jsonl; charset=utf-8"}
_CHUNK: Final = 1 << 18


def folder_of(version: str) -> Path:
    return Path(settings.MINKA_BOARDS) / version


def staging_of(version: str) -> Path:
    """An empty folder in which this process writes."""
    folder = folder_of(f".{version}-{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Both files of a name, as rows come."""
    with ExitStack() as open_ones:
        table, lines = (
            open_ones.enter_context(_packed(folder / f"{name}{ending}.gz")) for ending in (".csv", ".jsonl")
        )  # fmt: skip
        writer = csv.writer(table)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([harmless(value) for value in row])
            lines.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")


def _packed(path: Path) -> TextIO:
    """The same rows give the same bytes: no name and no time stands in it."""
    return io.TextIOWrapper(gzip.GzipFile("", "wb", 6, path.open("wb"), 0), "utf-8", newline="")


def put_in_place(staging: Path, version: str) -> None:
    final = folder_of(version)
    shutil.rmtree(final, ignore_errors=True)
    put(staging, final)


def keep_only(version: str | None) -> None:
    """Every other folder goes, with what somebody who was killed left half done."""
    folder = Path(settings.MINKA_BOARDS)
    for other in folder.iterdir() if folder.is_dir() else ():
        if other.name != version:
            shutil.rmtree(other, ignore_errors=True)


def are_there(version: str) -> bool:
    return all((folder_of(version) / f"{name}.gz").is_file() for name in FILES)


def serve(request: HttpRequest, version: str, name: str) -> HttpResponseBase:
    """One of `FILES`, or 404. It travels packed to whoever takes that, which is every browser.

    Raises:
        Refused: `recalled` or `expired`, where the release ended or must; `forbidden` where its rows are not for
            everybody.
    """
    release = get_object_or_404(Release, version=version)
    refuse_what_must_go(release)
    refuse_ended(release)
    refuse_without_access(request, release)
    path = folder_of(release.version) / f"{name}.gz"
    if name not in FILES or not path.is_file():
        raise Http404
    response = _sent(path, packed="gzip" in request.headers.get("Accept-Encoding", ""))
    response.headers["Content-Type"] = _TYPES[Path(name).suffix]
    response.headers["Content-Disposition"] = f'attachment; filename="{release.version}-{name}"'
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _sent(path: Path, *, packed: bool) -> HttpResponseBase:
    if packed:
        response = FileResponse(path.open("rb"))
        response.headers["Content-Encoding"] = "gzip"
        return response
    return StreamingHttpResponse(_unpacked(path))


def _unpacked(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk
