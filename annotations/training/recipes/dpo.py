# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "torch==2.13.0",
#     "trl==1.16.0",
#     "transformers==5.23.0",
#     "datasets==5.2.0",
#     "accelerate==1.15.0",
#     "peft==0.21.2",
#     "pyarrow==26.0.1",
#     "pyyaml==6.0.3",
# ]
# ///
"""Teach a model what a community prefers: DPO on the `preference` rows of one release.

    python dpo.py --release RELEASE_DIR --model MODEL_DIR --output OUT --config dpo.yaml [--max-steps 100 ...]

The release is trained on exactly as it is: its checksums are checked, what it permits is honoured, and no row
may get lost between its manifest and the trainer. Beside the model stands `lineage.json`, which says what the
model was made of. Started again with the same release, model and settings, a run that was cut off goes on
from its last checkpoint.

DPO: Rafailov et al. 2023, arXiv 2305.18290, as TRL implements it. It reads neither `margin` nor `meta`.
"""

import argparse
import contextlib
import dataclasses
import datetime as dt
import difflib
import fcntl
import fnmatch
import hashlib
import importlib.metadata
import json
import math
import os
import platform
import re
import shutil
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Read while the libraries below are imported, so they are set before any of them: a release and a model are
# folders, and what a community trains on is told to nobody.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

CONFIG = "preference"
COLUMNS = {"prompt", "chosen", "rejected", "margin", "meta"}
SPLITS_READ = ("train", "validation")
PACKAGES = (
    *("torch", "transformers", "trl", "datasets", "accelerate", "peft"),
    *("tokenizers", "safetensors", "pyarrow"),
)

# Settings that are this recipe's own business, or that would need the network.
NOT_FOR_THE_YAML = {"output_dir", "resume_from_checkpoint", "push_to_hub", "hub_token", "push_to_hub_token"}

# What the trainer leaves beside the model and nobody should rely on: a pickle of its arguments, and a card
# that knows neither the base model nor the release. lineage.json says all that, and is true.
LEFT_BY_THE_TRAINER = ("training_args.bin", "README.md")

# The prepared rows and the lock of a run that goes on, inside its folder.
WORK = ".dpo-work"

# What may lie in a model's folder without being the model: none of it changes an answer.
NOT_THE_MODEL = (".*", "checkpoint-*", "runs", "run.json", "lineage.json", *LEFT_BY_THE_TRAINER)

REFUSED, ROWS_LOST, DIVERGED = 2, 3, 4


class Stopped(Exception):
    """The run ends here, with one sentence for a person and an exit status for a machine."""

    def __init__(self, sentence: str, status: int = REFUSED) -> None:
        self.status = status
        super().__init__(sentence)


def main() -> int:
    options, overrides = read_command_line()
    try:
        run(options, overrides)
    except Stopped as stopped:
        print(f"dpo.py: {stopped}", file=sys.stderr)
        return stopped.status
    return 0


def read_command_line() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        description="DPO on the preference rows of one release.",
        epilog="Every setting of the YAML can be given here too, and wins: --max-steps 100 --beta 0.2",
        allow_abbrev=False,
    )
    parser.add_argument("--release", type=Path, required=True, help="a release, with its manifest.json")
    parser.add_argument("--model", type=Path, required=True, help="the folder of the model to start from")
    parser.add_argument("--output", type=Path, required=True, help="a new folder, or this run's own")
    parser.add_argument("--config", type=Path, required=True, help="YAML in the names of TRL's DPOConfig")
    parser.add_argument("--lora", type=int, metavar="R", help="train only a LoRA adapter, of rank R")
    options, overrides = parser.parse_known_args()
    if options.lora is not None and options.lora < 1:
        parser.error("--lora wants a rank of 1 or more")
    return options, overrides


def run(options: argparse.Namespace, overrides: list[str]) -> None:
    """From folder to folder. What is cheap to check comes first: the trainer alone takes longer to import."""
    manifest = check_release(options.release)
    settings = read_settings(options.config, overrides)
    identity = {
        "recipe": "dpo",
        "release_id": manifest["release_id"],
        "base_model": content_id(model_files(check_model(options.model))),
        "config": settings,
        "lora": options.lora,
    }
    with held(options.output):
        sittings = read_sittings(options.output, identity)
        if not (options.output / "lineage.json").is_file():
            train(options, manifest, settings, identity, sittings)
        elif is_main_process():
            print(f"Nothing to do: {options.output} holds this run, finished: {finished(options.output)}")


# The release


def check_release(folder: Path) -> dict[str, Any]:
    """The manifest of a release that may be trained on and is what it was when it was published."""
    manifest = read_manifest(folder)
    if "train" not in manifest["permitted_use"].get(CONFIG, []):
        raise Stopped(f"release {manifest['version']} does not permit training on {CONFIG!r}")
    if not manifest["configs"].get(CONFIG, {}).get("train"):
        raise Stopped(f"release {manifest['version']} has no row to train on in {CONFIG!r}")
    check_files(folder, manifest["files"])
    check_rows(folder, manifest["files"])
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
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


