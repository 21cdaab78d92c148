"""A recipe tells the house how its run goes, while it goes: what `--manifest` with an address does, against the house
itself. That a training outlives a house that is silent is shown in the trainer's environment (`tests/training`)."""

import os
import subprocess
import sys
from typing import Any

import pytest

from annotations.training.models import Metric, TrainingRun
from minka_client import Minka
from minka_client.training import CANCELLED, Stopped, reporting
from minka_client.training.handed import Handed, read_handed
from minka_client.training.reporting import Reporter
from tests.clients.test_runs import handed, minka  # noqa: F401 -- a fixture

pytestmark = pytest.mark.django_db(transaction=True)
LINEAGE = {"log_history": [{"loss": 0.7, "step": 1}, {"loss": 0.4, "step": 2, "epoch": 1.0}]}


class Aloud:
    """What a person who looks on is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, sentence: str) -> None:
        self.said.append(sentence)


@pytest.fixture
def aloud() -> Aloud:
    return Aloud()


@pytest.fixture
def told(minka: Minka, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Handed:  # noqa: F811
    run = handed(minka, seed=5)
    token = minka._http.headers["Authorization"].removeprefix("Token ")
    monkeypatch.setenv("MINKA_TOKEN", token)
    return read_handed(f"{live_server.url}/api/v1/runs/{run.id}/manifest/")


def reporter_of(told: Handed, aloud: Aloud) -> Reporter:
    reporter = told.reporter(aloud)
    assert reporter
    return reporter


def row() -> TrainingRun:
    return TrainingRun.objects.get()


def losses() -> list[tuple[int, float]]:
    return list(Metric.objects.filter(name="loss").order_by("step").values_list("step", "value"))


def test_the_plain_client_brings_nothing_of_what_recipes_share() -> None:
    asks = "import sys, minka_client; sys.exit(any(name.startswith('minka_client.training') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", asks], env={"PYTHONPATH": os.pathsep.join(sys.path)}).returncode == 0


def test_a_manifest_s_address_gives_what_was_handed_over_and_the_release(told: Handed, tmp_path: Any) -> None:
    assert (told.key, told.manifest["seed"]) == (str(row().pk), 5)
    folder = told.release(tmp_path / "runs" / "model")
    assert folder == tmp_path / "runs" / "releases" / row().releases.get().version
    assert (folder / "manifest.json").is_file()
    assert told.release(tmp_path / "runs" / "model") == folder, "what is there is not fetched again"


def test_the_house_hears_that_it_runs_what_it_measures_and_all_of_it_at_the_end(told: Handed, aloud: Aloud) -> None:
    reporter = reporter_of(told, aloud)
    reporter.began()
    assert row().state == "running"
    reporter.measured(1, {"loss": 0.9, "learning_rate": float("nan"), "epoch": 0.5, "note": "x"})
    assert losses() == [(1, 0.9)]
    reporter.ended(LINEAGE)
    assert losses() == [(1, 0.7), (2, 0.4)]
    assert (row().state, aloud.said) == ("running", []), "its answers are still to come"


def test_a_sign_of_life_comes_now_and_then(told: Handed, aloud: Aloud, monkeypatch: pytest.MonkeyPatch) -> None:
    reporter = reporter_of(told, aloud)
    reporter.began()
    heard = row().heard_at
    reporter.lives()
    assert row().heard_at == heard, "not at every step"
    monkeypatch.setattr(reporting, "HEARTBEAT", 0.0)
    reporter.lives()
    assert row().heard_at > heard


def test_a_run_that_was_cancelled_stops(told: Handed, aloud: Aloud, minka: Minka) -> None:  # noqa: F811
    reporter = reporter_of(told, aloud)
    reporter.began()
    minka.move(minka.run(told.key), "cancelled")
    with pytest.raises(Stopped, match="not_open") as stopped:
        reporter.measured(1, {"loss": 0.9})
    assert stopped.value.status == CANCELLED
    with pytest.raises(Stopped, match="not_open"):
        reporter_of(told, aloud).began()
    reporter.ended(LINEAGE)
    assert "not_open" in aloud.said[0], "what is trained is not lost: it is only said"


def test_one_that_failed_says_why_and_may_be_taken_up_again(told: Handed, aloud: Aloud) -> None:
    reporter = reporter_of(told, aloud)
    reporter.began()
    reporter.failed("the training diverged: loss is nan at step 7")
    assert (row().state, row().problem) == ("failed", "the training diverged: loss is nan at step 7")
    reporter_of(told, aloud).began()
    assert row().state == "running"


def test_what_a_finished_run_measured_can_be_sent_once_more(told: Handed, aloud: Aloud, minka: Minka) -> None:  # noqa: F811
    run = minka.run(told.key)
    minka.move(minka.move(run, "running"), "finished")
    again = reporter_of(Handed(told.manifest, told.folder, told.address, minka.run(told.key)), aloud)
    again.ended(LINEAGE)
    assert (losses(), aloud.said) == ([(1, 0.7), (2, 0.4)], [])
