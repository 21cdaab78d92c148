"""The other recipes are of the same family as DPO: they train on exactly the rows offered, go on after a kill, leave
the same lineage, refuse the same. What is each one's own is shown too."""

import importlib.util
import json
import math
import os
from pathlib import Path

import pytest

from .releases import ROWS, VERSION, canonical_sha256, lengthen, train_file, write_release
from .runs import FORTY_STEPS, RECIPES, kill_at_a_checkpoint, read_lineage, refusal, start, told, weights
from .tiny_model import build

CONFIGS = {"sft": "sft", "kto": "kto", "reward": "preference"}
OTHERS = list(CONFIGS)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A model whose chat template marks the answers."""
    return build(tmp_path_factory.mktemp("marked") / "model", marked=True)


@pytest.fixture(scope="module", params=OTHERS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def release(name, tmp_path_factory):
    return write_release(tmp_path_factory.mktemp("release"), config=CONFIGS[name])


@pytest.fixture(scope="module")
def trained(name, release, marked, tmp_path_factory):
    """Killed at its first checkpoint, and gone on with."""
    output = tmp_path_factory.mktemp("runs") / name
    kill_at_a_checkpoint(name, marked, output, "--release", release, *FORTY_STEPS)
    done = start(name, marked, output, "--release", release, *FORTY_STEPS)
    assert done.returncode == 0, done.stderr
    return output


def test_a_killed_run_goes_on_and_trains_on_exactly_the_rows_offered(trained, name):
    lineage = read_lineage(trained)
    assert (lineage["rows_offered"], lineage["rows_trained_on"], lineage["rows_truncated"]) == (24, 24, 0)
    first, second = lineage["sittings"]
    assert first["from_step"] == 0 < second["from_step"] < 40 == lineage["steps"]
    losses = {entry["step"]: entry["loss"] for entry in lineage["log_history"] if "loss" in entry}
    assert list(losses) == list(range(1, 41))
    assert all(math.isfinite(loss) for loss in losses.values())
    assert losses[40] < losses[1]
    assert [entry["step"] for entry in lineage["log_history"] if "eval_loss" in entry] == [20, 40]


def test_its_lineage_is_that_of_the_family(trained, name, release):
    lineage, manifest = read_lineage(trained), json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert (lineage["recipe"], lineage["dataset_config"], lineage["run"]) == (name, CONFIGS[name], None)
    assert lineage["dataset_files"] == {path: facts["sha256"] for path, facts in manifest["files"].items()}
    assert {f"{name}.py", "minka_client/training/running.py"} <= set(lineage["code"])
    assert lineage["checkpoint_id"] == canonical_sha256(lineage["files"])
    own = {"sft": ("loss_on", "answers"), "kto": ("rows_good", 12), "reward": ("margin_used", True)}
    key, value = own[name]
    assert lineage[key] == value
    assert not list(trained.glob(".*")), "the prepared copy of the rows is gone"


def test_a_finished_run_started_again_changes_nothing(trained, name, release, marked):
    before = (trained / "lineage.json").read_bytes()
    done = start(name, marked, trained, "--release", release, *FORTY_STEPS)
    assert (done.returncode, done.stderr) == (0, "")
    assert (trained / "lineage.json").read_bytes() == before


def own_release(name, folder):
    """With one row more, alone in its last batch; one answer longer than is read, or one margin missing."""
    rows = [ROWS[CONFIGS[name]](i) for i in range(25)]
    if name == "reward":
        rows[3]["margin"] = None
    else:
        (rows[3].get("completion") or rows[3]["messages"])[-1]["content"] = "Depende del lugar. " * 200
    return write_release(folder, config=CONFIGS[name], train=rows)


def test_lora_leaves_an_adapter_and_what_is_read_otherwise_is_told(name, base, tmp_path):
    release = own_release(name, tmp_path / "release")
    done = start(name, base, tmp_path / "out", "--release", release, "--lora", "4", "--max-steps", "2")
    assert done.returncode == 0, done.stderr
    lineage = read_lineage(tmp_path / "out")
    assert (lineage["lora"], lineage["rows_trained_on"]) == (4, 25)
    assert lineage["rows_truncated"] == (0 if name == "reward" else 1)
    assert "adapter_model.safetensors" in lineage["files"]
    assert "model.safetensors" not in lineage["files"]
    parts = weights(tmp_path / "out")
    learnt = {part: value for part, value in parts.items() if "lora_B" in part}
    assert learnt
    assert all(value.any() for value in learnt.values()), "an adapter starts at zero and did not stay there"
    assert any("score" in part for part in parts) == (name == "reward"), "the new head goes with the adapter"
    own = {"sft": ("loss_on", "everything"), "kto": ("rows_bad", 12), "reward": ("margin_used", False)}
    key, value = own[name]
    assert lineage[key] == value
    said = {
        "sft": [],
        "kto": ["the last row is alone in its batch and has no neighbour: another batch size would give it one"],
        "reward": ["1 rows have no margin, so none is used"],
    }
    assert told(done, name) == said[name]


LOST = {
    "sft": "the trainer would learn questions only: no answer is left of 1, cut at max_length=1024",
    "kto": "the train split offers 24 rows and the trainer kept 23 of them: "
    "the prompts of 1 are longer than max_length=1024",
    "reward": "the train split offers 24 rows and the trainer kept 23 of them: "
    "an answer of 1 is, with its prompt, longer than max_length=1024",
}


@pytest.mark.parametrize("recipe", OTHERS)
def test_a_row_that_the_trainer_would_lose_stops_the_run_before_it_starts(recipe, base, tmp_path):
    rows = [ROWS[CONFIGS[recipe]](i) for i in range(24)]
    lengthen(rows[3])
    release = write_release(tmp_path / "release", config=CONFIGS[recipe], train=rows)
    done = start(recipe, base, tmp_path / "out", "--release", release)
    assert (done.returncode, told(done, recipe)) == (3, [LOST[recipe]]), done.stderr
    assert not (tmp_path / "out").exists(), "nothing was trained, and nothing left"


@pytest.mark.parametrize("recipe", OTHERS)
def test_a_release_that_forbids_training_or_was_edited_is_refused(recipe, base, tmp_path):
    config = CONFIGS[recipe]
    release = write_release(tmp_path / "release", config=config, permitted_use=["evaluate"])
    done = start(recipe, base, tmp_path / "out", "--release", release)
    assert refusal(done, recipe) == f"release {VERSION} does not permit training on {config!r}"

    release = write_release(tmp_path / "edited", config=config)
    file = release / train_file(config)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    done = start(recipe, base, tmp_path / "out", "--release", release)
    assert refusal(done, recipe) == f"{train_file(config)} of the release was edited: its sha256 is not the manifest's"


@pytest.mark.parametrize("recipe", OTHERS)
def test_a_stray_column_that_the_trainer_might_read_instead_is_refused(recipe, base, tmp_path):
    release = write_release(tmp_path / "release", config=CONFIGS[recipe], stray=["input_ids"])
    sentence = refusal(start(recipe, base, tmp_path / "out", "--release", release), recipe)
    assert sentence.startswith(f"{train_file(CONFIGS[recipe])} has other columns than")
    assert sentence.endswith("['input_ids']")


# What is one recipe's own, asked of itself ---------------------------------------------------------------------------


def own(name):
    spec = importlib.util.spec_from_file_location(name, RECIPES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, getattr(module, name.title())()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"per_device_train_batch_size": 1}, "'per_device_train_batch_size' must be 2 or more"),
        ({"train_sampling_strategy": "random"}, "'train_sampling_strategy' must be 'sequential'"),
        ({"auto_find_batch_size": True}, "'auto_find_batch_size' must be False"),
    ],
)
def test_kto_wants_a_neighbour_for_every_answer(settings, sentence):
    module, kto = own("kto")
    with pytest.raises(module.Stopped, match=sentence):
        kto.unless_told(settings, None)
    assert kto.unless_told({"per_device_train_batch_size": 2}, None) == {"train_sampling_strategy": "sequential"}


@pytest.mark.parametrize(("label", "which"), [(True, "good"), (False, "bad")])
def test_kto_wants_answers_of_both_kinds(label, which):
    module, kto = own("kto")
    with pytest.raises(module.Stopped, match=f"all 2 rows of kto/train are called {which}"):
        kto.read({"train": FewRows([label, label])})


class FewRows(list):
    """As the trainer's library gives a column."""

    def __getitem__(self, key):
        return list(self) if key == "label" else super().__getitem__(key)


