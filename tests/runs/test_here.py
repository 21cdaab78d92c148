"""A run that the house trains itself: taken up once, followed until it ends, and never left half told."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from annotations.assignments.models import Campaign
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.training.actions import SILENCE, hand_over, lose_silent, move
from annotations.training.evaluations.models import Evaluation
from annotations.training.here import actions
from annotations.training.here.actions import take_up
from annotations.training.here.jobs import offer, train
from annotations.training.here.process import Place, surroundings
from annotations.training.here.queries import waiting
from annotations.training.metrics import actions as metrics
from annotations.training.models import TrainingRun
from minka.celery import app
from tests.cast import at_once
from tests.runs.measured import document
from tests.runs.world import BASE, engineer, published, wish

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
BASES = ("trains", "fails", "stays", "lingers")


@pytest.fixture
def house(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house with a trainer and base models that tell it what to do, that looks and tells often."""
    trainer = tmp_path / "trainer"
    trainer.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("trainer.py")}" "$@"\n')
    trainer.chmod(0o755)
    for does in BASES:
        (tmp_path / "models" / does).mkdir(parents=True)
        (tmp_path / "models" / does / "config.json").write_text(json.dumps({"does": does}))
    settings.MINKA_TRAINER, settings.MINKA_BASE_MODELS = str(trainer), tmp_path / "models"
    settings.MINKA_HOME = tmp_path
    monkeypatch.setattr(actions, "LOOK", 0.02)
    monkeypatch.setattr(actions, "TELL", 0.05)
    return tmp_path


@pytest.fixture
def diego(seeds: None) -> Person:
    return engineer()


def asked(diego: Person, base: str = "trains", **facts: Any) -> TrainingRun:
    return hand_over(owner=diego, wish=wish(published(), base_model=base, here=True, **facts)).run


def test_from_the_queue_to_the_models_answers(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego, campaign=campaign.slug)
    assert waiting() == [run.pk]
    assert take_up(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem, waiting()) == ("finished", "", [])
    assert list(run.metrics.values_list("name", "step", "value")) == [("loss", 10, 0.5)]
    (trained,) = run.trained.select_related("model")
    assert (trained.model.name, trained.checkpoint) == (f"trains-dpo-{str(run.pk)[:8]}", "a" * 64)
    assert trained.model.outputs.count() == run.manifest["prompts"]["train"]["count"] > 0
    assert run.evaluation.told["flagged"]["items"] == 2


@pytest.mark.parametrize("measured", ["not", "nothing", "{", "7", "[" * 100_000, '{"format": 1}'])
def test_a_model_that_answered_is_finished_also_where_it_could_not_be_measured(
    house: Path, diego: Person, campaign: Campaign, measured: str
) -> None:
    facts = json.dumps({"does": "trains", "measured": measured})
    (house / "models" / "trains" / "config.json").write_text(facts, "utf-8")
    run = asked(diego, campaign=campaign.slug)
    left = Place(house / "runs" / str(run.pk))
    left.folder.mkdir(parents=True)
    left.evaluation.write_text(json.dumps(document(run.releases.get())), "utf-8")
    assert take_up(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem, run.trained.count()) == ("finished", "", 1)
    assert not Evaluation.objects.exists(), "and nothing that lay there before is told for it"


def test_it_is_taken_up_once_however_many_workers_try(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego)
    assert sorted(at_once(*[lambda: take_up(run=run.pk)] * 3)) == [False, False, True]
    assert take_up(run=run.pk) is False


def test_one_that_is_trained_elsewhere_is_nobodys_here(house: Path, diego: Person, campaign: Campaign) -> None:
    run = hand_over(owner=diego, wish=wish(published(), base_model="trains")).run
    assert waiting() == []
    assert take_up(run=run.pk) is False


def test_a_recipe_that_fails_says_why_and_no_path(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego, "fails")
    take_up(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem) == ("failed", "dpo.py: …/fails diverged")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("dpo.py: /srv/minka/var/models/tucan diverged", "dpo.py: …/tucan diverged"),
        ("can't open file '/home/ana.perez/x/dpo.py': [Errno 2]", "can't open file '…/dpo.py': [Errno 2]"),
        ("a/b of 3/4 at http://127.0.0.1/v1", "a/b of 3/4 at http://127.0.0.1/v1"),
    ],
)
def test_where_things_lie_is_not_told(said: str, told: str) -> None:
    assert actions._FOLDERS.sub("…/", said) == told


@pytest.mark.parametrize("base", ["nobody", "../models/trains/..", "..", "/etc", "trains/../../models"])
def test_a_base_model_that_is_not_in_its_folder_is_not_started(
    house: Path, diego: Person, campaign: Campaign, base: str
) -> None:
    run = asked(diego, base)
    take_up(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem) == ("failed", f"there is no base model {base} on this machine")


@pytest.mark.parametrize(
    ("does", "why"), [("nothing", "this machine says: No such file or directory"),
                      ("garbage", "what the recipe left cannot be read")],
)  # fmt: skip
def test_what_no_trying_again_would_mend_is_a_failure_and_not_tried_for_ever(
    house: Path, diego: Person, campaign: Campaign, settings: Any, does: str, why: str
) -> None:
    run = asked(diego)
    if does == "nothing":
        settings.MINKA_TRAINER = str(house / "gone")
    else:
        left = house / "runs" / str(run.pk) / "model"
        left.mkdir(parents=True)
        (left / "lineage.json").write_text("{", "utf-8")
        settings.MINKA_TRAINER = "/bin/true"
    take_up(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem, waiting()) == ("failed", why, [])


