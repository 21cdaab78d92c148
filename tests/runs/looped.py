"""The platform's side of `tests/training/test_loop.py`, which makes a base model and runs this by name.

A community votes, with the errors people make; a release is published and handed over; the trainer's scripts train,
measure and answer in processes of their own, as on another machine; what the new model says comes back and meets the
best so far. What is left in LOOP_FOLDER is looked at over there.
"""

import json
import os
import random
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Item
from annotations.assignments.seats import next_for
from annotations.corpus.models import Output
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.models import Release
from annotations.datasets.verify import problems
from annotations.people.actions import new_token
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.seeding import load_varieties
from annotations.training.actions import Wish, hand_over
from annotations.training.evaluations.models import Evaluation
from annotations.training.here.actions import take_up
from annotations.training.models import TrainedModel
from minka_client import Ingested, Minka, Run, pack, upload
from tests.cast import answer_and_next
from tests.runs.world import engineer
from tests.training.courtesy import VARIETIES, is_courteous, question

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "annotations" / "training" / "recipes"
FOLDER = Path(os.environ["LOOP_FOLDER"])
TRAINER = os.environ["LOOP_TRAINER"]
ITEMS, PEOPLE, SEED = int(os.environ["LOOP_ITEMS"]), 20, 7
FRESH, EVALUATE = 24, 8
HOW = ("--seed", SEED, "--max-new-tokens", 64, "--temperature", 0.5)
BASE, NEW = "base-cortes", "base-cortes-minka-1"
pytestmark = pytest.mark.django_db(transaction=True)


def line(number: int, role: str = "train") -> dict[str, Any]:
    asked = question(number, SEED)
    said = [{"model": f"guion-{kind}", "text": asked[kind]} for kind in ("courteous", "curt")]
    random.Random(number).shuffle(said)
    return {
        "id": str(number), "variety": asked["variety"], "domain": asked["domain"] or None, "role": role,
        "prompt": asked["prompt"], "licence": "CC0-1.0", "outputs": said,
    }  # fmt: skip


def enter(campaign: Campaign, *lines: dict[str, Any]) -> None:
    report = load_items(campaign=campaign, lines=checked(list(enumerate(lines, 1)), "tests"))
    assert [str(problem) for problem in report.refused] == []


def vote(campaign: Campaign, crowd: list[Person]) -> int:
    """Everybody in turn, until there is nothing left. One in five votes is wrong, more with some and fewer with
    others. Returns how many votes were given."""
    lot = random.Random(SEED)
    errs = {person.pk: lot.uniform(0.15, 0.30) for person in crowd}
    seats = {person: next_for(person=person, campaign=campaign) for person in crowd}
    count = 0
    while any(seats.values()):
        for person, seat in seats.items():
            if seat:
                said = {
                    "preferred": preferred(seat, wrong=lot.random() < errs[person.pk]),
                    "strength": lot.choice((1, 2)),
                }
                seats[person] = answer_and_next(person, seat, said)
                count += 1
    return count


def preferred(seat: Assignment, *, wrong: bool) -> str:
    texts = dict(seat.item.outputs.values_list("pk", "text"))
    courteous = [is_courteous(texts[output]) for output in seat.shown]
    return "ab"[courteous.index(not wrong)]


def run(*argv: Any, **environment: str) -> str:
    """A script of the trainer's, in the trainer's own environment."""
    path = os.pathsep.join(filter(None, (str(ROOT / "clients/python/src"), os.environ.get("PYTHONPATH"))))
    programs = f"{Path(TRAINER).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(each) for each in argv], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": path, "PATH": programs} | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


