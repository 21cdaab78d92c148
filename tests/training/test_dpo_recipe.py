"""Diego trains on a release by DPO. What a recipe does that all of them do alike is shown here, with this one;
`test_recipes.py` shows that the others are of the same family."""

import fcntl
import hashlib
import importlib.metadata
import json
import math
import re
import tomllib

import pytest

from . import runs
from .releases import canonical_sha256, lengthen, preference_row, train_file, validation_file, write_release
from .runs import FORTY_STEPS, RECIPES, ROOT, SHARED, kill_at_a_checkpoint, read_lineage, sha256, steps_logged, weights

TRAIN, VALIDATION = train_file("preference"), validation_file("preference")


def dpo(release, base, output, *words, **how):
    return runs.start("dpo", base, output, "--release", release, *words, **how)


def refusal(done):
    return runs.refusal(done, "dpo")


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    return write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def trained(release, base, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "trained"
    done = dpo(release, base, output, *FORTY_STEPS)
    assert done.returncode == 0, done.stderr
    return output


def test_trains_on_exactly_the_rows_offered_and_says_so(trained, release):
    lineage = read_lineage(trained)
    assert (lineage["rows_offered"], lineage["rows_trained_on"], lineage["rows_truncated"]) == (24, 24, 0)
    assert (lineage["steps"], len(lineage["sittings"])) == (40, 1)
    losses = [entry["loss"] for entry in lineage["log_history"] if "loss" in entry]
    assert len(losses) == 40
    assert all(math.isfinite(loss) for loss in losses)
    assert losses[-1] < losses[0]
    assert [entry["step"] for entry in lineage["log_history"] if "eval_loss" in entry] == [20, 40]


def test_lineage_names_everything_the_model_was_made_of(trained, release, base):
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    lineage = read_lineage(trained)
    plain = ("format", "recipe", "dataset", "dataset_config", "lora", "seed")
    assert [lineage[name] for name in plain] == [1, "dpo", "minka", "preference", None, 7]
    assert (lineage["release_id"], lineage["version"]) == (manifest["release_id"], "20261123T060000Z")
    assert lineage["dataset_files"] == {name: entry["sha256"] for name, entry in manifest["files"].items()}
    assert (lineage["config"]["max_steps"], lineage["config"]["learning_rate"]) == (40, 0.001)
    assert lineage["arguments"]["beta"] == 0.1
    assert lineage["packages"]["trl"] == importlib.metadata.version("trl")
    of_base = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in base.iterdir()}
    assert lineage["base_model"] == canonical_sha256(of_base)
    shared = {f"minka_client/training/{path.name}": path for path in (SHARED / "minka_client/training").glob("*.py")}
    assert lineage["code"] == {name: sha256(path) for name, path in {"dpo.py": RECIPES / "dpo.py", **shared}.items()}
    assert lineage["recipe_sha256"] == canonical_sha256(lineage["code"]), "what is shared is of the recipe"
    assert lineage["files"] == {
        name: hashlib.sha256((trained / name).read_bytes()).hexdigest() for name in lineage["files"]
    }
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= set(lineage["files"])
    assert lineage["checkpoint_id"] == canonical_sha256(lineage["files"])
    assert not list(trained.glob(".*")), "the prepared copy of the rows is gone"


def test_the_model_loads_again_and_differs_from_its_base(trained, base):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(trained)
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": "¿Qué lleva el ceviche?"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    answer = AutoModelForCausalLM.from_pretrained(trained).generate(**ids, max_new_tokens=4, min_new_tokens=4)
    assert answer.shape[1] == ids["input_ids"].shape[1] + 4
    before, after = weights(base), weights(trained)
    assert before.keys() == after.keys()
    assert any((before[name] != after[name]).any() for name in before)


def test_a_finished_run_started_again_changes_nothing(trained, release, base):
    before = (trained / "lineage.json").read_bytes()
    done = dpo(release, base, trained, *FORTY_STEPS)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_lineage(trained)["checkpoint_id"] in done.stdout
    assert (trained / "lineage.json").read_bytes() == before


def test_a_folder_with_another_run_is_refused(trained, release, base):
    sentence = refusal(dpo(release, base, trained, *FORTY_STEPS, "--beta", "0.2"))
    assert sentence == f"{trained} already holds another run: its config differs"


def test_a_folder_with_something_else_is_refused(release, base, tmp_path):
    (tmp_path / "tesis.txt").write_text("no borrar")
    sentence = refusal(dpo(release, base, tmp_path))
    assert sentence == f"{tmp_path} already holds something else: a run needs a folder of its own"


