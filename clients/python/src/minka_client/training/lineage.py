"""`lineage.json` beside a model: what it was made of, by content. `base_model` and `checkpoint_id` are made alike, so
that the base of one run is the checkpoint of the one before it."""

import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from minka_client.training.contents import code_of, content_id, model_files
from minka_client.training.release import files_used

PACKAGES: Final = (
    *("torch", "transformers", "trl", "datasets", "accelerate", "peft"),
    *("tokenizers", "safetensors", "pyarrow"),
)
_SHARED: Final = Path(__file__).parent


def lineage_of(
    *, output: Path, script: Path, config: str, manifest: Mapping[str, Any], identity: Mapping[str, Any],
    sittings: list[dict[str, Any]], trainer: Any, rows: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Args: `identity` is what makes the run this one; `rows`, what became of the rows, and how they were read."""
    files = model_files(output)
    code = code_of(script, _SHARED)
    return {
        "format": 1,
        **identity,
        "recipe_sha256": content_id(code),
        "code": code,
        "dataset": manifest.get("dataset"),
        "dataset_config": config,
        "dataset_files": {name: manifest["files"][name]["sha256"] for name in files_used(config, manifest["files"])},
        "version": manifest["version"],
        "rows_offered": manifest["configs"][config]["train"],
        "rows_trained_on": len(trainer.train_dataset),
        **rows,
        "epochs": trainer.state.epoch,
        "steps": trainer.state.global_step,
        "seed": trainer.args.seed,
        "arguments": {k: v for k, v in trainer.args.to_dict().items() if not k.endswith("_token")},
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "sittings": sittings,
        "log_history": trainer.state.log_history,
        "files": files,
        "checkpoint_id": content_id(files),
    }
