"""A small world that trains: a release with preferences in it, fresh questions, and Diego."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign
from annotations.corpus.models import Prompt
from annotations.datasets.actions import publish
from annotations.datasets.models import Release
from annotations.datasets.names import version_of
from annotations.people.actions import new_token
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.training.actions import Wish, hand_over, move
from annotations.training.models import TrainingRun
from tests.cast import answer, key_of, line, people, seat_at, world

BASE = "model-0"


def judged(*lines: dict[str, Any], slug: str = "prueba") -> Campaign:
    """A campaign in which everybody prefers the first answer to everything."""
    campaign = world(*(lines or [line("uno"), line("dos", prompt="¿Adónde voy el domingo?")]), slug=slug, needed=3)
    for person in people(3):
        for _line in lines or range(2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0), "strength": 2})
    return campaign


def add(campaign: Campaign, *lines: dict[str, Any]) -> list[Prompt]:
    """More items, and their prompts."""
    report = load_items(campaign=campaign, lines=checked(list(enumerate(lines, 1)), "tests"))
    assert [str(problem) for problem in report.refused] == []
    return [campaign.items.get(source_id=each["id"]).prompt for each in lines]


def engineer(name: str = "diego") -> Person:
    person = volunteer(name, "muy-larga-y-rara", "es-AR")
    person.user_permissions.set(Permission.objects.filter(codename="add_trainingrun"))
    return Person.objects.get(pk=person.pk)


def with_token(person: Person) -> Client:
    return Client(headers={"Authorization": f"Token {new_token(person=person)}"})


def wish(release: Release, **facts: Any) -> Wish:
    facts = {"recipe": "dpo", "base_model": BASE, "base_licence": "apache-2.0", "seed": 7} | facts
    return Wish(releases=[release.version], **facts)


def a_run(owner: Person, release: Release, *, running: bool = True, **facts: Any) -> TrainingRun:
    run = hand_over(owner=owner, wish=wish(release, **facts)).run
    return move(owner=owner, run=run.pk, state="running") if running else run


def bare(owner: Person, state: str = "queued") -> TrainingRun:
    """A run that was handed nothing: enough to see how it goes."""
    manifest = {"prompts": {"train": {"count": 0}, "evaluate": {"count": 0}}, "rows": {}, "releases": []}
    run = TrainingRun.objects.create(
        owner=owner, recipe="dpo", base_model=BASE, base_licence="apache-2.0", manifest=manifest, asked_sha256="0" * 64
    )
    for step in {"queued": [], "running": ["running"], "failed": ["failed"]}.get(state, ["running", state]):
        if step == "lost":
            TrainingRun.objects.filter(pk=run.pk).update(state="lost")
        else:
            move(owner=owner, run=run.pk, state=step, problem="why")
    run.refresh_from_db()
    return run


def published() -> Release:
    return publish()


def told() -> Release:
    """A release as its row tells of it, without a folder: enough to be handed over."""
    cutoff = timezone.now()
    manifest = {
        "permitted_use": {"preference": ["evaluate", "train"]}, "configs": {"preference": {"train": 2}},
        "files": {"README.md": {"sha256": "0" * 64, "bytes": 1}, "data/preference/train.parquet": {"sha256": "1" * 64}},
        "inputs": {"decisions": {}},
    }  # fmt: skip
    return Release.objects.create(version=version_of(cutoff), cutoff=cutoff, release_id="2" * 64, manifest=manifest)


QUESTIONS = {
    "pan": "¿Con qué se come la sopaipilla?",
    "mar": "¿Cuándo abre la caleta de los pescadores?",
    "risa": "Cuéntame un chiste corto de oficina.",
    "ruta": "¿Cómo llego a la terminal sin tomar taxi?",
}
"""Four questions that are not nearly the same."""


def fresh_lines(**facts: Any) -> list[dict[str, Any]]:
    return [line(name, prompt=prompt, **facts) for name, prompt in QUESTIONS.items()]


NOBODY = uuid.UUID(int=0)


def words(prompts: Iterable[Prompt]) -> list[str]:
    """What is asked in these, sorted."""
    return sorted(each.messages[-1]["content"] for each in prompts)
