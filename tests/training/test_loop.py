"""The closed loop, on a small model made here: what a community prefers, a model learns.

People vote on the real platform with the errors people make, a release is published, `dpo.py` trains on it,
`evaluate.py` measures the model on what was held out, `generate.py` answers the run's fresh questions, and the answers
are back in the platform, paired with the best so far. The platform works in its own environment
(`tests/runs/looped.py`); the community and its rule are in `courtesy.py`.

The sabotaged twin is the same release with its preferences swapped at random: the same assertion must turn red.

Sizes come from the environment, for a GPU: LOOP_ITEMS (judged questions), LOOP_HIDDEN and LOOP_LAYERS (the model),
LOOP_STEPS (of training), LOOP_HEARD (of the base model's). MINKA_PYTHON is the platform's Python, where it is not that
of this checkout. `-s` shows the numbers.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .courtesy import conversations, is_courteous
from .tiny_model import build, learn

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "annotations" / "training" / "recipes"
PLATFORM = os.environ.get("MINKA_PYTHON", str(ROOT / ".venv/bin/python"))
SIZES = {"ITEMS": 600, "HIDDEN": 64, "LAYERS": 2, "STEPS": 60, "HEARD": 250}
SIZES = {name: int(os.environ.get(f"LOOP_{name}", size)) for name, size in SIZES.items()}
SETTINGS = f"""
max_steps: {SIZES["STEPS"]}
per_device_train_batch_size: 16
gradient_checkpointing: false
learning_rate: 1.0e-4
lr_scheduler_type: cosine
beta: 0.3
max_length: 256
logging_steps: 10
eval_strategy: "no"
save_strategy: "no"
seed: 7
"""
SOURCES = os.pathsep.join(filter(None, (str(ROOT / "clients/python/src"), os.environ.get("PYTHONPATH"))))
ONE_THREAD = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
ENVIRONMENT = os.environ | ONE_THREAD | {"PYTHONPATH": SOURCES}


def script(name: str, *argv: Any) -> None:
    command = [sys.executable, str(RECIPES / name), *map(str, argv)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    print(done.stdout)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a loop that was gone round once: base/, run/ with its release and results/, of-base/."""
    folder = tmp_path_factory.mktemp("loop")
    base = build(folder / "base", seed=7, hidden=SIZES["HIDDEN"], layers=SIZES["LAYERS"])
    learn(base, [*conversations(2_000, seed=7)], steps=SIZES["HEARD"], seed=7)
    (folder / "dpo.yaml").write_text(SETTINGS, "utf-8")
    told = {
        "LOOP_FOLDER": str(folder), "LOOP_TRAINER": sys.executable, "LOOP_ITEMS": str(SIZES["ITEMS"]),
        "LOOP_CONFIG": str(folder / "dpo.yaml"),
    }  # fmt: skip
    argv = [PLATFORM, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/runs/looped.py"]
    done = subprocess.run(
        argv, cwd=ROOT, env=os.environ | ONE_THREAD | told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:]
    print((folder / "took.json").read_text("utf-8"))
    return folder


def release_of(loop: Path) -> Path:
    (folder,) = (loop / "run" / "releases").iterdir()
    return folder


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def assert_it_learnt_what_people_prefer(evaluation: dict[str, Any]) -> None:
    """On rows that were held out the model is right more often than its base: clearly, and beyond chance."""
    held_out = evaluation["preference"]["held_out"]
    for measure in ("sum", "per_token"):
        model, base = held_out["model"][measure], held_out["base"][measure]
        assert model["value"] >= base["value"] + 0.2, measure
        assert model["low"] > base["value"], measure


def test_the_model_learnt_what_people_prefer(loop: Path) -> None:
    evaluation = read(loop / "run/results/evaluation.json")
    print(json.dumps(evaluation["preference"]["held_out"], indent=1))
    assert evaluation["preference"]["held_out"]["rows"] >= SIZES["ITEMS"] // 20
    assert_it_learnt_what_people_prefer(evaluation)
    lineage = read(loop / "run/results/model/lineage.json")
    assert (evaluation["model"], evaluation["base"]) == (lineage["checkpoint_id"], lineage["base_model"])
    assert (evaluation["release_id"], lineage["steps"]) == (lineage["release_id"], SIZES["STEPS"])


def test_what_it_says_now_is_what_people_prefer(loop: Path) -> None:
    share = {name: courteous(loop / name) for name in ("of-base", "run/results")}
    print(share)
    assert share["run/results"] >= share["of-base"] + 0.2


def courteous(folder: Path) -> float:
    told = [json.loads(line)["text"] for line in (folder / "answers.jsonl").read_text("utf-8").splitlines()]
    assert len(told) == 32
    return sum(map(is_courteous, told)) / len(told)


def test_from_the_packed_folder_and_from_the_house_the_same_is_answered(loop: Path) -> None:
    assert (loop / "again/answers.jsonl").read_bytes() == (loop / "run/results/answers.jsonl").read_bytes()


def test_a_twin_whose_preferences_were_swapped_at_random_learns_nothing(loop: Path, tmp_path: Path) -> None:
    twin = swapped(release_of(loop), tmp_path / "release")
    script("dpo.py", "--release", twin, "--model", loop / "base", "--output", tmp_path / "model",
           "--config", loop / "dpo.yaml")  # fmt: skip
    script("evaluate.py", "--release", release_of(loop), "--model", tmp_path / "model", "--base", loop / "base",
           "--output", tmp_path / "evaluation.json")  # fmt: skip
    evaluation = read(tmp_path / "evaluation.json")
    with pytest.raises(AssertionError):
        assert_it_learnt_what_people_prefer(evaluation)
    gain = evaluation["preference"]["held_out"]["gain"]
    assert {measure for measure in gain if gain[measure]["value"] >= 0.2} == set()


def swapped(release: Path, folder: Path) -> Path:
    """The release with its preferences to train on swapped at random, and all sums right."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    shutil.copytree(release, folder)
    manifest, lot = read(folder / "manifest.json"), random.Random(7)
    for path in sorted((folder / "data/preference").glob("train-*.parquet")):
        table = pq.read_table(path)
        rows = table.to_pylist()
        for row in rows:
            if lot.random() < 0.5:
                row["chosen"], row["rejected"] = row["rejected"], row["chosen"]
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
        name = path.relative_to(folder).as_posix()
        manifest["files"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    canonical = json.dumps(manifest["files"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    manifest["release_id"] = hashlib.sha256(canonical.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder
