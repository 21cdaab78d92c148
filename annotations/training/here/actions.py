"""Taking up a run that is to be trained here, and telling how it goes."""

import json
import logging
import re
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.training.actions import MOST_ANSWERS, Model, hear, ingest_outputs, move
from annotations.training.evaluations.actions import tell_evaluation
from annotations.training.handover import SCRIPTS
from annotations.training.here.process import Place, started
from annotations.training.metrics.actions import MOST_POINTS, record
from annotations.training.models import TrainedModel, TrainingRun
from annotations.training.queries import as_handed, manifest_told, prompts_told

log = logging.getLogger(__name__)
State = TrainingRun.State
LOOK: Final = 5.0
TELL: Final = 60.0
"""Seconds between two looks at a process, and between two words of it to the house."""
SPEAK: Final = ("sft", "dpo", "kto")
"""Recipes whose model answers; a reward model says a number."""
SOME_UNANSWERED: Final = 6
"""How `generate.py` ends where a prompt stays without an answer, which it never invents."""
_FOLDERS: Final = re.compile(r"(?<![^\s'\"(=])(?:/[^\s/:'\"]+)+/(?=[^\s/:'\"])")
REPORTED: Final = 500
"""Characters of what a recipe said last that stand as the problem of a run that failed."""


class Stopped(Exception):
    """This run cannot be trained here, or is not to be trained any more; one sentence for everybody."""


def take_up(*, run: uuid.UUID) -> bool:
    """Train a run that waits for it, from its release to its model's answers and numbers, and say how it ended. Where
    another worker has it, or it is over, nothing: however often it is asked for, one does it. Returns whether it was
    taken up.
    """
    owner = _claim(run)
    if owner is None:
        return False
    row = TrainingRun.objects.get(pk=run)
    place = _place(run)
    try:
        _follow(_training(row, place), row, owner, place)
        _tell(row, owner, place)
        if row.recipe in SPEAK:
            _follow(_answering(row, place), row, owner, place, goes=SOME_UNANSWERED)
            _hand_in(row, owner, place)
            _measure(row, owner, place)
        move(owner=owner, run=run, state=State.FINISHED)
    except Stopped as stopped:
        _fail(row, owner, str(stopped))
    except Refused as refused:  # cancelled, or its release was recalled, while it trained
        _fail(row, owner, str(refused.detail))
    except OSError as error:
        _fail(row, owner, f"this machine says: {error.strerror}")
    except ValueError:
        _fail(row, owner, "what the recipe left cannot be read")
    return True


def _place(run: uuid.UUID) -> Place:
    return Place(Path(settings.MINKA_HOME) / "runs" / str(run))


@transaction.atomic
def _claim(run: uuid.UUID) -> Person | None:
    """Its owner, if it is ours now: it waited, or whoever had it fell silent."""
    row = TrainingRun.objects.select_for_update(of=("self",)).filter(pk=run, here=True).first()
    if row is None or row.owner is None or row.state not in (State.QUEUED, State.LOST):
        return None
    move(owner=row.owner, run=run, state=State.RUNNING)
    return row.owner


def _training(run: TrainingRun, place: Place) -> list[str]:
    """What trains it."""
    release = _folder(run.releases.get())
    place.folder.mkdir(parents=True, exist_ok=True)
    place.handed.write_text(json.dumps(manifest_told(run), ensure_ascii=False), "utf-8")
    return [
        settings.MINKA_TRAINER, str(SCRIPTS / f"{run.recipe}.py"), "--manifest", str(place.handed), "--release",
        str(release), "--model", str(_base(run.base_model)), "--output", str(place.model), "--config",
        str(settings_of(run.recipe)),
    ]  # fmt: skip


def settings_of(recipe: str) -> Path:
    """The house's own, where it has some for this machine beside its base models; else those that come with the
    recipe."""
    own = Path(settings.MINKA_BASE_MODELS) / f"{recipe}.yaml"
    return own if own.is_file() else SCRIPTS / f"{recipe}.yaml"


def _folder(release: Release) -> Path:
    folder = folder_of(release.version)
    if release.state != Release.State.PUBLISHED or not folder.is_dir():
        raise Stopped(f"the files of {release.version} are not on this machine")
    return folder


def _base(name: str) -> Path:
    """The folder of a base model, which may have come of a run here; its name comes from a stranger."""
    if came := TrainedModel.objects.filter(model__name=name, run__here=True).first():
        return _place(came.run_id).model
    models = Path(settings.MINKA_BASE_MODELS).resolve()
    folder = (models / name).resolve()
    if not folder.is_relative_to(models) or folder == models or not (folder / "config.json").is_file():
        raise Stopped(f"there is no base model {name} on this machine")
    return folder


