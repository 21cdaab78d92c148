"""The manifest: what a release holds, by name, checksum and number, and what it was made from. No Django here."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

NAME = "manifest.json"
TOMBSTONE = "tombstone.json"
"""Beside the manifest, all that is left of a release that was recalled."""
SUMS = "SHA256SUMS"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> list[str]:
    """Relative names of everything in a release but the manifest and the list of sums, sorted."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name not in (NAME, SUMS))


def file_of(config: str, split: str) -> str:
    return f"data/{config}/{split}-00000-of-00001.parquet"


def describe(folder: Path, rows: Mapping[str, int], only: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Checksum, size in bytes and number of rows (Parquet only) of every file, or of some."""
    described = {}
    for name in only or files_of(folder):
        path = folder / name
        described[name] = {"sha256": sha256_of(path), "bytes": path.stat().st_size}
        if name in rows:
            described[name]["rows"] = rows[name]
    return described


def release_id(files: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of the manifest's files: it names the content, wherever it lies."""
    canonical = json.dumps(files, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    (folder / NAME).write_text(json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest and, for `sha256sum -c`, the list of sums."""
    write_manifest(folder, manifest)
    names = [*files_of(folder), NAME]
    (folder / SUMS).write_text("".join(f"{sha256_of(folder / name)}  {name}\n" for name in names), "utf-8")