def test_sft_refuses_what_would_make_rows_uncountable_or_learn_nothing_of_the_answers(base, marked):
    from transformers import AutoTokenizer

    module, sft = own("sft")
    plain, marking = (AutoTokenizer.from_pretrained(folder) for folder in (base, marked))
    with pytest.raises(module.Stopped, match="'packing' makes other rows of the rows"):
        sft.unless_told({"packing": True}, plain)
    with pytest.raises(module.Stopped, match="'assistant_only_loss' needs a chat template that marks the answers"):
        sft.unless_told({"assistant_only_loss": True}, plain)
    assert sft.unless_told({}, plain) == {"assistant_only_loss": False}
    assert sft.unless_told({}, marking) == {"assistant_only_loss": True}


def settings_files():
    """Of what trains; how a model is asked is in other names."""
    named = [(path.name.partition(".")[0], path) for path in sorted(RECIPES.glob("*.yaml"))]
    return [each for each in named if each[0] != "generate"]


@pytest.mark.parametrize(("recipe", "path"), settings_files(), ids=lambda value: getattr(value, "name", ""))
def test_every_file_of_settings_speaks_the_trainer_s_own_names(recipe, path):
    from minka_client.training.settings import check_settings, read_settings

    kind, _trainer = own(recipe)[1].classes()
    check_settings(kind, read_settings(path, []))