def files_used(files: dict[str, Any]) -> list[str]:
    """The rows, and the card: it is what tells `load_dataset` which files are the rows."""
    return ["README.md", *(name for name in sorted(files) if name.startswith(f"data/{CONFIG}/"))]


def check_files(folder: Path, files: dict[str, Any]) -> None:
    for name in files_used(files):
        if name not in files:
            raise Stopped(f"the manifest of {folder} does not list {name}")
        if not (folder / name).is_file():
            raise Stopped(f"{name} of the release is missing in {folder}")
        if sha256(folder / name) != files[name]["sha256"]:
            raise Stopped(f"{name} of the release was edited: its sha256 is not the manifest's")
    for path in sorted((folder / "data" / CONFIG).glob("*.parquet")):
        if path.relative_to(folder).as_posix() not in files:
            raise Stopped(f"{path} does not belong to the release: its manifest does not list it")


def check_rows(folder: Path, files: dict[str, Any]) -> None:
    """TRL gives some column names a meaning, and a stray one wins silently: only the agreed may be there."""
    import pyarrow.parquet as pq

    for name in files_used(files)[1:]:
        with pq.ParquetFile(folder / name) as table:
            columns = set(table.schema_arrow.names)
            if columns != COLUMNS:
                raise Stopped(f"{name} has other columns than {sorted(COLUMNS)}: {sorted(columns ^ COLUMNS)}")
            if Path(name).name.startswith(SPLITS_READ):
                check_permission(name, table)


def check_permission(name: str, table: Any) -> None:
    for batch in table.iter_batches(columns=["meta.record_id", "meta.permitted_use"]):
        for meta in batch.column("meta").to_pylist():
            if "train" not in ((meta or {}).get("permitted_use") or []):
                raise Stopped(f"row {(meta or {}).get('record_id')} of {name} does not permit training")


def load_rows(folder: Path, manifest: dict[str, Any], output: Path) -> Any:
    """The release as `load_dataset` gives it, and nothing lost on the way."""
    from datasets import load_dataset

    # Not the common cache: that goes by path and time, not by content, and would keep people's texts.
    rows = load_dataset(str(folder.resolve()), CONFIG, cache_dir=str(output / WORK))
    for split in SPLITS_READ:
        found = len(rows[split]) if split in rows else 0
        promised = manifest["configs"][CONFIG].get(split, 0)
        if found != promised:
            raise Stopped(f"{CONFIG}/{split} has {found} rows, and the manifest says {promised}")
    return rows


# The settings


def read_settings(path: Path, overrides: list[str]) -> dict[str, Any]:
    import yaml

    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Stopped(f"the settings cannot be read from {path}: {error}") from None
    if not isinstance(settings, dict):
        raise Stopped(f"{path} is not a YAML mapping of settings")
    settings |= {name: yaml.safe_load(value) for name, value in pairs(overrides)}
    if ours := sorted(NOT_FOR_THE_YAML & settings.keys()):
        raise Stopped(f"the setting {ours[0]!r} is not for the YAML: this recipe decides it")
    return {str(name): number(value) for name, value in settings.items()}


def pairs(overrides: list[str]) -> Iterator[tuple[str, str]]:
    """`--max-steps 3` and `--max_steps=3`, both."""
    words = iter(overrides)
    for word in words:
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            raise Stopped(f"{word!r} stands alone on the command line: a setting is --name value")
        if not equals and (value := next(words, None)) is None:
            raise Stopped(f"{name} has no value")
        yield name[2:].replace("-", "_"), value


def number(value: Any) -> Any:
    """YAML 1.1 reads 1e-6 as text (it wants 1.0e-6), and the trainer would stumble over it much later."""
    is_number = isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", value)
    return float(value) if is_number else value


def training_arguments(settings: dict[str, Any], output: Path) -> Any:
    import torch
    from trl import DPOConfig

    known = {field.name: field for field in dataclasses.fields(DPOConfig) if field.init}
    for name, value in settings.items():
        check_setting(name, value, known)
    gpu = torch.cuda.is_available()
    unless_told = {
        "use_cpu": not gpu,
        "bf16": gpu and not settings.get("fp16"),
        "disable_tqdm": not sys.stderr.isatty(),
        # By default the trainer logs the last good loss in place of one that is not a number.
        "logging_nan_inf_filter": False,
    }
    try:
        return DPOConfig(output_dir=str(output), **(unless_told | settings))
    except (TypeError, ValueError) as error:
        raise Stopped(f"the trainer does not take these settings: {error}") from None


