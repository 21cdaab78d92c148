"""To take a release back takes two people: one asks and may hold its files at once, another confirms."""

import datetime as dt
import json
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from annotations.datasets import jobs
from annotations.datasets import manifest as mf
from annotations.datasets.actions import point_latest, publish
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Release
from annotations.datasets.names import cutoff_of
from annotations.datasets.queries import published
from annotations.datasets.recalls import actions
from annotations.datasets.recalls.actions import (
    ask_retraction,
    confirm_retraction,
    drop_due,
    drop_retraction,
    recall_due,
    retract,
)
from annotations.datasets.recalls.models import Retraction
from annotations.errors import Refused
from annotations.moderation.audit.models import Change
from annotations.moderation.board.queues import board_of
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from tests.cast import at_once, colleague

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = {"reason": "licence", "why": "La fuente\n no lo permite <b>."}


def who_may(name: str) -> Person:
    return colleague(name, "retract_release")


@pytest.fixture
def elisa(seeds: None) -> Person:
    return who_may("elisa")


@pytest.fixture
def dora(seeds: None) -> Person:
    return who_may("dora")


@pytest.fixture
def release(settings: Any, tmp_path: Path) -> Release:
    """One that stands there with a file, as its row says; what is in it matters to nobody here."""
    return _lies(settings, tmp_path, "20260101T060000Z")


def _lies(settings: Any, tmp_path: Path, version: str) -> Release:
    settings.MINKA_RELEASES = tmp_path / "minka"
    files = {"README.md": {"bytes": 4, "sha256": "0" * 64}}
    manifest = {"files": files, "varieties": {"judgements": {}, "preference": {}}, "reasons": {}, "configs": {}}
    folder = folder_of(version)
    folder.mkdir(parents=True)
    for name in ("README.md", mf.NAME, mf.SUMS):
        (folder / name).write_text("Hola", "utf-8")
    row = Release.objects.create(version=version, cutoff=cutoff_of(version), release_id="0" * 64, manifest=manifest)
    point_latest()
    return row


def client(person: Person) -> Client:
    panel = Client()
    panel.force_login(person)
    return panel


def fetched(release: Release, name: str = "README.md") -> tuple[int, str]:
    answer = Client().get(f"/api/v1/releases/{release.version}/files/{name}")
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


def waits(person: Person) -> int:
    return next(each.number for each in board_of(person) if each.queue.code == "retractions")


def test_nothing_happens_until_another_one_confirms_it(release: Release, elisa: Person, dora: Person) -> None:
    asked = ask_retraction(by=elisa, release=release, **FACTS)
    assert ask_retraction(by=dora, release=release, reason="wrong", why="Otra") == asked, "it is the same one"
    assert (fetched(release)[0], waits(elisa), waits(dora)) == (200, 0, 1)
    with pytest.raises(Refused, match="forbidden"):
        confirm_retraction(by=elisa, retraction=asked)
    assert Release.objects.get(pk=release.pk).state == "published"
    with pytest.raises(IntegrityError), transaction.atomic():
        Retraction.objects.update(confirmed_by=elisa, confirmed_at=timezone.now())
    confirm_retraction(by=dora, retraction=asked)
    done = Release.objects.get(pk=release.pk)
    assert (done.state, done.reason, done.why) == ("recalled", "licence", "La fuente no lo permite <b>.")
    asked.refresh_from_db()
    assert (asked.state, asked.asked_by, asked.confirmed_by, waits(dora)) == ("done", elisa, dora, 0)
    (told,) = Client().get("/api/v1/releases/withdrawals/").json()
    assert not [name for name in ("elisa", "dora") if name in json.dumps(told)], "who said so is not told"
    for again in (partial(confirm_retraction, by=dora, retraction=asked), partial(ask_retraction, by=dora,
                  release=release, **FACTS)):  # fmt: skip
        with pytest.raises(Refused, match="recalled"):
            again()
    with pytest.raises(Refused, match="not_open"):
        drop_retraction(by=dora, retraction=asked)


def test_who_may_not_and_who_is_suspended_says_nothing_of_it(release: Release, elisa: Person, dora: Person) -> None:
    asked, stranger = ask_retraction(by=elisa, release=release, **FACTS), volunteer("otra", None, "es-CL")
    Person.objects.filter(pk=dora.pk).update(standing="paused")
    for by, why in ((stranger, "forbidden"), (Person.objects.get(pk=dora.pk), "suspended")):
        for does in (
            partial(ask_retraction, release=release, **FACTS), partial(confirm_retraction, retraction=asked),
            partial(drop_retraction, retraction=asked),
        ):  # fmt: skip
            with pytest.raises(Refused, match=why):
                does(by=by)
    assert (Retraction.objects.get().state, Release.objects.get().state) == ("asked", "published")


