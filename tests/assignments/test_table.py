"""The table: what was begun is kept, the last five are taken back, what one learns from counts for nothing, and nobody
meets what they wrote or never want to meet."""

import uuid
from typing import Any

import pytest
from django.test import Client

from annotations.assignments.actions import keep_draft
from annotations.assignments.models import Assignment, Campaign, Draft, Item, Judgement, Receipt
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from tests.cast import answer, line, people, seat_at, world
from tests.journeys.test_pages import vote_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
THREE = ("Una.", "Otra.", "La tercera.")
EXPLAINED = {"expected": {"preferred": "a"}, "explanation": "Porque dice *cómo*."}


def client_of(person: Person) -> Client:
    client = Client(headers={"Accept-Language": "es"})
    client.force_login(person)
    return client


@pytest.fixture
def ana(seeds: None) -> Person:
    return people(1)[0]


@pytest.fixture
def campaign() -> Campaign:
    return world(*(line(str(number), *THREE) for number in range(8)))


def begun(client: Client, seat: Assignment, version: int = 0, **fields: Any) -> Any:
    sent = {"assignment": str(seat.pk), "version": str(version)} | fields
    return client.post("/rate/draft/", sent, headers={"Accept": "application/json"})


# Drafts -------------------------------------------------------------------------------------------------------------


def test_what_was_begun_is_there_again_in_another_browser(campaign: Campaign, ana: Person) -> None:
    seat = seat_at(ana, campaign)
    assert begun(client_of(ana), seat, rank_a="2", rank_b="1").json() == {"version": 1}
    page = client_of(ana).get("/c/prueba/rate/").content.decode()
    assert 'name="version" value="1"' in page
    assert page.count("checked") == 2
    plain = client_of(ana).post("/rate/draft/", {"assignment": str(seat.pk), "rank_a": "3", "version": "1"})
    assert plain.content.decode().count("checked") == 1, "without JavaScript the page comes back as it was left"


def test_an_older_saving_does_not_write_over_a_newer_one(campaign: Campaign, ana: Person) -> None:
    seat = seat_at(ana, campaign)
    phone, desk = client_of(ana), client_of(ana)
    begun(phone, seat, rank_a="1")
    begun(desk, seat, 1, rank_a="2")
    late = begun(phone, seat, 1, rank_a="3")
    assert (late.status_code, late.json()["code"]) == (409, "newer_draft")
    assert late.json()["errors"]["fields"]["rank_a"] == "2"
    assert begun(phone, seat, 1, rank_a="2").status_code == 200, "the same text again is no conflict"


def test_a_draft_keeps_its_seat_alive_and_goes_when_it_is_sent(campaign: Campaign, ana: Person) -> None:
    seat = seat_at(ana, campaign)
    Assignment.objects.update(expires_at="2026-01-01T00:00Z")
    begun(client_of(ana), seat, rank_a="1")
    seat.refresh_from_db()
    assert seat.expires_at.year > 2026 or seat.expires_at.month > 1
    answer(ana, seat, {"preferred": "both_good"})
    assert not Draft.objects.exists()
    assert begun(client_of(ana), seat, rank_a="1").status_code == 409


def test_nobody_keeps_or_sees_a_draft_at_anothers_seat(campaign: Campaign) -> None:
    ana, bruno = people(2)
    seat = seat_at(ana, campaign)
    begun(client_of(ana), seat, rank_a="1")
    assert begun(client_of(bruno), seat, rank_a="2").status_code == 404
    other = client_of(bruno).get(f"/rate/?seat={seat.pk}")
    assert other.context["seat"].person == bruno


def test_a_draft_has_an_end(campaign: Campaign, ana: Person) -> None:
    with pytest.raises(Refused, match="invalid"):
        keep_draft(person=ana, assignment_id=seat_at(ana, campaign).pk, fields={"text": "x" * 64_001})


# Taking back --------------------------------------------------------------------------------------------------------


