"""A run is carried to a machine without a network in one folder, and what came of it is carried back."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import minka_client
from annotations.corpus.models import Output
from annotations.datasets.models import Release
from annotations.people.actions import new_token
from annotations.training.evaluations.reading import read
from annotations.training.handover import script_files
from annotations.training.models import RECIPES, Metric, TrainingRun
from minka_client import Damaged, Ingested, Minka, Refused, Run, pack, packing, upload
from minka_client.__main__ import main
from tests.clients.test_runs import handed, minka  # noqa: F401 -- a fixture
from tests.runs.measured import document
from tests.runs.world import engineer

pytestmark = pytest.mark.django_db(transaction=True)
LINEAGE = {
    "checkpoint_id": "e" * 64,
    "log_history": [{"loss": 0.7, "epoch": 0.5, "step": 1}, {"loss": 0.4, "epoch": 1.0, "step": 2, "note": "x"}],
}
TOLD = {"model": "zorzal-1", "licence": "apache-2.0"}


@pytest.fixture
def run(minka: Minka) -> Run:  # noqa: F811
    return handed(minka)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def trained(folder: Path) -> None:
    """What a recipe and a model leave there."""
    (folder / "results" / "model").mkdir(parents=True, exist_ok=True)
    (folder / "results/model/lineage.json").write_text(json.dumps(LINEAGE), "utf-8")
    asked = [json.loads(line) for line in (folder / "prompts.jsonl").read_text("utf-8").splitlines()]
    lines = [
        json.dumps({"prompt": each["id"], "text": "Con\u2028pebre.", "params": {"seed": 7}}, ensure_ascii=False)
        for each in asked
    ]  # fmt: skip
    (folder / "results/answers.jsonl").write_text("\n".join(lines), "utf-8")


def test_a_folder_holds_all_a_run_needs_and_takes_back_all_that_came_of_it(
    minka: Minka, run: Run, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    folder = pack(minka, run, tmp_path / "corrida")
    (version,) = run.releases
    (release,) = minka.releases()
    shared = {
        f"recipes/minka_client/{name}" for name in files(Path(minka_client.__file__).parent) if name[-4:] != ".pyc"
    }
    assert {"recipes/minka_client/client.py", "recipes/minka_client/training/recipe.py"} <= shared
    assert files(folder) == {
        "handed.json", "prompts.jsonl", "train.sh", *(f"releases/{version}/{file.name}" for file in release.files),
        *(f"recipes/{name}" for name in script_files("dpo")), *shared,
    }  # fmt: skip
    assert json.loads((folder / "handed.json").read_text("utf-8")) == minka.manifest(run)
    assert len((folder / "prompts.jsonl").read_text("utf-8").splitlines()) == sum(run.prompts.values())
    trained(folder)
    assert pack(minka, run, folder) == folder, "again: what came of it stays"
    assert upload(minka, folder, **TOLD) == Ingested(added=5, paired=5)
    assert minka.run(run.id).state == "finished"
    assert list(Metric.objects.order_by("step").values_list("name", "value")) == [("loss", 0.7), ("loss", 0.4)]
    assert upload(minka, folder, **TOLD) == Ingested(known=5), "sent again it changes nothing"
    assert Output.objects.filter(model__trained__checkpoint="e" * 64).count() == 5


def test_of_a_judge_of_answers_there_are_none_to_wait_for(minka: Minka, tmp_path: Path) -> None:  # noqa: F811
    folder = pack(minka, handed(minka, recipe="reward"), tmp_path)
    trained(folder)
    (folder / "results/answers.jsonl").unlink()
    assert upload(minka, folder, **TOLD) == Ingested()
    assert TrainingRun.objects.get().state == "finished"
    assert Metric.objects.count() == 2


def test_its_script_starts_the_recipe_with_what_was_handed_over(
    minka: Minka, run: Run, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    """By hand, and as a scheduler does: from a copy elsewhere, in the folder it was sent from."""
    folder, recipes = pack(minka, run, tmp_path / "la corrida"), tmp_path / "recetas"
    recipes.mkdir()
    (recipes / "dpo.py").write_text("import sys; print(*sys.argv[1:], sep='\\n')", "utf-8")
    house = {"PATH": os.environ["PATH"], "RECIPES": str(recipes), "MODEL": "/el modelo", "LAUNCH": "python -B"}
    copied = tmp_path / "job.sh"
    shutil.copy(folder / "train.sh", copied)
    wanted = [
        "--manifest", f"{folder}/handed.json", "--model", "/el modelo", "--output", f"{folder}/results/model",
        "--config", f"{recipes}/dpo.yaml", "--lora", "8",
    ]  # fmt: skip
    for script, more in ((folder / "train.sh", {}), (copied, {"SLURM_SUBMIT_DIR": str(folder)})):
        told = subprocess.run(
            ["sh", str(script), "--lora", "8"], env=house | more, capture_output=True, text=True, check=True
        )  # fmt: skip
        assert told.stdout.splitlines() == wanted
    without = subprocess.run(["sh", str(copied)], env={"PATH": house["PATH"]}, capture_output=True, text=True)
    assert without.returncode != 0
    assert "MODEL: is the folder of the base model" in without.stderr


@pytest.mark.parametrize("recipe", list(RECIPES))
def test_a_folder_brings_the_recipe_whatever_it_is_and_needs_nothing_else_of_ours(
    minka: Minka, tmp_path: Path, recipe: str  # noqa: F811
) -> None:  # fmt: skip
    """In a Python that knows no Minka, it starts and says what it would do; the trainer's libraries are not here."""
    Release.objects.update(manifest=with_every_config(Release.objects.get().manifest))
    folder = pack(minka, handed(minka, recipe=recipe), tmp_path / "corrida")
    bare = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "MODEL": str(tmp_path)}
    told = subprocess.run(
        ["sh", str(folder / "train.sh"), "--help"], env=bare, capture_output=True, text=True, check=True, cwd=tmp_path
    )  # fmt: skip
    assert told.stdout.startswith(f"usage: {recipe}.py ")