def test_it_tells_how_it_goes_and_stops_where_it_is_cancelled(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego, "stays")
    worker = working(run)
    wait_for(lambda: run.metrics.exists())
    move(owner=diego, run=run.pk, state="cancelled")
    worker.join(30)
    run.refresh_from_db()
    assert (run.state, run.trained.exists()) == ("cancelled", False)
    assert not alive(told(house, run)["pid"])


def test_one_that_is_cancelled_while_it_is_measured_stays_so(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego, "lingers")
    worker = working(run)
    wait_for(lambda: run.trained.exists())
    move(owner=diego, run=run.pk, state="cancelled")
    worker.join(30)
    run.refresh_from_db()
    assert (run.state, worker.is_alive(), hasattr(run, "evaluation")) == ("cancelled", False, False)


def test_what_the_house_does_not_take_of_what_was_measured_stops_nothing(
    house: Path, diego: Person, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that are none are left out; and where there are too many names the training goes on all the same."""
    monkeypatch.setattr(metrics, "MOST_NAMES", 0)
    run = asked(diego)
    take_up(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.metrics.exists()) == ("finished", False)
    place = Place(house / "p")
    place.model.mkdir(parents=True)
    log = [{"loss": float("nan"), "grad_norm": 1.5, "epoch": 0.5, "step": 3}]
    (place.model / "lineage.json").write_text(json.dumps({"log_history": log}), "utf-8")
    assert place.points() == [{"name": "grad_norm", "step": 3, "value": 1.5}]


def test_a_database_that_is_away_for_a_moment_costs_no_training(
    house: Path, diego: Person, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, away = asked(diego, "stays"), []
    heard = actions.hear

    def hears(**facts: Any) -> TrainingRun:
        if len(away) < 2:
            away.append(1)
            raise OperationalError("the server closed the connection unexpectedly")
        return heard(**facts)

    monkeypatch.setattr(actions, "hear", hears)
    worker = working(run)
    wait_for(lambda: run.metrics.exists())
    assert len(away) == 2
    move(owner=diego, run=run.pk, state="cancelled")
    worker.join(30)
    assert not worker.is_alive()


def test_a_recipe_knows_neither_the_database_nor_a_secret(
    house: Path, diego: Person, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "geheim")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    run = asked(diego, "fails")
    take_up(run=run.pk)
    env = told(house, run)["env"]
    assert env["CUDA_VISIBLE_DEVICES"] == "0"
    assert not [name for name in env if "DATABASE" in name or "SECRET" in name or name.startswith("MINKA")]
    assert surroundings({"MINKA_MASTER_KEY": "x", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_a_recipe_ends_with_the_worker_that_is_killed(house: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from annotations.training.here.process import Place, started\n"
        "with started([sys.executable, '-c', 'import time; time.sleep(600)'], Place(Path(sys.argv[1]))) as process:\n"
        "    print(process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(house / "run")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        child = int(worker.stdout.readline())
        assert alive(child)
        os.kill(worker.pid, signal.SIGKILL)
    wait_for(lambda: not alive(child))


def test_one_whose_worker_died_is_offered_again_and_goes_on(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego)
    move(owner=diego, run=run.pk, state="running")
    assert waiting() == []
    lose_silent(now=timezone.now() + 2 * SILENCE)
    assert waiting() == [run.pk]
    assert take_up(run=run.pk)
    run.refresh_from_db()
    assert run.state == "finished"


def test_what_waits_is_offered_to_the_queue_of_the_gpu(house: Path, diego: Person, campaign: Campaign) -> None:
    run = asked(diego)
    offer()
    with app.connection_for_read() as link, link.SimpleQueue("gpu") as queue:
        message = queue.get_nowait()
        arguments, _named, _embed = message.decode()
        message.ack()
    assert arguments == [str(run.pk)]
    train(*arguments)
    run.refresh_from_db()
    assert run.state == "finished"


def test_a_house_without_a_trainer_says_so_and_so_does_one_asked_for_two_releases(
    house: Path, diego: Person, campaign: Campaign, settings: Any
) -> None:
    first, second = published(), published()
    two = replace(wish(first, here=True), releases=[first.version, second.version])
    with pytest.raises(Refused, match="invalid"):
        hand_over(owner=diego, wish=two)
    settings.MINKA_TRAINER = ""
    with pytest.raises(Refused, match="invalid"):
        hand_over(owner=diego, wish=wish(first, here=True))
    assert hand_over(owner=diego, wish=wish(first, base_model=BASE)).run.here is False


def working(run: TrainingRun) -> threading.Thread:
    """A worker that takes it up, in a connection of its own."""

    def work() -> None:
        try:
            take_up(run=run.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    return worker


def told(house: Path, run: TrainingRun) -> dict[str, Any]:
    """What the recipe said first."""
    return dict(json.loads((house / "runs" / str(run.pk) / "log").read_text("utf-8").splitlines()[0]))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(true: Any) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)
