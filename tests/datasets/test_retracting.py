"""A release is taken back for a reason that everybody reads; and a recall that does not come about is seen."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client
from django.utils import timezone

from annotations.assignments.models import Tombstone
from annotations.datasets import jobs
from annotations.datasets import manifest as mf
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.models import Membership, Preview, Release
from annotations.datasets.rebuilding import rebuild
from annotations.datasets.recalls import actions, late
from annotations.datasets.recalls.actions import recall_due, retract
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.rights.actions import erase

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = {"reason": "licence", "why": "La fuente\n no lo permite <b>."}


def feed(query: str = "") -> Any:
    return Client().get(f"/api/v1/releases/withdrawals/{query}").json()


def test_what_is_taken_back_leaves_downloads_at_once_and_says_why(
    several: list[Release],
    tmp_path: Path,
) -> None:
    newest = several[2]
    retract(release=newest, **FACTS)
    folder, visitor = folder_of(newest.version), Client()
    assert sorted(path.name for path in folder.iterdir()) == [mf.NAME, mf.TOMBSTONE]
    assert not Membership.objects.filter(release=newest).exists()
    assert not Preview.objects.filter(release=newest).exists()
    assert (folder.parent / "latest").resolve().name == several[1].version
    gone = visitor.get(f"/api/v1/releases/{newest.version}/files/README.md")
    assert (gone.status_code, gone.json()["code"]) == (410, "recalled")
    assert gone.json()["errors"] == {"reason": "licence", "why": "La fuente no lo permite <b>."}
    (told,) = feed()
    assert told == json.loads((folder / mf.TOMBSTONE).read_text())
    assert told | {"recalled_on": ""} == {
        "release": newest.version, "recalled_on": "", "reason": "licence", "why": "La fuente no lo permite <b>.",
        "replaced_by": None, "records": None, "cursor": 1,
    }  # fmt: skip
    page = visitor.get(f"/releases/{newest.version}/").content.decode()
    assert "La fuente no lo permite &lt;b&gt;." in page
    recall_due()
    assert Release.objects.count() == 3, "no clean one takes its place by itself"
    with pytest.raises(Refused, match="recalled"):
        publish(cutoff=newest.cutoff)
    with pytest.raises(Refused, match="recalled"):
        rebuild(version=newest.version, folder=tmp_path / "again")


def test_taking_back_twice_or_without_a_reason_is_refused(
    several: list[Release],
) -> None:
    release = several[0]
    for facts, code in (
        ({"why": "  "}, "invalid"), ({"reason": "erased"}, "invalid"), ({"reason": "porque"}, "invalid"),
        ({"why": "x" * 501}, "invalid"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=code):
            retract(release=release, **{**FACTS, **facts})
    assert Release.objects.get(pk=release.pk).state == "published"
    retract(release=release, **FACTS)
    with pytest.raises(Refused, match="recalled"):
        retract(release=release, reason="wrong", why="Otra vez")
    assert Release.objects.get(pk=release.pk).reason == "licence"


def test_what_was_taken_back_stays_so_when_something_in_it_is_erased(
    several: list[Release],
    crowd: list[Person],
) -> None:
    retract(release=several[0], **FACTS)
    erase(person=crowd[0], contributions=True)
    recall_due()
    clean = Release.objects.get(replaces=several[1])
    retract(release=clean, reason="wrong", why="También está mal")
    recall_due()
    assert Release.objects.filter(state="published").count() == 1
    with pytest.raises(Refused, match="recalled"):
        publish(cutoff=several[1].cutoff)


def test_killed_after_the_row_the_job_takes_the_files(several: list[Release], monkeypatch: Any) -> None:
    class Killed(BaseException):
        pass

    def killed(_release: Release) -> None:
        raise Killed

    honest = actions.lay_tombstone
    monkeypatch.setattr(actions, "lay_tombstone", killed)
    with pytest.raises(Killed):
        retract(release=several[0], **FACTS)
    assert Client().get(f"/api/v1/releases/{several[0].version}/files/README.md").status_code == 410
    monkeypatch.setattr(actions, "lay_tombstone", honest)
    jobs.recall()
    assert not (folder_of(several[0].version) / "README.md").exists()


def test_the_feed_goes_on_where_one_was(
    several: list[Release],
    crowd: list[Person],
    django_assert_num_queries: Any,
) -> None:
    retract(release=several[0], **FACTS)
    (first,) = feed()
    erase(person=crowd[0], contributions=True)
    recall_due()
    assert [each["cursor"] for each in feed()] == [3, 2, 1]
    assert [each["cursor"] for each in feed(f"?since={first['cursor']}")] == [3, 2]
    assert feed("?since=3") == []
    with django_assert_num_queries(1):
        feed()
    for odd in ("x", "-1", "1.5", "9" * 30, "٣", "4294967296"):
        answer = Client().get("/api/v1/releases/withdrawals/", {"since": odd})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), odd


@pytest.fixture
def contact(settings: Any) -> str:
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "quien@responde.example"}
    return "quien@responde.example"


@pytest.mark.parametrize("step", ["reissue", "to_be_withdrawn", "lay_tombstone"])
def test_a_recall_that_keeps_failing_is_told_and_holds_up_no_other(
    several: list[Release],
    crowd: list[Person],
    contact: str,
    monkeypatch: Any,
    step: str,
) -> None:
    erase(person=crowd[0], contributions=True)
    honest = getattr(actions, step)

    def broken(*args: Any, **facts: Any) -> Any:
        if (args[0] if args else facts["release"]).pk == several[0].pk:
            raise OSError("the disk is full")
        return honest(*args, **facts)

    monkeypatch.setattr(actions, step, broken)
    for _run in range(2):
        recall_due()
    assert [(folder_of(release.version) / "data").exists() for release in several[1:]] == [False, False]
    states = dict(Release.objects.filter(replaces=None).values_list("pk", "state"))
    assert [states[release.pk] for release in several[1:]] == ["recalled", "recalled"]
    assert late.tell_if_late() == [], "for an hour it is given time"
    in_two_hours = timezone.now() + dt.timedelta(hours=2)
    (line,) = late.tell_if_late(now=in_two_hours)
    assert line.startswith(several[0].version)
    (letter,) = mail.outbox
    assert (letter.to, several[0].version in letter.body) == ([contact], True)
    if step != "lay_tombstone":  # of files left the rows say nothing
        assert late.late_by(in_two_hours) > dt.timedelta(hours=1)
    monkeypatch.setattr(actions, step, honest)
    recall_due()
    assert late.tell_if_late(now=in_two_hours) == []
    assert late.late_by(in_two_hours) == dt.timedelta()


def test_what_is_taken_back_while_the_job_runs_is_not_published_again(
    several: list[Release], crowd: list[Person], monkeypatch: Any
) -> None:
    """The job begins with the newest; meanwhile somebody takes the oldest back."""
    erase(person=crowd[0], contributions=True)
    honest = actions.reissue

    def meanwhile(*, release: Release) -> Release:
        if release.pk == several[-1].pk:
            retract(release=several[0], reason="harmful", why="Daña.")
        return honest(release=release)

    monkeypatch.setattr(actions, "reissue", meanwhile)
    recall_due()
    assert not Release.objects.filter(replaces=several[0]).exists()
    assert Release.objects.filter(replaces__in=several[1:]).count() == 2
    assert Release.objects.get(pk=several[0].pk).reason == "harmful"


def test_where_the_job_never_runs_it_is_told_all_the_same(several: list[Release], crowd: list[Person]) -> None:
    """Of an erasure the day is kept: by the next it is sure."""
    erase(person=crowd[0], contributions=True)
    assert late.late_by(timezone.now()) == dt.timedelta()
    days = [dt.timedelta(days=number) for number in range(5)]
    Tombstone.objects.update(received_at=F("received_at") - days[4], erased_on=timezone.now().date() - days[2])
    Release.objects.update(cutoff=F("cutoff") - days[3])
    assert not Release.objects.exclude(must_go_since=None).exists(), "nobody has seen it"
    assert days[1] <= late.late_by(timezone.now()) <= days[2]


def test_metrics_tell_for_how_long_a_recall_has_waited(several: list[Release], crowd: list[Person]) -> None:
    def told() -> float:
        text = Client().get("/metrics").content.decode()
        return float(next(row.split()[1] for row in text.splitlines() if row.startswith("minka_recall_late_seconds")))

    assert told() == 0
    erase(person=crowd[0], contributions=True)
    Release.objects.update(must_go_since=timezone.now() - dt.timedelta(hours=3))
    assert 3 * 3600 <= told() < 3 * 3600 + 60
    recall_due()
    assert told() == 0
