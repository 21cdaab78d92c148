"""A run, from folder to folder. What is cheap to check comes first: the trainer alone takes longer to import."""

import argparse
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minka_client.training.contents import content_id, model_files, write_json
from minka_client.training.lineage import lineage_of
from minka_client.training.release import check_release, load_rows
from minka_client.training.settings import check_settings, read_settings
from minka_client.training.sittings import (
    finished,
    held,
    is_main_process,
    last_whole_checkpoint,
    read_sittings,
    sitting,
    tidy,
)
from minka_client.training.stopped import DIVERGED, ROWS_LOST, Stopped

if TYPE_CHECKING:
    from minka_client.training.recipe import Recipe


def run(recipe: "Recipe", options: argparse.Namespace, overrides: list[str]) -> None:
    manifest = check_release(options.release, recipe.config, recipe.columns)
    settings = read_settings(options.config, overrides)
    identity = {
        "recipe": recipe.name,
        "release_id": manifest["release_id"],
        "base_model": content_id(model_files(_checked(options.model))),
        "config": settings,
        "lora": options.lora,
    }
    work = options.output / f".{recipe.name}-work"
    with held(work):
        sittings = read_sittings(options.output, work, identity)
        if not (options.output / "lineage.json").is_file():
            _train(recipe, options, manifest, identity, sittings, work)
        elif is_main_process():
            print(f"Nothing to do: {options.output} holds this run, finished: {finished(options.output)}")


def _checked(model: Path) -> Path:
    if (model / "adapter_config.json").is_file() and not (model / "config.json").is_file():
        raise Stopped(f"{model} holds an adapter: it is merged into its model before it is trained further")
    if not (model / "config.json").is_file():
        raise Stopped(f"{model} is not the folder of a model: it has no config.json")
    return model


def _train(
    recipe: "Recipe", options: argparse.Namespace, manifest: Mapping[str, Any], identity: Mapping[str, Any],
    sittings: list[dict[str, Any]], work: Path,
) -> None:  # fmt: skip
    trainer, told = _prepared(recipe, options, manifest, identity["config"], work)
    checkpoint = last_whole_checkpoint(options.output) if sittings else None
    sittings.append(sitting(trainer, checkpoint))
    if is_main_process():
        write_json(options.output / "run.json", {"identity": identity, "sittings": sittings})
    trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
    _check_finite(trainer.state.log_history)
    trainer.save_model(str(options.output))
    if is_main_process():
        tidy(options.output)
        document = lineage_of(
            output=options.output, script=recipe.script, config=recipe.config, manifest=manifest, identity=identity,
            sittings=sittings, trainer=trainer, rows=told,
        )  # fmt: skip
        write_json(options.output / "lineage.json", document)
        print(f"{options.output}: {document['rows_trained_on']} rows, checkpoint {document['checkpoint_id']}")
    trainer.accelerator.end_training()


def _prepared(
    recipe: "Recipe", options: argparse.Namespace, manifest: Mapping[str, Any], settings: Mapping[str, Any], work: Path
) -> tuple[Any, dict[str, Any]]:
    """The trainer, with its model and every row of the release, ready for the first step; and what the lineage tells of
    how the rows are read."""
    if not manifest["configs"][recipe.config].get("validation") and settings.get("eval_strategy", "no") != "no":
        recipe.say("the release has no validation rows, so nothing is evaluated")
        settings = {**settings, "eval_strategy": "no"}
    kind, trainer_class = recipe.classes()
    check_settings(kind, settings)
    processor = _processor(options.model, trust=bool(settings.get("trust_remote_code")))
    rows, told = recipe.read(load_rows(options.release, recipe.config, manifest, work))
    arguments = _arguments(kind, settings, recipe.unless_told(settings, processor), options.output)
    trainer = trainer_class(
        model=str(options.model),
        args=arguments,
        train_dataset=rows["train"],
        eval_dataset=None if arguments.eval_strategy == "no" else rows["validation"],
        processing_class=processor,
        peft_config=_adapter(recipe, options.lora),
    )
    _check_every_row_is_there(recipe, trainer, manifest)
    return trainer, {"rows_truncated": recipe.rows_truncated(trainer), **told}


def _processor(model: Path, *, trust: bool) -> Any:
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(str(model), trust_remote_code=trust)
    if not processor.chat_template:
        raise Stopped(f"the model in {model} has no chat template, and the rows are conversations")
    return processor


def _arguments(kind: Any, settings: Mapping[str, Any], unless_told: Mapping[str, Any], output: Path) -> Any:
    """The trainer's own object of settings, of the class `kind`."""
    import torch

    gpu = torch.cuda.is_available()
    ours = {
        "output_dir": str(output),
        "use_cpu": not gpu,
        "bf16": gpu and not settings.get("fp16"),
        "disable_tqdm": not sys.stderr.isatty(),
        # By default the trainer logs the last good loss in place of one that is not a number.
        "logging_nan_inf_filter": False,
    }
    try:
        return kind(**{**ours, **unless_told, **settings})
    except (TypeError, ValueError) as error:
        raise Stopped(f"the trainer does not take these settings: {error}") from None


def _quiet_progress(*, off: bool) -> None:
    """The bars of the libraries around the trainer follow the trainer's own."""
    if off:
        import datasets
        import transformers

        datasets.disable_progress_bars()
        transformers.utils.logging.disable_progress_bar()


def _adapter(recipe: "Recipe", rank: int | None) -> Any:
    """LoRA on every linear layer but the head (Hu et al. 2021, arXiv 2106.09685), scaled by two."""
    if rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", **recipe.adapter)


def _check_every_row_is_there(recipe: "Recipe", trainer: Any, manifest: Mapping[str, Any]) -> None:
    for split, rows in (("train", trainer.train_dataset), ("validation", trainer.eval_dataset)):
        offered = manifest["configs"][recipe.config].get(split, 0)
        if rows is not None and len(rows) != offered:
            why = recipe.why_lost(offered - len(rows), trainer.args.max_length)
            raise Stopped(
                f"the {split} split offers {offered} rows and the trainer kept {len(rows)} of them: {why}", ROWS_LOST
            )


def _check_finite(log: list[dict[str, Any]]) -> None:
    for entry in log:
        for name, value in entry.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise Stopped(f"the training diverged: {name} is {value} at step {entry['step']}", DIVERGED)
