"""What waited in the browser and is sent when there is a network: the words of the API, over the session."""

import uuid
from typing import Any

import pytest
from django.test import Client

from annotations.assignments import actions, seats
from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.people.accounts.places import place_of
from annotations.people.actions import withdraw
from annotations.people.models import Person
from tests.cast import line, people, seat_at, world

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def ana(seeds: None) -> Person:
    return people(1)[0]


@pytest.fixture
def campaign() -> Campaign:
    return world(*(line(str(number)) for number in range(3)))


def client_of(person: Person) -> Client:
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(person)
    return client


def waiting(person: Person, seat: Assignment, **facts: Any) -> dict[str, str]:
    """What the browser wrote down of an answer."""
    return {
        "assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": "a2", "place": place_of(person),
        "client_at": "2026-11-24T10:00:00Z",
    } | facts  # fmt: skip


def sends(client: Client, row: dict[str, str]) -> Any:
    return client.post("/rate/send/", row, headers=JSON)


def test_sent_again_it_is_received_once(campaign: Campaign, ana: Person) -> None:
    row = waiting(ana, seat_at(ana, campaign), offline="on")
    client = client_of(ana)
    answers = [sends(client, row), sends(client, row)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert [answer.json() for answer in answers] == [{"received": row["key"]}] * 2
    kept = Judgement.objects.get()
    assert (kept.channel, kept.client_at.hour) == ("offline", 10)  # type: ignore[union-attr]
    assert client.session["sent_keys"] == [row["key"]], "it can be taken back, once"


def test_a_server_that_forgot_the_keys_would_refuse_what_it_has(
    campaign: Campaign, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotaged twin of the one above."""
    monkeypatch.setattr(actions, "_receipt", lambda *_facts: None)
    row = waiting(ana, seat_at(ana, campaign))
    client = client_of(ana)
    assert [sends(client, row).status_code for _time in range(2)] != [201, 200]


def test_another_answer_under_the_same_key_is_refused_with_its_reason(campaign: Campaign, ana: Person) -> None:
    row = waiting(ana, seat_at(ana, campaign))
    client = client_of(ana)
    sends(client, row)
    refused = sends(client, row | {"choice": "b1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
    assert refused.json()["detail"]


def test_only_its_owner_sends_it(campaign: Campaign) -> None:
    ana, bruno = people(2)
    row = waiting(ana, seat_at(ana, campaign))
    assert sends(Client(), row).status_code == 401
    assert sends(client_of(bruno), row).status_code == 401, "another's place"
    assert sends(client_of(bruno), row | {"place": place_of(bruno)}).json()["code"] == "not_found"
    assert not Judgement.objects.exists()
    assert sends(client_of(ana), row).status_code == 201


def test_what_is_not_valid_or_lacks_consent_says_so(campaign: Campaign, ana: Person) -> None:
    row = waiting(ana, seat_at(ana, campaign))
    odd = sends(client_of(ana), row | {"choice": "z"})
    assert (odd.status_code, odd.json()["code"]) == (400, "invalid")
    assert sends(client_of(ana), row | {"assignment": "x"}).json()["code"] == "invalid"
    withdraw(person=ana)
    assert sends(client_of(ana), row).json()["code"] == "consent_required"


def test_a_late_answer_is_welcome(campaign: Campaign, ana: Person) -> None:
    row = waiting(ana, seat_at(ana, campaign))
    Assignment.objects.update(expires_at="2026-01-01T00:00Z")
    seats.expire_seats()
    assert sends(client_of(ana), row).status_code == 201
    assert Judgement.objects.get().late


def test_a_clock_that_is_wrong_by_years_tells_nothing(campaign: Campaign, ana: Person) -> None:
    sends(client_of(ana), waiting(ana, seat_at(ana, campaign), client_at="1980-01-01T00:00:00Z"))
    assert Judgement.objects.get().client_at is None


def test_who_is_here_is_told_by_a_place_that_names_nobody(ana: Person) -> None:
    assert Client().get("/who/").json()["place"] == ""
    told = client_of(ana).get("/who/").json()
    assert told["place"] == place_of(ana)
    assert ana.username not in told["place"]
    assert len(told["place"]) == 32
    assert "no-store" in client_of(ana).get("/who/")["Cache-Control"]


def test_the_htmx_turn_says_which_answer_was_received(campaign: Campaign, ana: Person) -> None:
    row = waiting(ana, seat_at(ana, campaign))
    client, htmx = client_of(ana), {"HX-Request": "true"}
    assert client.post("/rate/send/", row, headers=htmx)["Minka-Received"] == row["key"]
    again = client.post("/rate/send/", row | {"key": str(uuid.uuid4())}, headers=htmx)
    assert again["Minka-Refused"] == "already_judged"


def test_a_guests_answer_that_waited_is_taken_too(campaign: Campaign) -> None:
    client = Client()
    client.post("/try/start/", {"variety": "es-CL"})
    page = client.get("/try/")
    row = {"assignment": str(page.context["seat"].pk), "key": str(uuid.uuid4()), "choice": "tie"}
    place = client.get("/who/").json()["place"]
    assert client.post("/try/send/", row | {"place": "x"}, headers=JSON).status_code == 401
    answers = [client.post("/try/send/", row | {"place": place}, headers=JSON).status_code for _time in range(2)]
    assert answers == [201, 200]
