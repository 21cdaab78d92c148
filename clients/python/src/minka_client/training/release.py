"""A release, trained on exactly as it is: its checksums are checked, what it permits is honoured, no row gets lost
between its manifest and the trainer."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from minka_client.training.contents import content_id, read_json, sha256
from minka_client.training.stopped import Stopped

SPLITS_READ: Final = ("train", "validation")


def check_release(folder: Path, config: str, columns: Collection[str]) -> dict[str, Any]:
    """The manifest of a release that may be trained on and is what it was when it was published."""
    manifest = read_manifest(folder)
    if "train" not in manifest["permitted_use"].get(config, []):
        raise Stopped(f"release {manifest['version']} does not permit training on {config!r}")
    if not manifest["configs"].get(config, {}).get("train"):
        raise Stopped(f"release {manifest['version']} has no row to train on in {config!r}")
    _check_files(folder, config, manifest["files"])
    _check_rows(folder, config, manifest["files"], columns)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = read_json(path)
    except (OSError, ValueError) as error:
        raise Stopped(f"{folder} is not a release: its manifest.json cannot be read ({error})") from None
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        raise Stopped(f"{path} is not a manifest of format 1, the one this recipe reads")
    for key in ("version", "release_id", "permitted_use", "files", "configs"):
        if key not in manifest:
            raise Stopped(f"{path} lacks {key!r}")
    if content_id(manifest["files"]) != manifest["release_id"]:
        raise Stopped(f"{path} was edited: its list of files does not give its release_id")
    return manifest


def files_used(config: str, files: Mapping[str, Any]) -> list[str]:
    """The rows, and the card: it is what tells `load_dataset` which files are the rows."""
    return ["README.md", *(name for name in sorted(files) if name.startswith(f"data/{config}/"))]


def _check_files(folder: Path, config: str, files: Mapping[str, Any]) -> None:
    for name in files_used(config, files):
        if name not in files:
            raise Stopped(f"the manifest of {folder} does not list {name}")
        checked_file(folder, name, files)
    for path in sorted((folder / "data" / config).glob("*.parquet")):
        if path.relative_to(folder).as_posix() not in files:
            raise Stopped(f"{path} does not belong to the release: its manifest does not list it")


def checked_file(folder: Path, name: str, files: Mapping[str, Any]) -> Path:
    """The path of a file of a release, which is what it was when it was published."""
    path = folder / name
    if not path.is_file():
        raise Stopped(f"{name} of the release is missing in {folder}")
    if sha256(path) != files[name]["sha256"]:
        raise Stopped(f"{name} of the release was edited: its sha256 is not the manifest's")
    return path


def _check_rows(folder: Path, config: str, files: Mapping[str, Any], columns: Collection[str]) -> None:
    """TRL gives some column names a meaning, and a stray one wins silently: only the agreed may be there."""
    import pyarrow.parquet as pq

    for name in files_used(config, files)[1:]:
        with pq.ParquetFile(folder / name) as table:
            found = set(table.schema_arrow.names)
            if found != set(columns):
                raise Stopped(f"{name} has other columns than {sorted(columns)}: {sorted(found ^ set(columns))}")
            if Path(name).name.startswith(SPLITS_READ):
                _check_permission(name, table)


def _check_permission(name: str, table: Any) -> None:
    for batch in table.iter_batches(columns=["meta.record_id", "meta.permitted_use"]):
        for meta in batch.column("meta").to_pylist():
            if "train" not in ((meta or {}).get("permitted_use") or []):
                raise Stopped(f"row {(meta or {}).get('record_id')} of {name} does not permit training")


def load_rows(folder: Path, config: str, manifest: Mapping[str, Any], cache: Path) -> Any:
    """The release as `load_dataset` gives it, and nothing lost on the way."""
    from datasets import load_dataset

    # Not the common cache: that goes by path and time, not by content, and would keep people's texts.
    rows = load_dataset(str(folder.resolve()), config, cache_dir=str(cache))
    for split in SPLITS_READ:
        found = len(rows[split]) if split in rows else 0
        promised = manifest["configs"][config].get(split, 0)
        if found != promised:
            raise Stopped(f"{config}/{split} has {found} rows, and the manifest says {promised}")
    return rows