def check_setting(name: str, value: Any, known: dict[str, Any]) -> None:
    """The trainer itself would find some of these only after the model is loaded."""
    if name not in known:
        near = difflib.get_close_matches(name, known.keys() - NOT_FOR_THE_YAML, n=1)
        raise Stopped(f"unknown setting {name!r}" + (f": perhaps {near[0]!r}?" if near else ""))
    kinds = set(typing.get_args(known[name].type) or [known[name].type])
    fits = kinds | ({int} if float in kinds else set())
    if kinds <= {bool, int, float, str, types.NoneType} and type(value) not in fits:
        wanted = " or ".join(sorted(kind.__name__ for kind in kinds - {types.NoneType}))
        raise Stopped(f"the setting {name!r} is {value!r}, and the trainer wants {wanted}")


# The run


def train(
    options: argparse.Namespace,
    manifest: dict[str, Any],
    settings: dict[str, Any],
    identity: dict[str, Any],
    sittings: list[dict[str, Any]],
) -> None:
    trainer = prepare(options, manifest, settings)
    checkpoint = last_whole_checkpoint(options.output) if sittings else None
    sittings.append(sitting(trainer, checkpoint))
    if is_main_process():
        write_json(options.output / "run.json", {"identity": identity, "sittings": sittings})
    trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
    check_finite(trainer.state.log_history)
    trainer.save_model(str(options.output))
    if is_main_process():
        tidy(options.output)
        document = lineage(options.output, manifest, identity, sittings, trainer)
        write_json(options.output / "lineage.json", document)
        print(f"{options.output}: {document['rows_trained_on']} rows, checkpoint {document['checkpoint_id']}")
    trainer.accelerator.end_training()


def prepare(options: argparse.Namespace, manifest: dict[str, Any], settings: dict[str, Any]) -> Any:
    """The trainer, with its model and every row of the release, ready for the first step."""
    if not manifest["configs"][CONFIG].get("validation") and settings.get("eval_strategy", "no") != "no":
        print("dpo.py: the release has no validation rows, so nothing is evaluated", file=sys.stderr)
        settings = settings | {"eval_strategy": "no"}
    arguments = training_arguments(settings, options.output)
    quiet_progress(off=arguments.disable_tqdm)
    trainer = make_trainer(options, arguments, load_rows(options.release, manifest, options.output))
    check_every_row_is_there(trainer, manifest)
    return trainer


def quiet_progress(*, off: bool) -> None:
    """The bars of the libraries around the trainer follow the trainer's own."""
    if off:
        import datasets
        import transformers

        datasets.disable_progress_bars()
        transformers.utils.logging.disable_progress_bar()


def check_model(folder: Path) -> Path:
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise Stopped(f"{folder} holds an adapter: it is merged into its model before it is trained further")
    if not (folder / "config.json").is_file():
        raise Stopped(f"{folder} is not the folder of a model: it has no config.json")
    return folder


def make_trainer(options: argparse.Namespace, arguments: Any, rows: Any) -> Any:
    from transformers import AutoProcessor
    from trl import DPOTrainer

    trust = arguments.trust_remote_code
    processor = AutoProcessor.from_pretrained(str(options.model), trust_remote_code=trust)
    if not processor.chat_template:
        raise Stopped(f"the model in {options.model} has no chat template, and the rows are conversations")
    return DPOTrainer(
        model=str(options.model),
        args=arguments,
        train_dataset=rows["train"],
        eval_dataset=None if arguments.eval_strategy == "no" else rows["validation"],
        processing_class=processor,
        peft_config=adapter(options.lora),
    )


def adapter(rank: int | None) -> Any:
    """LoRA on every linear layer but the head (Hu et al. 2021, arXiv 2106.09685), scaled by two."""
    if rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")


def check_every_row_is_there(trainer: Any, manifest: dict[str, Any]) -> None:
    """While it prepares them, TRL drops, without a word, rows whose prompt alone fills `max_length`."""
    for split, rows in (("train", trainer.train_dataset), ("validation", trainer.eval_dataset)):
        offered = manifest["configs"][CONFIG].get(split, 0)
        if rows is not None and len(rows) != offered:
            raise Stopped(
                f"the {split} split offers {offered} rows and the trainer kept {len(rows)} of them: "
                f"the prompts of {offered - len(rows)} are longer than max_length={trainer.args.max_length}",
                ROWS_LOST,
            )


def check_finite(log: list[dict[str, Any]]) -> None:
    for entry in log:
        for name, value in entry.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise Stopped(f"the training diverged: {name} is {value} at step {entry['step']}", DIVERGED)


def is_main_process() -> bool:
    """The launchers (torchrun, accelerate) number the processes of a run in RANK."""
    return os.environ.get("RANK", "0") == "0"


# The output's folder


