"""A release, file by file, into a folder that is whole or not there."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from minka_client.errors import Damaged
from minka_client.things import File, Release

Pieces = Callable[[str, int], Iterator[tuple[int, bytes]]]
"""The bytes of an address from a place on, each piece with its place."""


def fetch(release: Release, folder: Path, pieces: Pieces) -> Path:
    """The release's own folder below this one. It is gathered under another name, where a later try goes on."""
    final, gathered = folder / release.version, folder / f".{release.version}"
    if final.is_dir():
        return final
    for file in release.files:
        path = inside(gathered, file.name)
        if not _is_whole(path, file):
            _get(path, file, pieces)
    gathered.rename(final)
    return final


def inside(folder: Path, name: str) -> Path:
    """The path of a file that the house named, in this folder and nowhere else."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Damaged(f"{name}: not a name inside the folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _get(path: Path, file: File, pieces: Pieces) -> None:
    part = path.with_name(f"{path.name}.part")
    begun = part.stat().st_size if part.exists() else 0
    with part.open("r+b" if begun else "wb") as out:
        for place, piece in pieces(file.url, begun):
            out.seek(place)
            out.truncate()
            out.write(piece)
    if not _is_whole(part, file):
        part.unlink()
        raise Damaged(f"{file.name}: not what the release says it is")
    part.rename(path)


def _is_whole(path: Path, file: File) -> bool:
    """Whether it is there, and is what the release says. Of the manifest and the list of sums it says nothing."""
    if not path.is_file() or (file.bytes is not None and path.stat().st_size != file.bytes):
        return False
    if file.sha256 is None:
        return True
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