def test_the_last_five_are_taken_back_one_by_one_with_what_was_answered(campaign: Campaign, ana: Person) -> None:
    client = client_of(ana)
    for _number in range(6):
        vote = vote_of(client.get("/rate/").content.decode(), "ranking")
        client.post("/rate/send/", vote | {"rank_a": "2", "rank_b": "1", "rank_c": "3"})
    assert Judgement.objects.filter(undone_at=None).count() == 6
    for left in (5, 4, 3, 2, 1):
        where = client.post("/rate/undo/")["Location"]
        assert Judgement.objects.filter(undone_at=None).count() == left
    page = client.get(where)
    assert str(page.context["seat"].pk) in where
    assert page.content.decode().count("checked") == 3
    assert client.post("/rate/undo/")["Location"] == "/rate/"
    assert Judgement.objects.filter(undone_at=None).count() == 1


# To practise --------------------------------------------------------------------------------------------------------


def test_items_to_learn_from_come_first_say_why_and_count_for_nothing(ana: Person) -> None:
    lessons = [line(f"p{number}", practice=EXPLAINED) for number in range(3)]
    campaign = world(line("1"), *lessons, practice=2, needed=1)
    client = client_of(ana)
    for _lesson in range(2):
        page = client.get("/c/prueba/rate/")
        seat = page.context["seat"]
        assert seat.item.source_id.startswith("p")
        assert "De práctica" in page.content.decode()
        first = seat.item.places.get(position=0).output_id
        wanted = "ab"[seat.shown.index(first)] + "1"
        told = client.post("/c/prueba/rate/send/", vote_of(page.content.decode(), wanted)).content.decode()
        assert "<em>cómo</em>" in told
        assert "Así lo ve también la guía" in told
    assert client.get("/c/prueba/rate/").context["seat"].item.source_id == "1"
    assert set(Judgement.objects.values_list("counted", "not_counted")) == {(False, "practice")}
    assert settle_due() == 0
    assert next_for(person=people(1, "es-AR")[0], campaign=campaign) is None, "a lesson of another variety is none"


def test_who_sees_it_another_way_is_told_so_and_goes_on(ana: Person) -> None:
    world(line("p", practice=EXPLAINED), line("1"), practice=1)
    client = client_of(ana)
    told = client.post("/rate/send/", vote_of(client.get("/rate/").content.decode(), "both_bad"), headers=HTMX)
    assert "La guía lo ve de otra manera" in told.content.decode()
    assert client.get("/rate/").context["seat"].item.source_id == "1"


# What is not for this person ----------------------------------------------------------------------------------------


def test_nobody_judges_what_they_wrote(ana: Person) -> None:
    campaign = world(line("1"))
    Item.objects.update(author=ana)
    assert next_for(person=ana, campaign=campaign) is None
    assert next_for(person=volunteer("bruno", "muy-larga-y-rara", "es-CL"), campaign=campaign)


def test_what_can_hurt_stands_behind_a_click_and_can_be_left_out_for_ever(ana: Person) -> None:
    campaign = world(line("1", sensitive=["racismo"]), line("2"))
    veiled = client_of(ana).get("/rate/")
    assert "Respuesta larga 1" not in veiled.content.decode()
    seat = veiled.context["seat"]
    assert "Respuesta larga 1" in client_of(ana).get(f"/rate/?seat={seat.pk}").content.decode()
    ana.avoids = ["racismo"]
    ana.save()
    assert next_for(person=ana, campaign=campaign).item.source_id == "2"  # type: ignore[union-attr]
    assert client_of(ana).get(f"/rate/?seat={seat.pk}").context["seat"].item.source_id == "2"


def test_a_table_gives_only_the_kinds_that_lie_on_it(campaign: Campaign, ana: Person) -> None:
    assert next_for(person=ana, campaign=campaign, of_kinds=["flag"]) is None
    assert next_for(person=ana, campaign=campaign, of_kinds=["vote"])


# What is wrong is told, and nothing is lost -------------------------------------------------------------------------


def test_an_answer_that_is_not_valid_comes_back_as_it_was_typed(campaign: Campaign, ana: Person) -> None:
    client = client_of(ana)
    vote = vote_of(client.get("/rate/").content.decode(), "ranking") | {"rank_a": "1", "rank_b": "2"}
    back = client.post("/rate/send/", vote)
    assert back.status_code == 400
    assert back.content.decode().count("checked") == 2
    assert vote["key"] in back.content.decode(), "sent again it is still the same answer"
    assert client.post("/rate/send/", vote | {"rank_c": "3"}).status_code == 302
    assert Receipt.objects.get().key == uuid.UUID(vote["key"])
