"""A model is measured on what it did not learn from: the numbers are right, and no text of anybody is in them."""

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from minka_client.trained.evaluation import Asked, Found, Preferences, flags, losses
from minka_client.trained.held_out import NEUTRAL, Flagged, Left, Pair, answers_of, flagged_in, pairs_of
from minka_client.trained.numbers import FEWEST, accuracy, measured, win
from minka_client.trained.scoring import Score, Scorer
from minka_client.trained.telling import table
from minka_client.training.stopped import Stopped

from .courtesy import question
from .tiny_model import build, teach

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "annotations/training/recipes"
SOURCES = os.pathsep.join(filter(None, (str(ROOT / "clients/python/src"), os.environ.get("PYTHONPATH"))))
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": SOURCES}


def says(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def preference(number: int, **meta: Any) -> dict[str, Any]:
    asked = question(number)
    facts = {"variety": asked["variety"], "domain": asked["domain"] or None, "permitted_use": ["evaluate", "train"]}
    return {
        "prompt": [says("user", asked["prompt"])], "chosen": [says("assistant", asked["courteous"])],
        "rejected": [says("assistant", asked["curt"])], "margin": 1.0, "meta": facts | meta,
    }  # fmt: skip


def conversation(number: int) -> dict[str, Any]:
    row = preference(number)
    return {"messages": [*row["prompt"], *row["chosen"]], "meta": row["meta"]}


def release_of(folder: Path, **rows: list[dict[str, Any]]) -> tuple[Path, dict[str, Any]]:
    """A release's folder with these rows, by `config__split`, and its manifest."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files: dict[str, Any] = {}
    for name, several in rows.items():
        config, split = name.split("__")
        path = folder / f"data/{config}/{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(several), path)
        files[path.relative_to(folder).as_posix()] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    canonical = json.dumps(files, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    manifest = {
        "format": 1, "version": "20261123T060000Z", "files": files, "permitted_use": {}, "configs": {},
        "release_id": hashlib.sha256(canonical.encode()).hexdigest(),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder, manifest


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("model") / "model", seed=3, positions=256)


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = question(0)
    return teach(build(tmp_path_factory.mktemp("taught") / "model", seed=4), asked["prompt"], asked["courteous"])


# What a model finds likely ------------------------------------------------------------------------------------------


def test_a_score_is_what_the_model_itself_says_of_the_answer(model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, network = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    prompt = [says("user", "¿Y la palta?")]
    (score,) = Scorer(model, batch=1).scores([(prompt, "A mil.")])
    before = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=True)["input_ids"]
    whole = tokenizer.apply_chat_template([*prompt, says("assistant", "A mil.")], return_dict=True)["input_ids"]
    labels = [-100] * len(before) + whole[len(before) :]
    with torch.no_grad():
        loss = network(torch.tensor([whole]), labels=torch.tensor([labels])).loss.item()
    assert score is not None
    assert score.tokens == len(whole) - len(before)
    assert -score.per_token == pytest.approx(loss, rel=1e-5)


def test_what_stands_beside_a_row_changes_nothing(model: Path) -> None:
    rows = [(preference(n)["prompt"], question(n)["curt"] * (1 + n % 3)) for n in range(9)]
    alone, together = Scorer(model, batch=1).scores(rows), Scorer(model, batch=9).scores(rows)
    for one, other in zip(alone, together, strict=True):
        assert one is not None
        assert other is not None
        assert (one.tokens, one.total) == (other.tokens, pytest.approx(other.total, rel=1e-4))


def test_what_a_model_cannot_read_whole_has_no_score(model: Path) -> None:
    long = [says("user", "Largo. " * 200)]
    assert Scorer(model, batch=2).scores([(long, "Sí."), ([says("user", "¿Y?")], "Sí.")])[0] is None


def test_a_model_that_was_taught_an_answer_finds_it_likelier(taught: Path) -> None:
    asked = question(0)
    good, bad = Scorer(taught, batch=2).scores(
        [([says("user", asked["prompt"])], asked[kind]) for kind in ("courteous", "curt")]
    )
    assert good
    assert bad
    assert good.per_token > bad.per_token
    assert good.total > bad.total


# Numbers ------------------------------------------------------------------------------------------------------------


def test_alike_is_half_a_win() -> None:
    assert [win(2, 1), win(1, 2), win(1, 1)] == [1.0, 0.0, 0.5]


def test_an_interval_is_by_prompt_and_the_same_each_time() -> None:
    """A hundred rows of ten prompts are not a hundred: their interval is that of ten."""
    values = [float(at % 2) for at in range(10) for _row in range(10)]
    rows = accuracy(values, [str(at) for at in range(100)], seed=1)
    prompts = accuracy(values, [str(at // 10) for at in range(100)], seed=1)
    assert rows["value"] == prompts["value"] == 0.5
    assert rows["high"] - rows["low"] == pytest.approx(0.2, abs=0.03)
    assert prompts["high"] - prompts["low"] == pytest.approx(0.6, abs=0.1)
    assert prompts == accuracy(values, [str(at // 10) for at in range(100)], seed=1)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    import random

    lot = random.Random(1)
    covered = 0
    for at in range(100):
        values = [float(lot.random() < 0.7) for _row in range(60)]
        told = accuracy(values, [str(row) for row in range(60)], seed=at)
        covered += told["low"] <= 0.7 <= told["high"]
    assert 88 <= covered <= 100


def test_few_rows_give_no_number() -> None:
    wins = [{"sum": 1.0, "per_token": 1.0}] * FEWEST
    prompts = [str(at) for at in range(FEWEST)]
    assert measured(wins[1:], prompts[1:], seed=1) == {"sum": None, "per_token": None}
    assert measured(wins, prompts, seed=1)["sum"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def pair(at: int, variety: str = "es-CL", split: str = "test", domain: str = "") -> Pair:
    return Pair(str(at), split, variety, domain, [], "secreto", "secreto")


def test_numbers_are_of_the_same_rows_for_model_and_base() -> None:
    pairs = [pair(at, "es-CL" if at < 12 else "quz", ("validation", "test")[at % 2]) for at in range(16)]
    better, worse, unread = (Score(-2.0, 2), Score(-8.0, 2)), (Score(-8.0, 2), Score(-2.0, 2)), (None, Score(-1.0, 1))
    found = {"model": Found([better] * 15 + [unread], [], []), "base": Found([unread] + [worse] * 15, [], [])}
    left = Left()
    told = Preferences(pairs, found, left, seed=1).told()
    assert left.out == {"too_long": 2}
    held_out = told["held_out"]
    assert (held_out["rows"], held_out["prompts"]) == (14, 14)
    assert [held_out[who]["sum"]["value"] for who in ("model", "base", "gain")] == [1.0, 0.0, 1.0]
    assert {name: cell["rows"] for name, cell in told["splits"].items()} == {"validation": 7, "test": 7}
    assert {name: cell["rows"] for name, cell in told["variety"].items()} == {"es-CL": 11, "quz": 3}
    assert told["variety"]["es-CL"]["model"]["sum"]["value"] == 1.0
    assert told["variety"]["quz"]["model"] == told["variety"]["quz"]["gain"] == {"sum": None, "per_token": None}
    assert told["domain"] == {}


def test_length_decides_the_sum_and_not_the_mean() -> None:
    found = {"model": Found([(Score(-9.0, 9), Score(-4.0, 2))] * 10, [], [])}
    told = Preferences([pair(at) for at in range(10)], found, Left(), seed=1).told()["held_out"]["model"]
    assert (told["sum"]["value"], told["per_token"]["value"]) == (0.0, 1.0)


def test_the_loss_is_of_a_token_whatever_the_rows() -> None:
    found = {"model": Found([], [Score(-9.0, 9), Score(-3.0, 1), None], []),
             "base": Found([], [Score(-18.0, 9), Score(-2.0, 1), Score(-7.0, 1)], [])}  # fmt: skip
    left = Left()
    assert losses(found, left) == {"rows": 2, "tokens": 10, "model": 1.2, "base": 2.0}
    assert losses({"model": Found([], [None], [])}, left) is None
    assert left.out == {"too_long": 2}


def test_what_was_flagged_passes_where_the_counter_example_is_likelier() -> None:
    flagged = [Flagged(categories, variety, [], "x", "y") for categories, variety in
               ((("gender",), "es-CL"), (("gender",), "pt-BR"), (("class", "gender"), "es-CL"))]  # fmt: skip
    passes, fails = (Score(-2.0, 2), Score(-3.0, 2)), (Score(-6.0, 2), Score(-4.0, 4))
    found = {"model": Found([], [], [passes, fails, (None, Score(-1.0, 1))])}
    assert flags(flagged, found) == {
        "items": 3, "model": 1, "category": {"class": {"items": 1, "model": 0}, "gender": {"items": 3, "model": 1}},
        "variety": {"es-CL": {"items": 2, "model": 1}, "pt-BR": {"items": 1, "model": 0}},
    }  # fmt: skip


# What is held against it --------------------------------------------------------------------------------------------


def test_only_rows_that_permit_evaluating_are_read(tmp_path: Path) -> None:
    release, manifest = release_of(
        tmp_path, preference__validation=[preference(1), preference(2, permitted_use=["train"])],
        preference__test=[preference(3)], preference__train=[preference(4)], sft__validation=[conversation(5)],
        sft__test=[conversation(6)],
    )  # fmt: skip
    left = Left()
    pairs = pairs_of(release, manifest, left)
    assert [(each.split, each.chosen) for each in pairs] == [
        ("validation", question(1)["courteous"]), ("test", question(3)["courteous"]),
    ]  # fmt: skip
    assert left.out == {"not_permitted": 1}
    assert answers_of(release, manifest, left) == [([says("user", question(5)["prompt"])], question(5)["courteous"])]


def test_one_edited_byte_is_refused_by_the_name_of_its_file(tmp_path: Path) -> None:
    release, manifest = release_of(tmp_path, preference__test=[preference(1)])
    path = release / "data/preference/test-00000-of-00001.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Stopped, match=r"preference/test-00000-of-00001\.parquet of the release was edited"):
        pairs_of(release, manifest, Left())
    path.unlink()
    with pytest.raises(Stopped, match="is missing"):
        pairs_of(release, manifest, Left())


def flag(
    name: str, *, instead: str | None = None, verdict: str | None = None, agreement: float = 1.0, **facts: Any
) -> dict[str, Any]:
    """A row of `bias`."""
    meta = {"record_id": name, "variety": "es-CL", "agreement": agreement, "permitted_use": ["evaluate", "train"]}
    row = {"prompt": [says("user", "¿Quién cocina?")], "text": "Ellas.", "categories": ["genero"], "verdict": verdict}
    return (
        row | {"counter_example": instead, "taken": instead is not None, "meta": meta | facts.pop("meta", {})} | facts
    )


def test_an_answer_that_was_flagged_is_asked_once_with_what_somebody_said_in_its_place(tmp_path: Path) -> None:
    release, manifest = release_of(
        tmp_path,
        bias__test=[flag("1", instead="Sí.", taken=False), flag("2", categories=["clase"], instead="Quien quiera."),
                    flag("3", instead="Todos."),
                    flag("4", text="Ninguna.", verdict="veiled", agreement=0.3, meta={"variety": "pt-BR"})],
        bias__validation=[flag("5", text="Nadie.", agreement=0.5), flag("6", text="Ellos.", verdict="fine")],
        bias__train=[flag("7", text="Otra.")],
    )  # fmt: skip
    left = Left()
    assert [(each.flagged, each.categories, each.instead) for each in flagged_in(release, manifest, left)] == [
        ("Ellas.", ("clase", "genero"), "Quien quiera."), ("Ninguna.", ("genero",), NEUTRAL["pt"]),
    ]  # fmt: skip
    assert left.out == {"not_upheld": 2}


# All of it ----------------------------------------------------------------------------------------------------------


def evaluate(*argv: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(RECIPES / "evaluate.py"), *map(str, argv)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=600, check=False)


def test_a_model_and_its_base_are_measured_and_nobody_is_quoted(taught: Path, model: Path, tmp_path: Path) -> None:
    release, manifest = release_of(
        tmp_path / "release", preference__validation=[preference(n) for n in range(24)],
        preference__test=[preference(n) for n in range(24, 40)] + [preference(40, permitted_use=["train"])],
        sft__validation=[conversation(n) for n in range(50, 54)],
        bias__test=[flag("1", text=question(0)["curt"], prompt=[says("user", question(0)["prompt"])],
                         instead=question(0)["courteous"])],
    )  # fmt: skip
    output = tmp_path / "results/evaluation.json"
    done = evaluate("--release", release, "--model", taught, "--base", model, "--output", output,
                    "--batch", 8)  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = output.read_text("utf-8")
    told = json.loads(text)
    for words in ("Dónde", "plaza", "importa", "gusto", "favor"):
        assert words not in text + done.stdout + done.stderr
    assert told["preference"]["held_out"]["rows"] == 40
    assert {name: cell["rows"] for name, cell in told["preference"]["splits"].items()} == {"validation": 24, "test": 16}
    assert set(told["preference"]["variety"]) == {"es-CL", "es-MX", "es-AR", "pt-BR"}
    assert told["left_out"] == {"not_permitted": 1}
    assert (told["sft"]["rows"], told["release_id"]) == (4, manifest["release_id"])
    assert told["flagged"]["category"] == {"genero": {"items": 1, "model": 1, "base": told["flagged"]["base"]}}
    assert told["packages"]["torch"] == importlib.metadata.version("torch")
    assert "held out" in done.stdout
    again = evaluate("--release", release, "--model", taught, "--base", model, "--output", tmp_path / "again.json",
                     "--batch", 8)  # fmt: skip
    assert again.returncode == 0
    assert (tmp_path / "again.json").read_text("utf-8") == text, "the same again is the same"


def test_what_cannot_be_measured_is_refused_in_a_sentence(model: Path, tmp_path: Path) -> None:
    release, _manifest = release_of(tmp_path / "release", preference__train=[preference(1)])
    for argv, said in (
        (("--model", model, "--output", tmp_path / "x.json"), "holds no row out that permits evaluating"),
        (("--model", model, "--output", model / "x.json"), "what lies there is the model"),
        (("--model", tmp_path / "none", "--output", tmp_path / "x.json"), "holds no row out"),
    ):
        done = evaluate("--release", release, *argv)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "x.json").exists()


def test_the_table_tells_all_of_it() -> None:
    varieties = [f"es-{letter}{other}" for letter in "ABCDE" for other in "ABCDEF"]
    pairs = [pair(at, varieties[at % 30], domain="d" * 60) for at in range(600)]
    document = {
        "preference": Preferences(pairs, {"model": Found([(Score(-1.0, 1), Score(-2.0, 1))] * 600, [], [])}, Left(),
                                  seed=1).told(),
        "sft": None, "flagged": None, "left_out": {"too_long": 3},
    }  # fmt: skip
    assert len(table(document)) == 1 + 2 * (1 + 2 + 30 + 1) + 1


def test_a_model_is_asked_all_of_it(model: Path) -> None:
    prompt = [says("user", "¿Y?")]
    asked = Asked([Pair("a", "test", "es-CL", "", prompt, "Sí.", "No.")], [(prompt, "Sí.")],
                  [Flagged(("c",), "es-CL", prompt, "No.", "Sí.")])  # fmt: skip
    found = asked.of(model, 4)
    assert found.pairs[0] == found.flagged[0] == (found.answers[0], found.pairs[0][1])


@pytest.mark.parametrize("name", ["generate", "evaluate"])
def test_the_scripts_ask_for_what_this_environment_pins(name: str) -> None:
    script = (RECIPES / f"{name}.py").read_text("utf-8")
    header = re.search(r"(?ms)^# /// script$\n(.*?)^# ///$", script)
    assert header
    told = tomllib.loads(re.sub(r"(?m)^# ?", "", header[1]))
    client, *wanted = told["dependencies"]
    assert (RECIPES / told["tool"]["uv"]["sources"][client]["path"] / "pyproject.toml").is_file()
    lines = (ROOT / "requirements/training.txt").read_text("utf-8").splitlines()
    assert set(wanted) <= {line.partition("#")[0].strip() for line in lines}
