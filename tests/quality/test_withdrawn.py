"""Looking for what was given under a consent that was taken back: what it finds, and what looking costs."""

import json
from typing import Any

import pytest
from django.db import connection

from annotations.assignments.doors import discount, take_back
from annotations.assignments.models import Cell, Judgement
from annotations.people.actions import withdraw
from annotations.quality import queries
from annotations.quality.actions import settle_due, take_out_withdrawn
from annotations.quality.models import Verdict
from annotations.quality.queries import counted_after_withdrawal
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def test_only_what_was_given_under_a_consent_that_was_taken_back_since_is_found() -> None:
    campaign = world(line("1"), line("2"))
    ana, bruno = people(2)
    for person in (ana, bruno):
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    assert not counted_after_withdrawal()
    withdraw(person=ana)
    assert [judgement.person for judgement in counted_after_withdrawal()] == [ana]
    assert (take_out_withdrawn(), take_out_withdrawn()) == (1, 0)


def test_looking_costs_the_same_however_much_was_judged() -> None:
    assert _growth() < 10


def test_a_look_at_every_judgement_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the index it is one."""
    hidden = queries._TAKEN_BACK.replace("j.consent_id = given.id", "j.consent_id + 0 = given.id")
    monkeypatch.setattr(queries, "_TAKEN_BACK", hidden)
    assert _growth() > 50


def _growth() -> int:
    """How many blocks more are touched when there are five thousand judgements more; they lie in over a hundred."""
    campaign = world(line("1"))
    ana, bruno = people(2)
    for person in (ana, bruno):
        answer(person, seat_at(person, campaign), {"preferred": "a"})
    withdraw(person=ana)
    take_out_withdrawn()
    before = _blocks()
    _judge_much()
    return _blocks() - before


def _judge_much() -> None:
    """The judgement that counts, thousands of times: nobody's, so that it can stand beside itself."""
    columns = ", ".join(
        field.column for field in Judgement._meta.concrete_fields if field.column not in ("id", "person_id")
    )
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"""
            INSERT INTO annotations_judgement ({columns})
            SELECT {columns} FROM annotations_judgement, generate_series(1, 5000) WHERE counted""")
        cursor.execute("ANALYZE annotations_judgement")
        cursor.execute("ANALYZE annotations_consent")


def _blocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries._TAKEN_BACK}")
        found: Any = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_an_answer_is_taken_back_once_and_of_one_that_does_not_count_no_number_moves() -> None:
    campaign = world(line("1"), needed=2)
    for person in people(2):
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    one, other = Judgement.objects.order_by("pk")
    assert discount(judgement=other, reason="withdrawn")
    assert not discount(judgement=other, reason="withdrawn")
    assert not take_back(judgement=other, again=False), "it did not count"
    assert take_back(judgement=one, again=False)
    assert not take_back(judgement=one, again=False), "it is taken back already"
    assert [(each.done, each.held) for each in Cell.objects.all()] == [(0, 0)]


def test_what_another_worker_discounted_first_is_discounted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = world(line("1"), needed=1)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    settle_due()
    judgement = Judgement.objects.get()
    discount(judgement=judgement, reason="withdrawn")
    monkeypatch.setattr("annotations.quality.actions.counted_after_withdrawal", lambda: [judgement])
    assert take_out_withdrawn() == 1
    assert Cell.objects.get().done == 0
    assert Verdict.objects.get().superseded_at is None, "who discounted it sees to the verdict"
