"""Where answers and numbers come from: which model, by its content; which prompts; which code and packages."""

import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from minka_client.things import Prompt
from minka_client.training.contents import code_of, content_id, model_files, read_json
from minka_client.training.stopped import Stopped

PACKAGES: Final = ("torch", "transformers", "tokenizers", "safetensors", "peft", "httpx")
_SHARED: Final = Path(__file__).parent


@functools.cache
def model_of(folder: Path | None) -> tuple[str | None, str]:
    """A model's id, by the content of its files; and its checkpoint as its lineage says, where it has one: the same.

    Raises:
        Stopped: the folder is none of a model, or no longer what its lineage says.
    """
    if folder is None:
        return None, ""
    files = model_files(folder)
    if not files:
        raise Stopped(f"{folder} is not the folder of a model: there is nothing in it")
    found, lineage = content_id(files), folder / "lineage.json"
    if not lineage.is_file():
        return found, ""
    if read_json(lineage).get("checkpoint_id") != found:
        raise Stopped(f"the model in {folder} is no longer the one its lineage.json describes")
    return found, found


def prompts_in(path: Path) -> Iterator[Prompt]:
    """The prompts of a packed run. Where a line is wrong its number is told, never what stands in it."""
    try:
        lines = path.read_text("utf-8").split("\n")  # a text may hold other ends of lines
    except (OSError, UnicodeDecodeError) as error:
        raise Stopped(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield Prompt.of(json.loads(line))
            except (KeyError, TypeError, ValueError):
                raise Stopped(f"{path}, line {number}: this is no prompt of a run") from None


def run_beside(prompts: Path) -> str | None:
    """The run whose packed folder the prompts lie in, if they lie in one."""
    handed = prompts.with_name("handed.json")
    return str(read_json(handed).get("run")) if handed.is_file() else None


def sum_of(prompts: Iterable[Prompt]) -> str:
    """SHA-256 over which prompts, in their order."""
    named = [[prompt.id, list(prompt.messages)] for prompt in prompts]
    return hashlib.sha256(json.dumps(named, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def made_by(script: Path) -> dict[str, Any]:
    """What asked or measured: the code, and the packages with their versions."""
    return {"code": code_of(script, _SHARED), "packages": _packages()}


def _packages() -> dict[str, Any]:
    """Those that are there: to ask a server needs few."""
    found: dict[str, Any] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found