@pytest.mark.parametrize("wrong", [{"why": "  "}, {"why": "x" * 501}, {"reason": "erased"}, {"reason": "porque"}])
def test_without_a_reason_or_a_sentence_nothing_is_asked(
    release: Release, elisa: Person, wrong: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="invalid"):
        ask_retraction(by=elisa, release=release, hold=True, **FACTS | wrong)
    assert (Retraction.objects.count(), fetched(release)[0]) == (0, 200)


def test_what_is_urgent_is_out_of_sight_at_once_and_there_again_when_it_is_dropped(
    release: Release, settings: Any, tmp_path: Path, elisa: Person, dora: Person
) -> None:
    newest = _lies(settings, tmp_path, "20260102T060000Z")
    page = f"/releases/{newest.version}/"
    asked = ask_retraction(by=elisa, release=newest, hold=True, **FACTS)
    assert [fetched(newest, name) for name in ("README.md", "SHA256SUMS")] == [(409, "not_open")] * 2
    assert fetched(newest, "manifest.json")[0] == 200, "what it was is everybody's to know"
    assert (folder_of(newest.version).parent / "latest").resolve().name == release.version
    assert (published().first(), fetched(release)[0]) == (release, 200)
    shown = Client().get(page).content.decode()
    assert ("fuera de la vista" in shown, "no lo permite" in shown) == (True, False), "why is told when it is confirmed"
    assert Client().get(f"{page}rows/preference/").status_code == 409
    drop_retraction(by=elisa, retraction=asked)
    assert (fetched(newest)[0], published().first()) == (200, newest)
    assert (folder_of(newest.version).parent / "latest").resolve().name == newest.version
    with pytest.raises(Refused, match="not_open"):
        confirm_retraction(by=dora, retraction=asked)
    assert ask_retraction(by=dora, release=newest, **FACTS) != asked, "it can be asked for anew"


def test_without_the_hold_it_would_still_be_handed_out(release: Release, elisa: Person) -> None:
    """The twin: it is the mark at the release that closes its downloads."""
    ask_retraction(by=elisa, release=release, hold=True, **FACTS)
    Release.objects.update(held_since=None)
    assert fetched(release)[0] == 200


def test_what_nobody_confirms_in_time_is_over_and_its_files_are_there_again(release: Release, elisa: Person) -> None:
    ask_retraction(by=elisa, release=release, hold=True, **FACTS)
    now = timezone.now()
    assert drop_due(now=now + dt.timedelta(days=13)) == 0
    Retraction.objects.update(asked_at=now - dt.timedelta(days=15))
    jobs.recall()
    assert (Retraction.objects.get().state, drop_due(), fetched(release)[0]) == ("dropped", 0, 200)


def test_what_an_erasure_requires_needs_no_second_and_what_was_asked_is_meant_of_the_clean_one(
    crowd: list[Person], elisa: Person, dora: Person
) -> None:
    release = publish()
    asked = ask_retraction(by=elisa, release=release, hold=True, **FACTS)
    erase(person=crowd[0], contributions=True)
    recall_due()
    release.refresh_from_db()
    assert (release.state, release.reason, release.held_since) == ("recalled", "erased", None)
    clean = release.replaced_by
    assert (clean.state, clean.held_since is None) == ("published", False), "no row comes back into sight by it"
    assert fetched(clean) == (409, "not_open")
    assert Retraction.objects.get().release == clean
    confirm_retraction(by=dora, retraction=asked)
    clean.refresh_from_db()
    assert (clean.state, clean.reason) == ("recalled", "licence")


def test_where_the_clean_one_comes_later_it_is_held_too(
    crowd: list[Person], elisa: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = publish()
    ask_retraction(by=elisa, release=release, hold=True, **FACTS)
    erase(person=crowd[0], contributions=True)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "reissue", lambda **_how: 1 / 0)
        recall_due()
    release.refresh_from_db()
    assert (release.state, Retraction.objects.get().state) == ("recalled", "asked")
    recall_due()
    release.refresh_from_db()
    assert release.replaced_by.held_since is not None
    assert Retraction.objects.get().release == release.replaced_by


def test_two_who_confirm_at_once_take_it_back_once(release: Release, elisa: Person, dora: Person) -> None:
    asked, eva = ask_retraction(by=elisa, release=release, **FACTS), who_may("eva")
    outcomes = at_once(*(partial(confirm_retraction, by=by, retraction=asked) for by in (dora, eva)))
    assert sorted(type(each).__name__ for each in outcomes) == ["Refused", "Release"]
    assert Release.objects.get(pk=release.pk).recall_number == 1


