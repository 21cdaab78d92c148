"""The house says by itself when answers stop although people are there, and when its disk fills up."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.core import mail
from django.utils import timezone

from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.moderation.watch import queries
from annotations.moderation.watch.actions import tell_if_full, tell_if_quiet
from annotations.moderation.watch.jobs import look_at_the_disk, look_for_answers
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _somebody_answers_for_it(settings) -> None:
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "quien@responde.example"}


@pytest.fixture
def campaign() -> Campaign:
    """One answer lies an hour back, and five people have just sat down."""
    campaign = world(*(line(str(number)) for number in range(3)), needed=10)
    crowd = people(6)
    answer(crowd[0], seat_at(crowd[0], campaign), {"preferred": "a"})
    Judgement.objects.update(received_at=timezone.now() - 60 * MINUTE)
    for person in crowd[1:]:
        seat_at(person, campaign)
    return campaign


def test_people_who_sit_and_no_answer_are_told_to_who_answers_for_the_house(campaign: Campaign, caplog) -> None:
    look_for_answers()
    (letter,) = mail.outbox
    assert letter.to == ["quien@responde.example"]
    assert letter.subject.endswith("no answers come in")
    assert "no answer comes in" in caplog.text


@pytest.mark.parametrize(
    "well",
    [
        lambda: Judgement.objects.update(received_at=timezone.now() - 29 * MINUTE),
        lambda: Assignment.objects.filter(pk=Assignment.objects.filter(state="held")[:1].get().pk).update(
            state="returned"
        ),
        lambda: Assignment.objects.update(claimed_at=timezone.now() - 31 * MINUTE),
        lambda: Campaign.objects.update(state="paused"),
    ],
    ids=["an answer", "four people", "sat down long ago", "paused"],
)
def test_where_there_is_an_answer_or_nobody_or_nothing_open_all_is_well(campaign: Campaign, well: Any) -> None:
    well()
    assert not tell_if_quiet()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("free", "total", "told"),
    [
        (50, 100, False), (9, 100, True), (9, 1_000, True), (30, 1_000, False), (24, 1_000, True), (1, 4, True),
    ],
)  # fmt: skip
def test_a_disk_that_fills_up_is_told_in_time(
    free: int, total: int, told: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Gigabytes. A tenth of a large disk is a lot of room, a quarter of a small one is little."""
    space = type("Space", (), {"free": free * 10**9, "total": total * 10**9})
    monkeypatch.setattr(queries.shutil, "disk_usage", lambda _path: space)
    look_at_the_disk()
    assert ("too little room" in caplog.text) is told
    assert [letter.subject.partition(": ")[2] for letter in mail.outbox] == ["the disk fills up"] * told
    assert len(tell_if_full()) == told, "of folders on one disk one is named"
    assert Path(house.MINKA_HOME).exists()
