"""A night without its release is noticed, and one in which nothing was judged is none."""

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from annotations.assignments.models import Judgement
from annotations.datasets.actions import publish_due
from annotations.datasets.jobs import look_for_tonight
from annotations.datasets.night import due_slot, late_by, tell_if_late
from tests.cast import answer, line, people, seat_at, world

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
    with django_assert_max_num_queries(9):
        told = Client().get("/metrics").content.decode()
    found = dict(row.split() for row in told.splitlines() if not row.startswith("#"))
    late = float(found.pop("minka_release_late_seconds"))
    assert {name: float(value) for name, value in found.items()} == {
        "minka_judgements": 1, "minka_judgements_needed": 2, "minka_cells": 2, "minka_cells_settled": 0,
        "minka_cells_due": 1, "minka_release_cutoff_seconds": 0, "minka_recall_late_seconds": 0,
    }  # fmt: skip
    assert 0 <= late - (timezone.now() - judged).total_seconds() + 60 <= 60