@contextlib.contextmanager
def held(output: Path) -> Iterator[None]:
    """The folder is this run's alone while it lasts; the kernel lets go of it however the process ends."""
    if not is_main_process():
        yield
        return
    try:
        (output / WORK).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(f"a run cannot be kept in {output}: {error}") from None
    with (output / WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stopped(f"another process is training in {output} at this moment") from None
        try:
            yield
        finally:
            # A prepared copy of people's texts has no business outliving the run.
            shutil.rmtree(output / WORK, ignore_errors=True)
            with contextlib.suppress(OSError):  # it is not empty: something came of the run
                output.rmdir()


def read_sittings(output: Path, identity: dict[str, Any]) -> list[dict[str, Any]]:
    """The earlier sittings of this very run, if the folder is its own; none, if the folder is still empty."""
    path = output / "run.json"
    if not path.is_file():
        if output.exists() and {entry.name for entry in output.iterdir()} - {WORK, ".run.json"}:
            raise Stopped(f"{output} already holds something else: a run needs a folder of its own")
        return []
    earlier = json.loads(path.read_text(encoding="utf-8"))
    other = [name for name, value in identity.items() if earlier["identity"].get(name) != value]
    if other:
        raise Stopped(f"{output} already holds another run: its {', '.join(other)} differs")
    return earlier["sittings"]


def finished(output: Path) -> str:
    """The checkpoint's id of a finished run, still true."""
    checkpoint_id = json.loads((output / "lineage.json").read_text(encoding="utf-8"))["checkpoint_id"]
    if content_id(model_files(output)) != checkpoint_id:
        raise Stopped(f"the model in {output} is no longer the one its lineage.json describes")
    return checkpoint_id


def last_whole_checkpoint(output: Path) -> Path | None:
    """The trainer writes its state last, so a checkpoint that a kill cut short has none that can be read."""
    whole = [path for path in output.glob("checkpoint-*") if is_json(path / "trainer_state.json")]
    return max(whole, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def sitting(trainer: Any, checkpoint: Path | None) -> dict[str, Any]:
    """One start of the run: a run that was cut off has several, perhaps on different machines."""
    return {
        "began": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "from_step": step_of(checkpoint) if checkpoint else 0,
        "processes": trainer.args.world_size,
        "device": trainer.args.device.type,
    }


def tidy(output: Path) -> None:
    for name in LEFT_BY_THE_TRAINER:
        (output / name).unlink(missing_ok=True)
    config = output / "adapter_config.json"
    if config.is_file():
        # A set is written there, in another order each time: the same adapter would have other bytes.
        document = json.loads(config.read_text(encoding="utf-8"))
        write_json(config, document | {"target_modules": sorted(document["target_modules"])})


# The lineage


def lineage(
    output: Path,
    manifest: dict[str, Any],
    identity: dict[str, Any],
    sittings: list[dict[str, Any]],
    trainer: Any,
) -> dict[str, Any]:
    """What the model was made of, by content and never by path: a folder moves, a hash does not.

    `base_model` and `checkpoint_id` are made alike: the base of one run is the checkpoint of the one before
    it.
    """
    files = model_files(output)
    return {
        "format": 1,
        **identity,
        "recipe_sha256": sha256(Path(__file__)),
        "dataset": manifest.get("dataset"),
        "dataset_config": CONFIG,
        "dataset_files": {name: manifest["files"][name]["sha256"] for name in files_used(manifest["files"])},
        "version": manifest["version"],
        "rows_offered": manifest["configs"][CONFIG]["train"],
        "rows_trained_on": len(trainer.train_dataset),
        "rows_truncated": rows_truncated(trainer.train_dataset, trainer.args.max_length),
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


def rows_truncated(rows: Any, max_length: int | None) -> int:
    """Rows of which the end of an answer was not read: the trainer cuts at `max_length`, without a word."""
    if max_length is None:
        return 0
    return sum(
        len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"])) > max_length
        for row in rows.select_columns(["prompt_ids", "chosen_ids", "rejected_ids"])
    )


def model_files(folder: Path) -> dict[str, str]:
    """Every file of a model by its path inside the folder, with its sha256."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: sha256(path) for name, path in names.items() if is_of_the_model(name)}


def is_of_the_model(name: str) -> bool:
    return not any(fnmatch.fnmatch(name.partition("/")[0], pattern) for pattern in NOT_THE_MODEL)


def content_id(files: dict[str, Any]) -> str:
    """sha256 of the canonical JSON of a list of files: of a release, the release_id."""
    canonical = json.dumps(files, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, document: dict[str, Any]) -> None:
    """All or nothing: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str, allow_nan=False)
    unfinished.write_text(text + "\n", encoding="utf-8")
    unfinished.replace(path)


if __name__ == "__main__":
    sys.exit(main())
