"""The next release after somebody was erased: without their work, or with it and nobody behind it."""

from pathlib import Path

import pytest

from annotations.assignments.models import Judgement, Tombstone
from annotations.datasets.actions import folder_of, publish
from annotations.datasets.pseudonyms import release_key
from annotations.datasets.verify import problems
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from tests.cast import answer, key_of, line, people, seat_at, world
from tests.datasets.test_release import rows, why_no

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(settings) -> list[Person]:
    """Three people who settled two items for their first output; Ana is the first of them."""
    settings.MINKA_SMALL_CELL = 0
    campaign = world(line("1"), line("2"))
    crowd = people(3)
    for person in crowd:
        for _item in range(2):
            seat = seat_at(person, campaign)
            answer(person, seat, {"preferred": key_of(seat, 0), "strength": 2})
    return crowd


def next_release() -> Path:
    folder = folder_of(publish().version)
    assert problems(folder) == []
    return folder


def test_erased_work_is_in_no_row_of_the_next_release_and_what_it_settled_is_open(crowd: list[Person]) -> None:
    assert len(rows(next_release(), "preference")) == 2
    erase(person=crowd[0], contributions=True)
    folder = next_release()
    judgements = rows(folder, "judgements")
    assert (len(judgements), len({row["annotator"] for row in judgements})) == (4, 2)
    assert rows(folder, "preference") == []
    assert {(row["unit"], row["reason"]) for row in rows(folder, "excluded")} == {("item", "unsettled")}
    assert why_no(folder, "preference") == why_no(folder, "sft") == {"1": "unsettled", "2": "unsettled"}


def test_work_that_was_left_stays_published_and_carries_no_pseudonym(crowd: list[Person]) -> None:
    before = next_release()
    erase(person=crowd[0], contributions=False)
    after = next_release()
    assert len(rows(after, "preference")) == len(rows(before, "preference")) == 2
    annotators = [row["annotator"] for row in rows(after, "judgements")]
    assert (len(annotators), annotators.count(None), len({*annotators} - {None})) == (6, 2, 2)
    assert None not in [row["annotator"] for row in rows(before, "judgements")]
    assert {row["reason"] for row in rows(after, "excluded")} == {"one_won"}, (
        "they are pairs, and in every config of pairs"
    )


def test_work_withdrawn_before_it_was_left_stays_out(crowd: list[Person]) -> None:
    withdraw(person=crowd[0])
    erase(person=crowd[0], contributions=False)
    folder = next_release()
    assert len(rows(folder, "judgements")) == 4
    assert sorted(row["reason"] for row in rows(folder, "excluded") if row["unit"] == "judgement") == ["withdrawn"] * 2


def test_a_tombstone_and_a_release_s_key_tell_which_of_its_records_must_go(crowd: list[Person], settings) -> None:
    """What a recall needs, and that it needs no person for it."""
    from django.db import connection

    release = publish()
    folder = folder_of(release.version)
    mine = {row["id"] for row in rows(folder, "judgements")}
    erase(person=crowd[0], contributions=True)
    left = {row["id"] for row in rows(next_release(), "judgements")}
    assert not left & mine, "ids are new in every release"
    key = release_key(settings.MINKA_MASTER_KEY.encode(), release.version)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT left(encode(sha256(%s || 'judgement'::bytea || int8send(judgement_id)), 'hex'), 32)"
            " FROM annotations_tombstone WHERE received_at <= %s", [key, release.cutoff],
        )  # fmt: skip
        told = {row[0] for row in cursor.fetchall()}
    assert told < mine
    assert len(told) == 2
    assert {stone.cell_id for stone in Tombstone.objects.all()} == set(
        Judgement.objects.values_list("cell_id", flat=True)
    )