def test_killed_after_the_second_said_so_the_job_takes_the_files(
    release: Release, elisa: Person, dora: Person, monkeypatch: Any
) -> None:
    class Killed(BaseException):
        pass

    def killed(_release: Release) -> None:
        raise Killed

    asked, honest = ask_retraction(by=elisa, release=release, **FACTS), actions.lay_tombstone
    monkeypatch.setattr(actions, "lay_tombstone", killed)
    with pytest.raises(Killed):
        confirm_retraction(by=dora, retraction=asked)
    assert fetched(release) == (410, "recalled")
    monkeypatch.setattr(actions, "lay_tombstone", honest)
    jobs.recall()
    assert not (folder_of(release.version) / "README.md").exists()


def test_when_who_asked_is_gone_another_one_still_confirms_it(release: Release, elisa: Person, dora: Person) -> None:
    asked = ask_retraction(by=elisa, release=release, **FACTS)
    erase(person=elisa, contributions=False)
    confirm_retraction(by=dora, retraction=asked)
    assert Retraction.objects.get().state == "done"


def test_in_the_panel_one_asks_and_another_confirms(release: Release, elisa: Person, dora: Person) -> None:
    address = f"/admin/annotations/release/{release.pk}/change/"
    facts = {"because": "wrong", "sentence": "Se mezclaron dos campañas.", "hold": "on"}
    asks, confirms = client(elisa), client(dora)
    for wrong in ({"sentence": ""}, {"because": "erased"}):
        assert asks.post(address, facts | wrong).status_code == 200
    assert not Retraction.objects.exists()
    assert asks.post(address, facts).status_code == 302
    row = Retraction.objects.get()
    page = f"/admin/annotations/retraction/{row.pk}/change/"
    assert (row.why, row.asked_by, fetched(release)[0]) == (facts["sentence"], elisa, 409)
    assert page in asks.get(address).content.decode(), "where one says more"
    assert asks.post(address, facts).status_code == 403, "it is asked for already"
    assert set(asks.get(page).context["adminform"].form.fields) == {"drops"}
    asks.post(page, {"agrees": "on"})
    assert Release.objects.get(pk=release.pk).state == "published", "nobody confirms their own"
    assert page in confirms.get("/admin/queue/retractions/").content.decode()
    both = confirms.post(page, {"agrees": "on", "drops": "on"})
    assert (both.status_code, Release.objects.get(pk=release.pk).state) == (200, "published")
    assert confirms.post(page, {"agrees": "on"}).status_code == 302
    assert Release.objects.get(pk=release.pk).state == "recalled"
    assert confirms.post(page, {"agrees": "on"}).status_code == 403, "it is only looked at now"
    assert set(Change.objects.filter(what="retraction").values_list("by", flat=True)) == {elisa.pk, dora.pk}
    looks = colleague("mira", "view_release", "view_retraction")
    assert [client(looks).get(each).status_code for each in (address, page)] == [200, 200]
    assert [client(looks).post(each, facts | {"agrees": "on"}).status_code for each in (address, page)] == [403, 403]


def test_who_runs_the_machine_does_it_alone_and_it_is_written_down(release: Release) -> None:
    out, version = StringIO(), release.version
    for name, reason, why in ((version, "erased", "x"), ("20200101T000000Z", "wrong", "x"), (version, "wrong", " ")):
        with pytest.raises(CommandError):
            call_command("retract_release", name, "--reason", reason, "--why", why)
    call_command("retract_release", version, "--reason", "wrong", "--why", "Está mal", stdout=out)
    release.refresh_from_db()
    assert (release.state, release.recalled_by, out.getvalue().strip()) == (
        "recalled", None, f"{version} is taken back",
    )  # fmt: skip
    change = Change.objects.filter(what="release", key=str(release.pk)).latest("id")
    assert (change.by, "recalled" in json.dumps(change.facts)) == (None, True)
    with pytest.raises(CommandError, match="recalled"):
        call_command("retract_release", version, "--reason", "wrong", "--why", "Otra vez")
    with pytest.raises(Refused):
        retract(release=release, reason="wrong", why="Otra vez")


def test_what_is_dropped_twice_is_dropped_when_it_was(release: Release, elisa: Person, dora: Person) -> None:
    asked = ask_retraction(by=elisa, release=release, **FACTS)
    first = drop_retraction(by=dora, retraction=asked).dropped_at
    assert drop_retraction(by=elisa, retraction=asked).dropped_at == first
