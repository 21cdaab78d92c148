"""A run without a network: one folder with all it needs, carried to the cluster, and its results carried back.

FOLDER/handed.json            the run's manifest, its own key in it
FOLDER/releases/VERSION/…     each release, whole and checked
FOLDER/prompts.jsonl          what is to be answered, a line each
FOLDER/recipes/…              the house's scripts, to train, to answer and to measure, with their settings; and this
                              client, which they need
FOLDER/train.sh               trains; where the run has one release
FOLDER/results/model/         where the recipe leaves its model and `lineage.json`
FOLDER/results/answers.jsonl  what the model answered: `{"prompt": 17, "text": "…", "sample": 0, "params": {…}}`
FOLDER/results/evaluation.json  what `evaluate.py` measured of the model, if it did
"""

import json
import math
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from minka_client.client import Minka
from minka_client.errors import Damaged
from minka_client.fetching import inside
from minka_client.things import Answer, Ingested, Run

HANDED, PROMPTS, ANSWERS, LINEAGE, EVALUATION = (
    "handed.json",
    "prompts.jsonl",
    "results/answers.jsonl",
    "results/model/lineage.json",
    "results/evaluation.json",
)
JUDGE: Final = "reward"
"""The recipe whose model says a number, and answers nothing."""


def pack(minka: Minka, run: Run, folder: str | Path) -> Path:
    """Everything a run needs, in this folder. Cut off, it goes on when called again.

    Raises:
        Damaged: another run's things lie there, or a file is not what its release says.
        Refused: `recalled` or `expired`, where a release of the run was; `forbidden`, where it is somebody else's.
    """
    folder = Path(folder)
    manifest = minka.manifest(run)
    if (folder / HANDED).exists() and _read(folder / HANDED).get("run") != manifest["run"]:
        raise Damaged(f"{folder} holds another run")
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / HANDED, json.dumps(manifest, ensure_ascii=False, indent=1))
    known = {release.version: release for release in minka.releases()}
    for version in run.releases:
        minka.fetch(known[version], folder / "releases")
    lines = (json.dumps(asdict(prompt), ensure_ascii=False) for prompt in minka.prompts(run))
    _write(folder / PROMPTS, "".join(f"{line}\n" for line in lines))
    (folder / "results").mkdir(exist_ok=True)
    _bring(minka.recipe(run.recipe), folder / "recipes")
    if len(run.releases) == 1:
        _write(folder / "train.sh", _script(run))
    return folder


def _bring(files: Mapping[str, str], recipes: Path) -> None:
    """The house's script, and beside it, where Python looks first, what it has in common with the others: of this very
    client, as it is installed here."""
    for name, text in files.items():
        path = inside(recipes, name)
        _write(path, text)
    source = Path(__file__).parent
    shutil.copytree(source, recipes / source.name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


_TRAIN: Final = """#!/bin/sh
#SBATCH --job-name=minka-{name}
#SBATCH --output=train-%j.log
#SBATCH --gres=gpu:1
#SBATCH --requeue
# MODEL is the base model's folder; CONFIG another file of settings than the recipe's own; LAUNCH what starts several
# processes, for instance "torchrun --nproc_per_node 8"; RECIPES another folder of recipes than the one that came along.
# Started again, by hand or by the scheduler, it goes on from its last checkpoint.
set -eu
: "${{MODEL:?is the folder of the base model}}"
here=$(dirname "$0")
[ -f "$here/handed.json" ] || here="${{SLURM_SUBMIT_DIR:?is the folder of the run}}"  # a scheduler starts a copy
recipes="${{RECIPES:-$here/recipes}}"
export PYTHONPATH="$recipes${{PYTHONPATH:+:$PYTHONPATH}}"
exec ${{LAUNCH:-python}} "$recipes/{recipe}.py" --manifest "$here/handed.json" --model "$MODEL" \\
    --output "$here/results/model" --config "${{CONFIG:-$recipes/{recipe}.yaml}}" "$@"
"""


def _script(run: Run) -> str:
    facts = {"recipe": run.recipe, "name": str(run.id)[:8]}
    return _TRAIN.format(**{name: shlex.quote(value) for name, value in facts.items()})


def upload(
    minka: Minka, folder: str | Path, *, model: str, licence: str, permitted_use: Sequence[str] | None = None
) -> Ingested:
    """What came of a packed run, told to the house: its metrics, its model's answers, what was measured of it, and that
    it is finished. Whatever was cut off is sent again by calling it again.

    Args:
        model: the name of the model from now on; `licence` is of what it says.

    Raises:
        Damaged: a file of the results is missing or not as it is described above.
        Refused: as `add_outputs`; `not_open` for a run that was cancelled. One that failed is taken up again.
    """
    folder = Path(folder)
    lineage = _read(folder / LINEAGE)
    if not {"checkpoint_id", "log_history"} <= lineage.keys():
        raise Damaged(f"{folder / LINEAGE}: not what a recipe leaves")
    evaluation = _measured(folder / EVALUATION, lineage["checkpoint_id"])
    run = minka.run(_read(folder / HANDED).get("run", ""))
    answers = [] if run.recipe == JUDGE else list(_answers(folder / ANSWERS))
    if run.state != "finished":
        run = minka.move(run, "running")
        minka.record(run, points_of(lineage))
    done = minka.add_outputs(
        run, answers, model=model, licence=licence, permitted_use=permitted_use, checkpoint=lineage["checkpoint_id"]
    )
    if evaluation:
        minka.tell_evaluation(run, evaluation)
    minka.move(run, "finished")
    return done


def points_of(document: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """What a recipe measured (its `lineage.json`), as `Minka.record` takes it: what is no number is left out."""
    return [
        (name, entry["step"], value)
        for entry in document["log_history"]
        for name, value in entry.items()
        if isinstance(value, float) and math.isfinite(value) and name != "epoch"
    ]


def _measured(path: Path, checkpoint: str) -> dict[str, Any] | None:
    """What was measured of this very model, where it was."""
    if not path.exists():
        return None
    evaluation = _read(path)
    if evaluation.get("model") != checkpoint:
        raise Damaged(f"{path}: of another model")
    return evaluation


def _answers(path: Path) -> Iterator[Answer]:
    for number, line in enumerate(_text(path).split("\n"), 1):  # a text may hold other ends of lines
        if line.strip():
            try:
                yield Answer(**json.loads(line))
            except (TypeError, ValueError) as wrong:
                raise Damaged(f"{path}, line {number}: {wrong}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(_text(path)))
    except ValueError as wrong:
        raise Damaged(f"{path}: {wrong}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Damaged(f"{path}: {wrong}") from None


def _write(path: Path, text: str) -> None:
    """Whole or not there."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)