def test_a_folder_in_which_another_process_is_training_is_refused(release, base, tmp_path):
    (tmp_path / ".dpo-work").mkdir()
    with (tmp_path / ".dpo-work" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sentence = refusal(dpo(release, base, tmp_path))
    assert sentence == f"another process is training in {tmp_path} at this moment"


def test_one_edited_byte_is_refused_by_the_name_of_its_file(base, tmp_path):
    release = write_release(tmp_path / "release")
    content = bytearray((release / TRAIN).read_bytes())
    content[len(content) // 2] ^= 1
    (release / TRAIN).write_bytes(content)
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence == f"{TRAIN} of the release was edited: its sha256 is not the manifest's"
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_refused(base, tmp_path):
    release = write_release(tmp_path / "release")
    (release / VALIDATION).unlink()
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence == f"{VALIDATION} of the release is missing in {release}"


def test_a_file_that_the_manifest_does_not_list_is_refused(base, tmp_path):
    release = write_release(tmp_path / "release")
    stray = release / "data/preference/train-00001-of-00002.parquet"
    stray.write_bytes((release / TRAIN).read_bytes())
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence == f"{stray} does not belong to the release: its manifest does not list it"


def test_a_manifest_with_an_edited_list_of_files_is_refused(base, tmp_path):
    release = write_release(tmp_path / "release")
    manifest = json.loads((release / "manifest.json").read_text())
    manifest["files"][TRAIN]["sha256"] = "0" * 64
    (release / "manifest.json").write_text(json.dumps(manifest))
    assert "its list of files does not give its release_id" in refusal(dpo(release, base, tmp_path / "out"))


def test_a_release_that_does_not_permit_training_is_refused(base, tmp_path):
    release = write_release(tmp_path / "release", permitted_use=["evaluate"])
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence == "release 20261123T060000Z does not permit training on 'preference'"


def test_one_row_that_does_not_permit_training_is_refused(base, tmp_path):
    rows = [preference_row(i) for i in range(24)]
    rows[5]["meta"]["permitted_use"] = ["evaluate"]
    release = write_release(tmp_path / "release", train=rows)
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence == f"row r0005 of {TRAIN} does not permit training"


def test_a_stray_column_that_the_trainer_might_read_instead_is_refused(base, tmp_path):
    release = write_release(tmp_path / "release", stray=["completion"])
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence.startswith(f"{TRAIN} has other columns than")
    assert sentence.endswith("['completion']")


def test_a_release_with_nothing_to_train_on_is_refused(base, tmp_path):
    release = write_release(tmp_path / "release", train=[])
    sentence = refusal(dpo(release, base, tmp_path / "out"))
    assert sentence == "release 20261123T060000Z has no row to train on in 'preference'"


def test_a_row_that_the_trainer_would_drop_stops_the_run_before_it_starts(base, tmp_path):
    rows = [preference_row(i) for i in range(24)]
    lengthen(rows[3])
    release = write_release(tmp_path / "release", train=rows)
    done = dpo(release, base, tmp_path / "out")
    assert done.returncode == 3, done.stderr
    assert "the train split offers 24 rows and the trainer kept 23 of them" in done.stderr
    assert not (tmp_path / "out").exists(), "nothing was trained, and nothing left"


def test_an_unknown_setting_is_refused_by_its_name(release, base, tmp_path):
    config = tmp_path / "dpo.yaml"
    config.write_text("max_steps: 2\nlearning_rat: 1e-5\n")
    sentence = refusal(dpo(release, base, tmp_path / "out", config=config))
    assert sentence == "unknown setting 'learning_rat': perhaps 'learning_rate'?"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (("--max-steps", "muchos"), "the setting 'max_steps' is 'muchos', and the trainer wants int"),
        (("--output_dir=x",), "the setting 'output_dir' is not for the YAML: this recipe decides it"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(override, sentence, release, base, tmp_path):
    assert refusal(dpo(release, base, tmp_path / "out", *override)) == sentence


def test_a_killed_run_goes_on_and_ends_as_if_it_had_never_stopped(trained, release, base, tmp_path):
    output = tmp_path / "out"
    kill_at_a_checkpoint("dpo", base, output, "--release", release, *FORTY_STEPS)
    # What a kill in the middle of a save leaves: a checkpoint later than all others, and not whole.
    (output / "checkpoint-39").mkdir()
    (output / "checkpoint-39" / "model.safetensors").write_bytes(b"half")

    done = dpo(release, base, output, *FORTY_STEPS)
    assert done.returncode == 0, done.stderr
    lineage, whole = read_lineage(output), read_lineage(trained)
    first, second = lineage["sittings"]
    assert first["from_step"] == 0 < second["from_step"] < 39
    assert lineage["steps"] == 40
    assert steps_logged(lineage) == steps_logged(whole)
    assert lineage["checkpoint_id"] == whole["checkpoint_id"]


def test_lora_leaves_an_adapter_with_the_same_lineage(release, base, tmp_path):
    done = dpo(release, base, tmp_path / "out", "--lora", "4", "--max-steps", "2")
    assert done.returncode == 0, done.stderr
    lineage = read_lineage(tmp_path / "out")
    assert (lineage["lora"], lineage["rows_trained_on"]) == (4, 24)
    assert "adapter_model.safetensors" in lineage["files"]
    assert "model.safetensors" not in lineage["files"]
    modules = json.loads((tmp_path / "out" / "adapter_config.json").read_text())["target_modules"]
    assert modules == sorted(modules), "the same adapter is the same bytes"
    learnt = {name: part for name, part in weights(tmp_path / "out").items() if "lora_B" in name}
    assert learnt
    assert all(part.any() for part in learnt.values()), "an adapter starts at zero and did not stay there"


@pytest.mark.parametrize("name", ["sft", "dpo", "kto", "reward"])
def test_the_recipe_asks_for_what_this_environment_pins(name):
    recipe = (RECIPES / f"{name}.py").read_text(encoding="utf-8")
    header = re.search(r"(?ms)^# /// script$\n(.*?)^# ///$", recipe)[1]
    told = tomllib.loads(re.sub(r"(?m)^# ?", "", header))
    client, *wanted = told["dependencies"]
    assert (RECIPES / told["tool"]["uv"]["sources"][client]["path"] / "pyproject.toml").is_file()
    lines = (ROOT / "requirements" / "training.txt").read_text(encoding="utf-8").splitlines()
    assert set(wanted) <= {line.partition("#")[0].strip() for line in lines}
