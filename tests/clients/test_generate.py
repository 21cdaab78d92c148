"""`generate.py --run`: prompts from a running house, answers of a server back to it, from the terminal."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from annotations.corpus.models import Output
from annotations.people.actions import new_token
from annotations.training.actions import move
from annotations.training.models import TrainingRun
from minka_client import Minka, Run
from tests.clients.test_runs import handed, minka  # noqa: F401 -- a fixture
from tests.server import send
from tests.writing.test_asking import Stub, stub  # noqa: F401 -- a fixture

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = Path(__file__).parents[2] / "annotations/training/recipes/generate.py"
Answers = Callable[..., int]


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(minka: Minka) -> Run:  # noqa: F811
    return minka.move(handed(minka), "running")


@pytest.fixture
def answers(
    script: ModuleType, run: Run, stub: Stub, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> Answers:  # fmt: skip
    """Answer the run, into a folder of this name."""
    owner = TrainingRun.objects.get().owner
    assert owner
    stub.answers = {"zorzal": ["Con pebre."]}
    monkeypatch.setenv("MINKA_ADDRESS", live_server.url)
    monkeypatch.setenv("MINKA_TOKEN", new_token(person=owner))

    def call(*more: str, folder: str = "uno", name: str = "zorzal-1") -> int:
        argv = ["--run", str(run.id), "--server", stub.url, "--served-name", "zorzal", "--tries", "1", "--at-once", "1",
                "--output", str(tmp_path / folder), "--name", name, "--licence", "apache-2.0"]  # fmt: skip
        monkeypatch.setattr(sys, "argv", ["generate.py", *argv, *more])
        return int(script.main())

    return call


def test_a_run_is_answered_and_the_house_has_it_once(answers: Answers, stub: Stub, run: Run, capsys: Any) -> None:  # noqa: F811
    assert answers() == 0
    assert "added=5" in capsys.readouterr().out
    assert answers(folder="otra") == 0
    assert "known=5" in capsys.readouterr().out, "the same again, from nothing, adds nothing"
    assert (answers(), len(stub.asked)) == (0, 10), "what is answered is sent and not asked again"
    outputs = Output.objects.filter(model__name="zorzal-1")
    assert set(outputs.values_list("text", "licence", "sample")) == {("Con pebre.", "apache-2.0", 0)}
    assert {output.prompt.group.role for output in outputs} == {"train", "evaluate"}
    assert outputs[0].params == {
        "max_new_tokens": 512, "do_sample": True, "temperature": 0.7, "top_p": 0.95, "seed": 0
    }  # fmt: skip
    assert answers("--permitted-use", "evaluate") == 2
    assert "model_exists" in capsys.readouterr().err


def test_what_has_no_answer_is_not_sent_and_the_rest_is(answers: Answers, stub: Stub, tmp_path: Path) -> None:  # noqa: F811
    stub.answers = {"zorzal": [" ", "x" * 32_001, 400, "Con pebre."]}
    assert answers() == 6
    assert Output.objects.filter(model__name="zorzal-1").count() == 2
    told = json.loads((tmp_path / "uno/generation.json").read_text("utf-8"))["answers"]
    assert (told["answered"], sum(told["unanswered"].values())) == (2, 3)
    assert answers() == 6
    assert Output.objects.filter(model__name="zorzal-1").count() == 3, "what failed was asked again"


def test_a_run_that_was_cancelled_stops_it_and_one_that_takes_nothing_is_not_asked(
    answers: Answers, script: ModuleType, stub: Stub, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Any  # noqa: F811
) -> None:  # fmt: skip
    monkeypatch.setattr(script, "WORD", 0.0)
    owner = TrainingRun.objects.get().owner
    assert owner

    def cancels(handler: Any) -> None:
        move(owner=owner, run=run.id, state="cancelled")
        send(handler, 200, b'{"choices": [{"message": {"content": "Con pebre."}}]}')

    stub.answers = {"zorzal": [cancels]}
    assert answers() == 2
    assert "was cancelled" in capsys.readouterr().err
    assert not Output.objects.filter(model__name="zorzal-1").exists()
    before = len(stub.asked)
    assert answers() == 2
    assert "is cancelled: the house would take no answers of it" in capsys.readouterr().err
    assert len(stub.asked) == before


def test_without_an_address_nothing_is_asked(
    answers: Answers, stub: Stub, monkeypatch: pytest.MonkeyPatch, capsys: Any  # noqa: F811
) -> None:  # fmt: skip
    monkeypatch.delenv("MINKA_TOKEN")
    assert answers() == 2
    assert "MINKA_TOKEN must be set" in capsys.readouterr().err
    assert stub.asked == []
