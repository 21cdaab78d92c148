"""A score: every aspect of the rubric with its words, and a whole that lies among its parts."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.seats import next_for
from annotations.datasets.actions import publish
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.rating.actions import check_score
from annotations.rating.rubric import VERSION, aspects, codes
from annotations.rating.seeding import load_rubric
from tests.cast import answer, line, people, seat_at, world
from tests.journeys.test_pages import vote_of

pytestmark = pytest.mark.django_db
CODES = ["utilidad", "veracidad", "fluidez", "naturalidad_dialectal", "pertinencia_cultural", "inocuidad"]
ALL_FOUR = dict.fromkeys(CODES, 4)


@pytest.fixture
def campaign() -> Campaign:
    load_rubric()
    return world(*(line(str(n), f"Una sola {n}.", kind="score") for n in range(3)), kind="score", needed=2)


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


def client_of(person: Person) -> Client:
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(person)
    return client


def test_every_point_of_every_aspect_stands_on_the_page_in_words(ana: Person) -> None:
    page = client_of(ana).get("/rate/").content.decode()
    assert [aspect.code for aspect in aspects("es")] == CODES == codes()
    for aspect in aspects("es"):
        assert aspect.question in page
        for point, words in aspect.anchors:
            assert f'name="{aspect.code}" value="{point}"' in page
            assert words.replace("'", "&#x27;") in page


def test_a_score_is_kept_with_the_rubric_it_was_given_on_and_comes_back_when_undone(ana: Person) -> None:
    client = client_of(ana)
    sent = vote_of(client.get("/c/prueba/rate/").content.decode(), "send") | ALL_FOUR | {"overall": "4"}
    assert client.post("/c/prueba/rate/send/", sent).status_code == 302
    judgement = Judgement.objects.get()
    assert (judgement.score.points, judgement.score.overall, judgement.rubric_version) == (ALL_FOUR, 4, VERSION)
    assert client.get(client.post("/c/prueba/rate/undo/")["Location"]).content.decode().count("checked") == 7


def test_what_is_missing_is_said_at_its_aspect_and_the_rest_stays(ana: Person) -> None:
    client = client_of(ana)
    sent = vote_of(client.get("/rate/").content.decode(), "send") | ALL_FOUR | {"overall": "4"}
    sent.pop("fluidez")
    back = client.post("/rate/send/", sent)
    assert back.status_code == 400
    assert back.content.decode().count('<fieldset class="scale-of" aria-invalid="true"') == 1
    assert back.content.decode().count("checked") == 6
    told = client.post("/rate/send/", sent | {"fluidez": "4", "overall": "5"}).content.decode()
    assert "no puede ser mejor que su mejor aspecto" in told
    assert told.count("checked") == 7


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "points"), ({"points": ALL_FOUR}, "overall"), ({"points": ALL_FOUR, "overall": 4, "x": 1}, "x"),
        ({"points": ALL_FOUR | {"x": 1}, "overall": 4}, "points"), ({"points": [4] * 6, "overall": 4}, "points"),
        ({"points": ALL_FOUR | {"fluidez": 0}, "overall": 4}, "points.fluidez"),
        ({"points": ALL_FOUR | {"fluidez": 6}, "overall": 4}, "points.fluidez"),
        ({"points": ALL_FOUR | {"fluidez": 4.0}, "overall": 4}, "points.fluidez"),
        ({"points": ALL_FOUR | {"fluidez": True}, "overall": 4}, "points.fluidez"),
        ({"points": ALL_FOUR, "overall": "4"}, "overall"), ({"points": ALL_FOUR, "overall": 3}, "overall"),
    ],
)  # fmt: skip
def test_what_is_no_score_is_refused_and_the_field_is_named(ana: Person, wrong: Any, field: str) -> None:
    seat = next_for(person=ana)
    with pytest.raises(Refused) as refused:
        answer(ana, seat, wrong)  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]
    assert not Judgement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_scores_close_their_cell_and_balance_the_books_of_a_release(campaign: Campaign) -> None:
    for person in people(2):
        answer(person, seat_at(person, campaign), {"points": ALL_FOUR, "overall": 4})
    assert Cell.objects.order_by("pk").first().is_full  # type: ignore[union-attr]
    assert publish().manifest["books"]["judgements"] == 2


class AnyScore(TestCase):
    def setUp(self) -> None:
        load_rubric()

    @given(st.fixed_dictionaries({code: st.integers(1, 5) for code in CODES}), st.integers(-1, 7))
    def test_the_whole_lies_among_its_parts(self, points: dict[str, int], overall: int) -> None:
        try:
            kept = check_score({"points": points, "overall": overall}, None)  # type: ignore[arg-type]
        except Refused:
            assert not min(points.values()) <= overall <= max(points.values())
        else:
            assert (kept.points, kept.overall) == (points, overall)