def _answering(run: TrainingRun, place: Place) -> list[str]:
    """What asks the model the run's prompts; those that may still be used are written down first."""
    with place.prompts.open("w", encoding="utf-8") as file:
        for each in _prompts(run):
            file.write(json.dumps(each, ensure_ascii=False) + "\n")
    return [
        settings.MINKA_TRAINER, str(SCRIPTS / "generate.py"), "--prompts", str(place.prompts), "--model",
        str(place.model), "--output", str(place.answers), "--config", str(settings_of("generate")),
        "--seed", str(run.seed),
    ]  # fmt: skip


def _measuring(run: TrainingRun, place: Place) -> list[str]:
    """What measures the model, and its base beside it, on what the release holds out."""
    return [
        settings.MINKA_TRAINER, str(SCRIPTS / "evaluate.py"), "--release", str(_folder(run.releases.get())),
        "--model", str(place.model), "--base", str(_base(run.base_model)), "--output", str(place.evaluation),
        "--seed", str(run.seed),
    ]  # fmt: skip


def _prompts(run: TrainingRun) -> list[dict[str, Any]]:
    told, after = [], -1
    while page := prompts_told(run, after=after):
        told += [as_handed(each) for each in page]
        after = page[-1].place
    return told


def _follow(argv: Sequence[str], run: TrainingRun, owner: Person, place: Place, *, goes: int = 0) -> None:
    """Start a recipe and stay with it: every minute a sign of life and what it measured, until it ends. `goes` is an
    exit status that is no failure either."""
    with started(argv, place) as process:
        told = time.monotonic()
        while process.poll() is None:
            time.sleep(LOOK)
            if time.monotonic() - told >= TELL:
                told = time.monotonic()
                _say(run, owner, place)
    if process.returncode not in (0, goes):
        raise Stopped(place.last_words() or f"it ended with {process.returncode}")


def _say(run: TrainingRun, owner: Person, place: Place) -> None:
    """That it lives, and what it measured. A database that is away for a moment costs no training of hours.

    Raises:
        Stopped: the run is over; it was cancelled.
    """
    try:
        if hear(owner=owner, run=run.pk).is_over:
            raise Stopped("it is over")
        _tell(run, owner, place)
    except (InterfaceError, OperationalError) as error:
        log.warning("run %s could not be told of: %s", run.pk, type(error).__name__)
        connection.close()


def _tell(run: TrainingRun, owner: Person, place: Place) -> None:
    """What it measured. What the house does not take of it, too many names for instance, stops nothing."""
    points = place.points()
    try:
        for at in range(0, len(points), MOST_POINTS):
            record(owner=owner, run=run.pk, points=points[at : at + MOST_POINTS])
    except Refused as refused:
        log.warning("run %s: metrics were not taken: %s", run.pk, refused)


def _hand_in(run: TrainingRun, owner: Person, place: Place) -> None:
    """The model's answers, under a name that says what it came of."""
    name = f"{run.base_model[:90]}-{run.recipe}-{str(run.pk)[:8]}"
    model = Model(name, run.base_licence, place.lineage().get("checkpoint_id", ""))
    text = (place.answers / "answers.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.split("\n") if line.strip()]
    for at in range(0, len(lines), MOST_ANSWERS):
        ingest_outputs(owner=owner, run=run.pk, model=model, answers=lines[at : at + MOST_ANSWERS])


def _measure(run: TrainingRun, owner: Person, place: Place) -> None:
    """Its numbers, where they can be had. It has answered by then: a model whose release holds no row out or was
    recalled meanwhile, or that this machine cannot measure, is none the worse for that."""
    place.evaluation.unlink(missing_ok=True)  # of an earlier try
    try:
        _follow(_measuring(run, place), run, owner, place)
        tell_evaluation(owner=owner, run=run.pk, document=json.loads(place.evaluation.read_text("utf-8")))
    except (Stopped, Refused, OSError, ValueError, RecursionError) as why:
        log.warning("run %s was not measured: %s", run.pk, why)


def _fail(run: TrainingRun, owner: Person, why: str) -> None:
    """Everybody reads why: where things lie on this machine is nobody's business."""
    log.warning("run %s failed: %s", run.pk, why)
    told = _FOLDERS.sub("…/", why)[-REPORTED:]
    row = TrainingRun.objects.get(pk=run.pk)
    if not row.is_over:
        move(owner=owner, run=run.pk, state=State.FAILED, problem=told)
