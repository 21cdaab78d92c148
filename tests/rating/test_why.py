"""Why one votes so: aspects that decided and words, if one likes; neither is needed."""

from typing import Any

import pytest
from django.test import Client

from annotations.assignments.models import Campaign, Judgement
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.rating.seeding import load_rubric
from tests.cast import answer, line, people, seat_at, world
from tests.journeys.test_pages import vote_of

pytestmark = pytest.mark.django_db
BEST = {"preferred": "a"}


@pytest.fixture
def campaign() -> Campaign:
    load_rubric()
    return world(*(line(str(number)) for number in range(3)))


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


def test_a_reason_goes_with_the_vote_and_comes_back_when_it_is_undone(ana: Person) -> None:
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(ana)
    why = {"aspects": ["veracidad", "utilidad"], "reason": "  El 131 es de aquí. "}
    client.post("/rate/send/", vote_of(client.get("/rate/").content.decode(), "a2") | why)
    vote = Judgement.objects.get().vote
    assert (vote.aspects, vote.reason) == (["utilidad", "veracidad"], "El 131 es de aquí.")
    page = client.get(client.post("/rate/undo/")["Location"]).content.decode()
    assert "El 131 es de aquí." in page
    assert page.count("checked") == 2


def test_words_that_look_like_somebodys_own_are_asked_about_once(ana: Person) -> None:
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(ana)
    sent = vote_of(client.get("/rate/").content.decode(), "a2") | {"reason": "Escribir a rosa@example.org"}
    asked = client.post("/rate/send/", sent).content.decode()
    assert 'name="anyway"' in asked
    assert "rosa@example.org" in asked
    assert client.post("/rate/send/", sent | {"anyway": "on"}).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"aspects": "veracidad"}, "aspects"), ({"aspects": ["otra"]}, "aspects"), ({"aspects": [["x"]]}, "aspects"),
        ({"aspects": ["fidelidad"]}, "aspects"), ({"reason": 3}, "reason"), ({"reason": "x" * 2_001}, "reason"),
        ({"reason": "a\x00b"}, "reason"), ({"reason": "\ud83d"}, "reason"),
    ],
)  # fmt: skip
def test_what_is_no_reason_is_refused(campaign: Campaign, ana: Person, wrong: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        answer(ana, seat_at(ana, campaign), BEST | wrong)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"preferred": "z"}, "preferred"), ({"preferred": None}, "preferred"), ({"preferred": 1}, "preferred"),
        ({"preferred": "tie", "strength": 1}, "strength"), ({"preferred": "a", "strength": 3}, "strength"),
        ({"preferred": "a", "strength": True}, "strength"), ({"preferred": "a", "strength": "1"}, "strength"),
        ({"ranking": [["a"], ["b"]], "preferred": "a"}, "ranking"),
        ({"ranking": [["a"], ["b"]], "strength": 1}, "ranking"),
    ],
)  # fmt: skip
def test_what_is_no_vote_is_refused(campaign: Campaign, ana: Person, wrong: Any, field: str) -> None:
    with pytest.raises(Refused, match="invalid") as told:
        answer(ana, seat_at(ana, campaign), wrong)
    assert list(told.value.errors) == [field]


def test_of_three_none_is_preferred_they_are_ranked(ana: Person) -> None:
    three = world(line("three", "Pan.", "Sopa.", "Té."), slug="ternas")
    seat = seat_at(ana, three)
    with pytest.raises(Refused, match="invalid") as told:
        answer(ana, seat, BEST)
    assert list(told.value.errors) == ["preferred"]
    assert answer(ana, seat, {"ranking": [["a"], ["b", "c"]]}).judgement
