"""A run, from folder to folder. What is cheap to check comes first: the trainer alone takes longer to import."""

import argparse
import contextlib
import dataclasses
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minka_client.training.contents import content_id, model_files, read_json, write_json
from minka_client.training.handed import Handed, read_handed
from minka_client.training.lineage import lineage_of
from minka_client.training.release import check_release, load_rows
from minka_client.training.reporting import Reporter, told_by
from minka_client.training.settings import check_settings, pairs, read_settings
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


@dataclasses.dataclass(frozen=True)
class Job:
    """One run of a recipe: what goes into it, checked, and where it is kept.

    Attributes:
        manifest: of the release in the folder `release`.
        base: the content's id of the folder `model`.
        settings: of the trainer, as the YAML and the command line say.
        run: the house's key of it, where it was handed over.
        house: who tells the house how it goes, where it is told.
    """

    recipe: "Recipe"
    release: Path
    manifest: Mapping[str, Any]
    model: Path
    base: str
    settings: dict[str, Any]
    lora: int | None
    output: Path
    run: str | None = None
    house: Reporter | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """What makes this run this one."""
        return {
            "recipe": self.recipe.name,
            "release_id": self.manifest["release_id"],
            "base_model": self.base,
            "config": self.settings,
            "lora": self.lora,
            "run": self.run,
        }

    @property
    def work(self) -> Path:
        return self.output / f".{self.recipe.name}-work"


def run(recipe: "Recipe", options: argparse.Namespace, overrides: list[str]) -> Any:
    """Returns the trainer, if one was needed."""
    job = _job(recipe, options, overrides)
    with held(job.work):
        sittings = read_sittings(job.output, job.work, job.identity)
        if not (job.output / "lineage.json").is_file():
            with _told_of_failure(job.house):
                return _train(job, sittings)
        elif is_main_process():
            print(f"Nothing to do: {job.output} holds this run, finished: {finished(job.output)}")
            if job.house:
                job.house.ended(read_json(job.output / "lineage.json"))
    return None


def _job(recipe: "Recipe", options: argparse.Namespace, overrides: list[str]) -> Job:
    handed = read_handed(options.manifest) if options.manifest else None
    folder: Path = options.release
    if handed:
        handed.check_recipe(recipe.name)
        folder = folder or handed.release(options.output)
    job = Job(
        recipe=recipe,
        release=folder,
        manifest=check_release(folder, recipe.config, recipe.columns),
        model=options.model,
        base=content_id(model_files(_checked(options.model))),
        settings=read_settings(options.config, overrides),
        lora=options.lora,
        output=options.output,
    )
    return _fitted(job, handed, overrides) if handed else job


def _fitted(job: Job, handed: Handed, overrides: list[str]) -> Job:
    """The same job as the house's run, which it must fit."""
    handed.check_release(job.manifest)
    handed.check_base(job.base)
    settings = handed.seeded(job.settings, dict(pairs(overrides)))
    if not handed.is_of(job.recipe.script):
        job.recipe.say(
            f"this {job.recipe.script.name} is not the one that was handed over; lineage.json says what trains"
        )
    house = handed.reporter(job.recipe.say) if is_main_process() else None
    return dataclasses.replace(job, settings=settings, run=handed.key, house=house)


@contextlib.contextmanager
def _told_of_failure(house: Reporter | None) -> Iterator[None]:
    """A failed run says why, for everybody to read: of what the libraries say, which may hold paths, only the kind."""
    try:
        yield
    except Stopped as stopped:
        if house and stopped.status in (ROWS_LOST, DIVERGED):
            house.failed(str(stopped))
        raise
    except Exception as error:
        if house:
            house.failed(type(error).__name__)
        raise


def _checked(model: Path) -> Path:
    if (model / "adapter_config.json").is_file() and not (model / "config.json").is_file():
        raise Stopped(f"{model} holds an adapter: it is merged into its model before it is trained further")
    if not (model / "config.json").is_file():
        raise Stopped(f"{model} is not the folder of a model: it has no config.json")
    return model


def _train(job: Job, sittings: list[dict[str, Any]]) -> Any:
    trainer, told = _prepared(job)
    if job.house:
        job.house.began()
    checkpoint = last_whole_checkpoint(job.output) if sittings else None
    sittings.append(sitting(trainer, checkpoint))
    if is_main_process():
        write_json(job.output / "run.json", {"identity": job.identity, "sittings": sittings})
    trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
    _check_finite(trainer.state.log_history)
    trainer.save_model(str(job.output))
    if is_main_process():
        tidy(job.output)
        _leave(job, lineage_of(
            output=job.output, script=job.recipe.script, config=job.recipe.config, manifest=job.manifest,
            identity=job.identity, sittings=sittings, trainer=trainer, rows=told,
        ))  # fmt: skip
    trainer.accelerator.end_training()
    return trainer


def _leave(job: Job, lineage: Mapping[str, Any]) -> None:
    write_json(job.output / "lineage.json", lineage)
    if job.house:
        job.house.ended(lineage)
    print(f"{job.output}: {lineage['rows_trained_on']} rows, checkpoint {lineage['checkpoint_id']}")


def _prepared(job: Job) -> tuple[Any, dict[str, Any]]:
    """The trainer, with its model and every row of the release, ready for the first step; and what the lineage tells of
    how the rows are read."""
    recipe, settings = job.recipe, job.settings
    if not job.manifest["configs"][recipe.config].get("validation") and settings.get("eval_strategy", "no") != "no":
        recipe.say("the release has no validation rows, so nothing is evaluated")
        settings = settings | {"eval_strategy": "no"}
    kind, trainer_class = recipe.classes()
    check_settings(kind, settings)
    processor = _processor(job.model, trust=bool(settings.get("trust_remote_code")))
    arguments = _arguments(kind, settings, recipe.unless_told(settings, processor), job.output)
    rows = recipe.read(load_rows(job.release, recipe.config, job.manifest, job.work))
    trainer = trainer_class(
        model=str(job.model),
        args=arguments,
        train_dataset=rows["train"],
        eval_dataset=None if arguments.eval_strategy == "no" else rows["validation"],
        processing_class=processor,
        peft_config=_adapter(recipe, job.lora),
        callbacks=[told_by(job.house)] if job.house else None,
    )
    _check_every_row_is_there(recipe, trainer, job.manifest)
    return trainer, {"rows_truncated": recipe.rows_truncated(trainer), **recipe.tell(trainer)}


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
        arguments = kind(**{**ours, **unless_told, **settings})
    except (TypeError, ValueError) as error:
        raise Stopped(f"the trainer does not take these settings: {error}") from None
    _quiet_progress(off=arguments.disable_tqdm)
    return arguments


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
