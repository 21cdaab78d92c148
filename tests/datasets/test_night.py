"""A night without its release is noticed, and one in which nothing was judged is none."""

import contextlib
import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from annotations.assignments.models import Judgement
from annotations.datasets import actions
from annotations.datasets.actions import publish, publish_due
from annotations.datasets.jobs import look_for_tonight, publish_nightly
from annotations.datasets.models import Release
from annotations.datasets.names import version_of
from annotations.datasets.night import due_slot, late_by, tell_if_late
from minka.celery import app
from tests.cast import answer, at_once, line, people, seat_at, work_off, world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def judged() -> dt.datetime:
    """A vote that tonight's release waits for, and when that is due."""
    slot = due_slot(timezone.now())
    campaign = world(line("1"), line("2"), needed=1)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    Judgement.objects.update(received_at=slot - dt.timedelta(hours=1))
    return slot


def test_a_release_that_is_due_and_not_there_is_late_until_it_is(judged: dt.datetime) -> None:
    assert late_by(judged + dt.timedelta(hours=3)) == dt.timedelta(hours=3)
    publish_due(now=judged + dt.timedelta(minutes=1))
    assert late_by(judged + dt.timedelta(hours=3)) == dt.timedelta()


def test_a_night_for_which_nothing_was_judged_is_not_late(judged: dt.datetime) -> None:
    publish_due(now=judged + dt.timedelta(minutes=1))
    assert late_by(judged + dt.timedelta(days=1, hours=3)) == dt.timedelta()
    Judgement.objects.update(received_at=judged + dt.timedelta(hours=9))
    assert late_by(judged + dt.timedelta(days=1, hours=3)) == dt.timedelta(hours=3)


def test_the_controller_is_written_to_and_the_log_says_it(judged: dt.datetime, settings, caplog) -> None:
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "quien@responde.example"}
    assert tell_if_late(now=judged + dt.timedelta(hours=3))
    (letter,) = mail.outbox
    assert (letter.to, "for 3 hours" in letter.body) == (["quien@responde.example"], True)
    look_for_tonight()
    assert "release is late" in caplog.text


def test_with_its_release_nobody_is_written_to(judged: dt.datetime, settings) -> None:
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "quien@responde.example"}
    publish_due(now=judged + dt.timedelta(minutes=1))
    assert not tell_if_late(now=judged + dt.timedelta(hours=3))
    assert mail.outbox == []


def test_metrics_tell_what_is_there_what_waits_and_whether_the_night_is_late(
    judged: dt.datetime, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(15):
        told = Client().get("/metrics").content.decode()
    found = {name: float(value) for name, value in (row.rsplit(" ", 1) for row in told.splitlines() if row[0] != "#")}
    expected = {
        "minka_judgements": 1, "minka_judgements_needed": 2, "minka_cells": 2, "minka_cells_settled": 0,
        "minka_cells_due": 1, "minka_release_cutoff_seconds": 0, "minka_recall_late_seconds": 0,
        "minka_campaigns_open": 1, "minka_seats_held": 0, "minka_seat_overdue_seconds": 0, "minka_database_up": 1,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["minka_last_judgement_seconds"] == (judged - dt.timedelta(hours=1)).timestamp()
    assert 0 <= found["minka_release_late_seconds"] - (timezone.now() - judged).total_seconds() + 60 <= 60


def test_a_message_that_is_lost_is_made_good_and_a_doubled_one_publishes_nothing_more(
    judged: dt.datetime, settings, tmp_path: Path
) -> None:
    settings.MINKA_RELEASES = tmp_path
    publish_nightly.delay()
    app.control.purge()
    assert work_off() == []
    for _call in range(2):
        publish_nightly.delay()
    assert [arguments for arguments, _all in work_off()].count([]) == 2, "beside those who are asked to help"
    assert [release.version for release in Release.objects.all()] == [version_of(judged)]
    assert names_in(tmp_path) == [version_of(judged), "latest"]


@pytest.fixture
def both_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who begins to write waits a moment for another who does."""
    honest, together = actions.write, threading.Barrier(2)

    def write(*args: Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(1)
        honest(*args)

    monkeypatch.setattr(actions, "write", write)


@pytest.mark.usefixtures("both_write")
def test_a_job_started_twice_at_once_makes_one_release(judged: dt.datetime, settings, tmp_path: Path) -> None:
    settings.MINKA_RELEASES = tmp_path
    one, other = at_once(publish_due, publish_due)
    assert one == other == Release.objects.get()
    assert names_in(tmp_path) == [one.version, "latest"]


@pytest.mark.usefixtures("both_write")
def test_without_the_lock_of_publishers_one_of_them_would_fail(
    judged: dt.datetime, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MINKA_RELEASES = tmp_path
    monkeypatch.setattr(actions, "one_at_a_time", lambda: None)
    outcomes = at_once(publish_due, publish_due)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "Release"]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_left_beside_latest_by_who_was_killed_goes(judged: dt.datetime, settings, tmp_path: Path) -> None:
    settings.MINKA_RELEASES = tmp_path
    (tmp_path / ".latest-7").symlink_to("20260101T060000Z")
    release = publish_due()
    assert release
    assert names_in(tmp_path) == [release.version, "latest"]


def test_who_points_latest_late_does_not_point_it_back(
    judged: dt.datetime, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MINKA_RELEASES = tmp_path
    first, last = publish(cutoff=judged), publish(cutoff=judged + dt.timedelta(seconds=1))
    other, honest = threading.Thread(target=lambda: at_once(actions.point_latest)), actions.published

    def before_the_last() -> QuerySet[Release]:
        monkeypatch.setattr(actions, "published", honest)
        other.start()
        other.join(1)
        return honest().exclude(pk=last.pk)

    monkeypatch.setattr(actions, "published", before_the_last)
    actions.point_latest()
    other.join()
    assert (tmp_path / "latest").readlink() == Path(last.version) != Path(first.version)