@pytest.mark.parametrize(("name", "machines", "processes"), [("fsdp", 1, 8), ("nodes", 4, 32)])
def test_accelerate_reads_the_configurations_for_several_gpus(name, machines, processes):
    from accelerate.commands.config.config_args import load_config_from_file

    read = load_config_from_file(str(RECIPES / "configs" / f"{name}.yaml"))
    assert (read.distributed_type, read.num_machines, read.num_processes) == ("FSDP", machines, processes)


# The platform's own release ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given():
    """The walk's end: answers of volunteers, published by the platform."""
    if not (folder := os.environ.get("MINKA_TEST_RELEASE")):
        pytest.fail("MINKA_TEST_RELEASE names no release of the platform (`make test-training` makes one)")
    return {
        release: json.loads((release / "manifest.json").read_text(encoding="utf-8"))
        for release in (Path(f"{folder}-of-every-kind"), Path(folder))
    }


def test_every_config_of_the_platform_s_releases_loads_with_every_row(given, tmp_path):
    from datasets import get_dataset_config_names, load_dataset

    seen = set()
    for release, manifest in given.items():
        configs = get_dataset_config_names(str(release))
        assert sorted(configs) == sorted(name for name, splits in manifest["configs"].items() if any(splits.values()))
        seen |= set(configs)
        for config in configs:
            loaded = load_dataset(str(release), config, cache_dir=str(tmp_path / "cache" / release.name))
            promised = {split: rows for split, rows in manifest["configs"][config].items() if rows}
            assert {split: len(rows) for split, rows in loaded.items()} == promised
    assert {"preference", "sft", "kto", "translation", "bias", "scores"} < seen


@pytest.mark.parametrize("recipe", ["sft", "dpo", "kto", "reward"])
def test_trains_on_a_release_of_the_platform_with_no_converter(recipe, given, base, tmp_path):
    config = CONFIGS.get(recipe, "preference")
    release = next(each for each, manifest in given.items() if manifest["configs"].get(config, {}).get("train"))
    words = ("--release", release, "--max-steps", "2", "--max-length", "4096")
    done = start(recipe, base, tmp_path / "out", *words)
    assert done.returncode == 0, done.stderr
    lineage = read_lineage(tmp_path / "out")
    assert lineage["release_id"] == given[release]["release_id"]
    assert lineage["rows_trained_on"] == given[release]["configs"][config]["train"] > 0
