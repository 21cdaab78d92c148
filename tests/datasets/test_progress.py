"""How far a release is that is being written, for whoever asks."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from annotations.assignments.models import Campaign
from annotations.datasets import actions, pieces
from annotations.datasets.actions import publish
from annotations.datasets.pieces import PIECES
from annotations.datasets.progress import Progress, under_way
from annotations.people.models import Person
from annotations.people.seeding import load_varieties
from tests.cast import volunteer
from tests.datasets.test_configs import flags, texts, vote_and_score  # noqa: F401 -- two of them are fixtures

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "/api/v1/releases/under-way/"


def elsewhere(ask: Any) -> Any:
    """What somebody is told who has a connection of his own."""
    told: list[Any] = []

    def one() -> None:
        try:
            told.append(ask())
        finally:
            connection.close()

    thread = threading.Thread(target=one)
    thread.start()
    thread.join()
    return told[0]


def test_it_counts_what_the_books_count_and_ends_at_the_whole(
    texts: Campaign,  # noqa: F811
    flags: Campaign,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vote_and_score()
    seen: list[Progress | None] = []
    write, prove = pieces._write, actions.prove

    def looked_at(*facts: Any) -> None:
        seen.append(elsewhere(under_way))
        write(*facts)
        seen.append(elsewhere(under_way))

    def proven(*facts: Any) -> Any:
        seen.append(elsewhere(under_way))
        return prove(*facts)

    monkeypatch.setattr(pieces, "_write", looked_at)
    monkeypatch.setattr(actions, "prove", proven)
    release = publish()
    told = [each for each in seen if each is not None]
    assert len(told) == 2 * len(PIECES) + 1 == len(seen)
    assert {each.version for each in told} == {release.version}
    *reading, last = told
    assert {each.phase for each in reading} == {"reading"}
    assert (last.phase, last.seconds_left) == ("proving", None)
    done = [each.done for each in reading]
    assert (done, done[0]) == (sorted(done), 0)
    books = release.manifest["books"]
    assert done[-1] == reading[-1].of > books["judgements"]
    assert reading[-1].seconds_left == 0
    assert (reading[0].seconds_left, reading[0].percent, reading[-1].percent) == (None, 0, 100)
    assert under_way() is None


@pytest.fixture
def half(settings: Any, tmp_path: Path) -> Path:
    """What lies on the disk in the middle."""
    settings.MINKA_RELEASES = tmp_path
    for piece, booked in (("judgements", "40"), ("kto-12-ab", "10"), ("kto-11-cd", "9"), ("sft", "")):
        (tmp_path / ".20261129T060000Z-12.work" / piece).mkdir(parents=True)
        (tmp_path / ".20261129T060000Z-12.work" / piece / "booked").write_text(booked)
    said = '{"since": "2026-11-29T06:00:00+00:00", "of": 200}'
    (tmp_path / ".20261129T060000Z-12.work" / "begun.json").write_text(said)
    return tmp_path


def test_what_somebody_who_was_killed_left_is_not_under_way(half: Path) -> None:
    assert under_way() is None
    assert Client().get(ASKED).status_code == 204


def test_it_is_told_over_the_api_and_in_the_panel(half: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.datasets.progress.somebody_publishes", lambda: True)
    told = Client().get(ASKED).json()
    assert (told["version"], told["phase"], told["done"], told["of"]) == ("20261129T060000Z", "reading", 50, 200)
    assert told["seconds_left"] > 0
    load_varieties()
    staff = volunteer("nora", None, "es-CL")
    Person.objects.filter(pk=staff.pk).update(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_release"))
    client = Client()
    client.force_login(Person.objects.get(pk=staff.pk))
    assert "25 %, 50 " in client.get("/admin/annotations/release/").content.decode()
    (half / ".20261129T060000Z-12.work" / "begun.json").write_text("{")
    assert Client().get(ASKED).status_code == 204, "it went on while somebody looked"