class Clock:
    """How long each part took, in seconds."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self._began = time.monotonic()

    def lap(self, name: str) -> None:
        self.took[name] = round(time.monotonic() - self._began - sum(self.took.values()), 1)


def judged(clock: Clock) -> tuple[Release, list[Person]]:
    """A release of what a community voted; fresh questions, and some that only evaluate, stand beside it unjudged."""
    load_varieties()
    campaign = Campaign.objects.create(slug="cortesia", name="Cortesía", needed=3)
    enter(campaign, *(line(number) for number in range(ITEMS)))
    crowd = [volunteer(f"persona-{number}", "muy-larga-y-rara", *VARIETIES) for number in range(PEOPLE)]
    clock.lap("people and items")
    assert vote(campaign, crowd) == 3 * ITEMS
    clock.lap("votes")
    enter(campaign, *(line(ITEMS + number) for number in range(FRESH)),
          *(line(ITEMS + FRESH + number, "evaluate") for number in range(EVALUATE)))  # fmt: skip
    release = publish()
    assert problems(folder_of(release.version)) == []
    clock.lap("release")
    return release, crowd


def trained(minka: Minka, release: Release, clock: Clock) -> Run:
    """A run that was handed over, trained, measured and asked, as where there is no network, and told to the house."""
    handed = minka.hand_over(
        [release.version], recipe="dpo", base_model=BASE, base_licence="apache-2.0", campaign="cortesia", seed=SEED,
        prompts={"train": FRESH, "evaluate": EVALUATE},
    )  # fmt: skip
    packed = pack(minka, handed, FOLDER / "run")
    results = packed / "results"
    run("sh", packed / "train.sh", MODEL=str(FOLDER / "base"), RECIPES=str(RECIPES), CONFIG=os.environ["LOOP_CONFIG"])
    clock.lap("training")
    run(TRAINER, RECIPES / "evaluate.py", "--release", packed / "releases" / release.version, "--model",
        results / "model", "--base", FOLDER / "base", "--output", results / "evaluation.json")  # fmt: skip
    clock.lap("evaluation")
    run(TRAINER, RECIPES / "generate.py", "--prompts", packed / "prompts.jsonl", "--model", results / "model",
        "--output", results, *HOW)  # fmt: skip
    told = {"model": NEW, "licence": "apache-2.0"}
    assert upload(minka, packed, **told) == Ingested(added=FRESH + EVALUATE, paired=FRESH + EVALUATE)
    assert Evaluation.objects.get(run=handed.id).told["preference"]["held_out"]["gain"]["sum"]["value"] > 0
    clock.lap("answers")
    return handed


def asked_by_the_house(handed: Run, **house: str) -> None:
    """The same again over the API, which is known there; and what the base model says."""
    for model, name, output in (("run/results/model", NEW, "again"), ("base", BASE, "of-base")):
        said = run(TRAINER, RECIPES / "generate.py", "--run", handed.id, "--model", FOLDER / model, "--name", name,
                   "--licence", "apache-2.0", "--output", FOLDER / output, *HOW, **house)  # fmt: skip
        assert f"{'known' if name == NEW else 'added'}={FRESH + EVALUATE}" in said


def assert_new_meets_best() -> None:
    """A new answer meets that of the model most verdicts prefer; where it says the very same, the next one's. To what
    only evaluates it meets one that is drawn."""
    pairs = Item.objects.filter(source_id__startswith="run:")
    assert pairs.filter(outputs__model__name=NEW).count() == pairs.count() == FRESH + EVALUATE
    for item in pairs.filter(prompt__group__role="train"):
        (new,) = item.outputs.filter(model__name=NEW)
        (best,) = item.outputs.exclude(pk=new.pk)
        courteous = Output.objects.get(prompt=item.prompt, model__name="guion-courteous")
        assert best.model.name == ("guion-curt" if new.text == courteous.text else "guion-courteous")


def assert_one_leads_to_the_other(minka: Minka, release: Release, handed: Run) -> None:
    lineage = json.loads((FOLDER / "run/results/model/lineage.json").read_text("utf-8"))
    assert TrainedModel.objects.get(model__name=NEW).checkpoint == lineage["checkpoint_id"]
    assert lineage["release_id"] == release.release_id
    assert [strand["run"]["id"] for strand in minka.lineage(model=NEW)["came_of"]] == [str(handed.id)]
    assert [each["version"] for each in minka.lineage(run=str(handed.id))["releases"]] == [release.version]
    (strand,) = minka.lineage(release=release.version)["went_into"]
    assert [(each["name"], each["outputs"], each["items"]) for each in strand["models"]] == [
        (NEW, FRESH + EVALUATE, FRESH + EVALUATE)
    ]
    output = Output.objects.filter(model__name=NEW, prompt__group__role="train").first()
    assert output
    of_output = minka.lineage(output=str(output.pk))
    assert [strand["run"]["id"] for strand in of_output["came_of"]] == [str(handed.id)]


def the_house_trains_too(release: Release, settings: Any) -> None:
    """A few steps on the same release, by the house's own worker: the scripts themselves train, ask and measure."""
    settings.MINKA_HOME, settings.MINKA_TRAINER, settings.MINKA_BASE_MODELS = FOLDER, TRAINER, FOLDER / "models"
    shutil.copytree(FOLDER / "base", FOLDER / "models" / BASE)
    few = Path(os.environ["LOOP_CONFIG"]).read_text("utf-8").replace("max_steps: ", "max_steps: 10 # ")
    (FOLDER / "models/dpo.yaml").write_text(few, "utf-8")
    wish = Wish(
        releases=[release.version], recipe="dpo", base_model=BASE, base_licence="apache-2.0", here=True,
        prompts={"train": 2},
    )  # fmt: skip
    made = hand_over(owner=Person.objects.get(username="diego"), wish=wish).run
    assert take_up(run=made.pk)
    made.refresh_from_db()
    assert (made.state, made.problem) == ("finished", "")
    (model,) = made.trained.all()
    assert (model.checkpoint, model.model.outputs.count()) == (made.evaluation.told["model"], 2)
    assert made.evaluation.told["preference"]["held_out"]["rows"] >= ITEMS // 20
    assert made.metrics.filter(name="loss").exists()


def test_votes_become_a_model_whose_answers_are_judged(live_server: Any, settings: Any) -> None:
    settings.MINKA_SMALL_CELL = 0
    clock = Clock()
    release, crowd = judged(clock)
    token = new_token(person=engineer())
    with Minka(live_server.url, token) as minka:
        handed = trained(minka, release, clock)
        asked_by_the_house(handed, MINKA_ADDRESS=live_server.url, MINKA_TOKEN=token)
        clock.lap("answers over the API, and the base's")
        assert_new_meets_best()
        assert_one_leads_to_the_other(minka, release, handed)
    assert next_for(person=crowd[0], campaign=Campaign.objects.get()), "and people are asked"
    the_house_trains_too(release, settings)
    clock.lap("trained, asked and measured here")
    (FOLDER / "took.json").write_text(json.dumps(clock.took), "utf-8")
