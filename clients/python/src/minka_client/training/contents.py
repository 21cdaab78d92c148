"""What is in a file or a folder, by its content and never by its path: a folder moves, a hash does not."""

import fnmatch
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

LEFT_BY_THE_TRAINER: Final = ("training_args.bin", "README.md")
"""What the trainer leaves beside the model and nobody should rely on: a pickle of its arguments, and a card that knows
neither the base model nor the release. lineage.json says all that, and is true."""

NOT_THE_MODEL: Final = (".*", "checkpoint-*", "runs", "run.json", "lineage.json", *LEFT_BY_THE_TRAINER)
"""What may lie in a model's folder without being the model: none of it changes an answer."""


def model_files(folder: Path) -> dict[str, str]:
    """Every file of a model by its path inside the folder, with its sha256."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: sha256(path) for name, path in names.items() if _is_of_the_model(name)}


def _is_of_the_model(name: str) -> bool:
    return not any(fnmatch.fnmatch(name.partition("/")[0], pattern) for pattern in NOT_THE_MODEL)


def content_id(files: Mapping[str, Any]) -> str:
    """sha256 of the canonical JSON of a list of files: of a release, the release_id."""
    canonical = json.dumps(files, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_of(script: Path, shared: Path) -> dict[str, str]:
    """What ran, by name and sha256: the script, and the folder of what it shares with others."""
    files = {f"minka_client/{shared.name}/{path.name}": sha256(path) for path in sorted(shared.glob("*.py"))}
    return {script.name: sha256(script), **files}


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """All or nothing: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str, allow_nan=False)
    unfinished.write_text(text + "\n", encoding="utf-8")
    unfinished.replace(path)