def with_every_config(manifest: dict[str, Any]) -> dict[str, Any]:
    """As if volunteers had filled all of them; no row of it is read here."""
    return manifest | {
        "permitted_use": {config: ["evaluate", "train"] for config in RECIPES.values()},
        "configs": manifest["configs"] | {config: {"train": 1} for config in RECIPES.values()},
    }


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="not a name inside the folder"):
        packing._bring({"../fuera.py": "x"}, tmp_path / "recipes")
    assert files(tmp_path) == set()


def test_another_run_s_folder_is_left_alone(minka: Minka, run: Run, tmp_path: Path) -> None:  # noqa: F811
    folder = pack(minka, run, tmp_path)
    before = (folder / "handed.json").read_bytes()
    with pytest.raises(Damaged, match="another run"):
        pack(minka, handed(minka), tmp_path)
    assert (folder / "handed.json").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("results/answers.jsonl", '{"prompt": 1, "text": "x"}\n{"prompt"', "answers.jsonl, line 2"),
        ("results/answers.jsonl", '{"prompt": 1, "texto": "x"}', "answers.jsonl, line 1"),
        ("results/answers.jsonl", None, "answers.jsonl: .*No such file"),
        ("results/model/lineage.json", "{}", "lineage.json: not what a recipe leaves"),
        ("results/model/lineage.json", "[", "lineage.json: "),
        ("handed.json", None, "handed.json: .*No such file"),
    ],
)
def test_what_is_missing_or_broken_is_named_and_nothing_is_told(
    minka: Minka, run: Run, tmp_path: Path, name: str, text: str | None, said: str  # noqa: F811
) -> None:  # fmt: skip
    trained(pack(minka, run, tmp_path))
    (tmp_path / name).unlink() if text is None else (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(Damaged, match=said):
        upload(minka, tmp_path, **TOLD)
    assert TrainingRun.objects.get().state == "queued"


def test_from_a_terminal(
    live_server: Any, minka: Minka, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any  # noqa: F811
) -> None:  # fmt: skip
    folder = str(tmp_path / "corrida")
    monkeypatch.delenv("MINKA_TOKEN", raising=False)
    assert main(["pack", str(run.id), folder]) == 1
    assert "MINKA_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("MINKA_ADDRESS", live_server.url)
    monkeypatch.setenv("MINKA_TOKEN", new_token(person=TrainingRun.objects.get().owner or engineer("otra")))
    assert main(["pack", str(run.id), folder]) == 0
    assert main(["upload", folder, "--model", "zorzal-1", "--licence", "apache-2.0"]) == 1, "nothing is trained yet"
    assert "lineage.json" in capsys.readouterr().err
    trained(Path(folder))
    assert main(["upload", folder, "--model", "zorzal-1", "--licence", "cc-by-nc", "--permitted-use", "evaluate"]) == 0
    assert set(map(tuple, Output.objects.filter(model__name="zorzal-1").values_list("permitted_use", flat=True))) == {
        ("evaluate",)
    }
    assert "added=5" in capsys.readouterr().out


def test_what_was_measured_of_the_model_is_told_with_the_rest(minka: Minka, run: Run, tmp_path: Path) -> None:  # noqa: F811
    trained(pack(minka, run, tmp_path))
    path = tmp_path / "results/evaluation.json"
    told = document(Release.objects.get(), model=LINEAGE["checkpoint_id"])
    path.write_text(json.dumps(told | {"model": "f" * 64}), "utf-8")
    with pytest.raises(Damaged, match="of another model"):
        upload(minka, tmp_path, **TOLD)
    assert TrainingRun.objects.get().state == "queued"
    path.write_text(json.dumps(told | {"left_out": "2"}), "utf-8")
    with pytest.raises(Refused, match="invalid"):
        upload(minka, tmp_path, **TOLD)
    assert TrainingRun.objects.get().state == "running", "what was wrong can be sent again"
    path.write_text(json.dumps(told), "utf-8")
    assert upload(minka, tmp_path, **TOLD) == Ingested(known=5)
    assert set(Metric.objects.values_list("name", "step", "value")) == {("loss", 1, 0.7), ("loss", 2, 0.4)}
    assert TrainingRun.objects.get().evaluation.told["preference"] == read(told)["preference"]
