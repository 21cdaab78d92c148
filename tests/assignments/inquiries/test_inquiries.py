"""A note reaches the moderators, its answer whoever asked, and everybody where it helps; nothing tells how others
voted."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from annotations.assignments.inquiries.actions import (
    MOST_WAITING,
    answer_inquiry,
    ask_moderators,
    close_open_answer,
)
from annotations.assignments.inquiries.models import MOST_WORDS, Inquiry, OpenAnswer
from annotations.assignments.inquiries.queries import open_answers, waiting
from annotations.assignments.models import Assignment, Campaign
from annotations.assignments.stewards.actions import mark_restricted
from annotations.errors import Refused
from annotations.moderation.board.queues import board_of
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person, Variety
from annotations.people.remits.models import Remit
from annotations.quality.actions import settle_due
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PAGE = "/admin/annotations/inquiry/{}/change/"


@pytest.fixture
def carmen(seeds: None) -> Person:
    seed_people()
    return Person.objects.get(username="carmen")


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return world(line("1"), line("2"), needed=2)


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


@pytest.fixture
def seat(campaign: Campaign, ana: Person) -> Assignment:
    return seat_at(ana, campaign)


def note(seat: Assignment, text: str = "¿«Completo» es de aquí?") -> Inquiry:
    return ask_moderators(person=seat.person, text=text, seat=seat)  # type: ignore[arg-type]


def saved(client: Client, inquiry: Inquiry, **facts: str) -> Any:
    return client.post(PAGE.format(inquiry.pk), facts)


# Asking ---------------------------------------------------------------------------------------------------------------


def test_a_note_is_written_at_the_table_and_waits_for_who_may_answer(carmen: Person, seat: Assignment) -> None:
    client = client_of(seat.person)  # type: ignore[arg-type]
    assert f"/ask/{seat.pk}/" in client.get("/c/prueba/rate/").content.decode()
    assert client.post(f"/ask/{seat.pk}/", {"text": " ¿Qué es un completo? "})["Location"] == "/me/asked/"
    asked = Inquiry.objects.get()
    assert (asked.text, asked.item, asked.kind) == ("¿Qué es un completo?", seat.item, "vote")
    assert list(waiting(carmen)) == [asked]
    assert not waiting(seat.person).exists(), "nobody's own waits for them"  # type: ignore[arg-type]
    assert next(each.number for each in board_of(carmen) if each.queue.code == "inquiries") == 1


def test_about_the_guidelines_too(carmen: Person, ana: Person) -> None:
    client = client_of(ana)
    assert "/ask/guidelines/vote/" in client.get("/guidelines/vote/").content.decode()
    assert client.post("/ask/guidelines/vote/", {"text": "¿Y si las dos mienten?"}).status_code == 302
    assert (Inquiry.objects.get().item, Inquiry.objects.get().variety) == (None, None)
    assert next(each.number for each in board_of(carmen) if each.queue.code == "inquiries") == 1
    assert client.get("/ask/guidelines/nada/").status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * (MOST_WORDS + 1)])
def test_no_words_or_too_many_are_told_at_the_field(seat: Assignment, text: str) -> None:
    page = client_of(seat.person).post(f"/ask/{seat.pk}/", {"text": text})  # type: ignore[arg-type]
    assert page.status_code == 400
    assert not Inquiry.objects.exists()


def test_nobody_asks_about_what_lies_before_another(seat: Assignment) -> None:
    bruno = volunteer("bruno-3", "muy-larga-y-rara", "es-CL")
    assert client_of(bruno).post(f"/ask/{seat.pk}/", {"text": "¿?"}).status_code == 404
    with pytest.raises(Refused, match="not_found"):
        ask_moderators(person=bruno, text="¿?", seat=seat)


def test_what_was_hidden_since_is_shown_here_no_more(seat: Assignment) -> None:
    note(seat, "¿Se puede contar?")
    client = client_of(seat.person)  # type: ignore[arg-type]
    assert str(seat.item.prompt) in client.get("/me/asked/").content.decode()
    mark_restricted(person=seat.person, assignment_id=seat.pk, knowledge="place", text="")  # type: ignore[arg-type]
    shown = client.get("/me/asked/").content.decode()
    assert "¿Se puede contar?" in shown
    assert str(seat.item.prompt) not in shown
    assert client.get(f"/ask/{seat.pk}/").status_code == 404


def test_so_many_wait_and_no_more_until_one_is_answered(carmen: Person, ana: Person) -> None:
    for number in range(MOST_WAITING):
        ask_moderators(person=ana, text=f"Nota {number}", kind="vote")
    with pytest.raises(Refused, match="too_many_requests"):
        ask_moderators(person=ana, text="Otra", kind="vote")
    answer_inquiry(by=carmen, inquiry=Inquiry.objects.earliest("pk"), answer="Así.")
    assert ask_moderators(person=ana, text="Otra", kind="vote")


def test_whose_account_is_paused_appeals_and_sends_no_notes(ana: Person) -> None:
    Person.objects.filter(pk=ana.pk).update(standing=Person.Standing.PAUSED)
    with pytest.raises(Refused, match="suspended"):
        ask_moderators(person=ana, text="¿?", kind="vote")


# Answering ------------------------------------------------------------------------------------------------------------


def test_the_answer_comes_to_who_asked_and_is_told_once(carmen: Person, seat: Assignment) -> None:
    inquiry, client = note(seat), client_of(seat.person)  # type: ignore[arg-type]
    assert saved(client_of(carmen), inquiry, words="Sí, en Chile.").status_code == 302
    told = Inquiry.objects.get()
    assert (told.answer, told.answered_by) == ("Sí, en Chile.", carmen)
    assert not OpenAnswer.objects.exists(), "nothing is in the open that nobody put there"
    assert "/me/asked/" in client.get("/me/").content.decode()
    assert "Sí, en Chile." in client.get("/me/asked/").content.decode()
    assert client.post("/me/asked/", {"read": ["x", "9" * 5000]}).status_code == 302
    assert Inquiry.objects.get().read_at is None, "only what was shown has been read"
    assert client.post("/me/asked/", {"read": [str(inquiry.pk)]}).status_code == 302
    with translation.override("es"):
        assert "respondi" not in client.get("/me/").content.decode(), "it was read"


def test_in_the_open_it_names_neither_the_task_nor_who_asked(carmen: Person, seat: Assignment) -> None:
    inquiry = note(seat, "Soy Ana, ¿qué es un completo?")
    page = client_of(carmen)
    lacking = saved(page, inquiry, words="Pan con vienesa.", in_the_open="on")
    assert lacking.status_code == 200
    assert Inquiry.objects.get().answered_at is None, "without the question it is not sent"
    saved(page, inquiry, words="Pan con vienesa.", in_the_open="on", question="¿Qué es un completo?")
    shown = Client().get("/guidelines/vote/").content.decode()
    assert "Pan con vienesa." in shown
    assert "Soy Ana" not in shown and str(seat.item.prompt) not in shown  # noqa: PT018
    assert {field.name for field in OpenAnswer._meta.fields if field.is_relation} == {"told_by"}
    close_open_answer(by=carmen, told=OpenAnswer.objects.get())
    assert not open_answers("vote").exists()
    assert "Pan con vienesa." not in Client().get("/guidelines/vote/").content.decode()


def test_how_others_voted_stands_nowhere_while_the_item_is_open(carmen: Person, campaign: Campaign) -> None:
    ana, bea = people(2)
    seat = seat_at(ana, campaign)
    inquiry, page = note(seat), PAGE.format("{}")
    answer(ana, seat, {"preferred": "a", "strength": 2})
    client, to_item = client_of(carmen), f"/admin/annotations/item/{seat.item_id}/change/"
    shown = client.get(page.format(inquiry.pk)).content.decode()
    assert "Respuesta larga" in shown, "the task is there as it was shown"
    assert to_item not in shown
    assert "model-0" not in shown and "model-1" not in shown  # noqa: PT018
    while (other := seat_at(bea, campaign)).item_id != seat.item_id:
        answer(bea, other, {"preferred": "a", "strength": 2})
    answer(bea, other, {"preferred": "a", "strength": 2})
    settle_due()
    assert to_item in client.get(page.format(inquiry.pk)).content.decode()


def test_answered_once_by_who_may_and_never_by_who_asked(carmen: Person, seat: Assignment) -> None:
    inquiry = note(seat)
    with pytest.raises(Refused, match="forbidden"):
        answer_inquiry(by=people(1, "pt-BR")[0], inquiry=inquiry, answer="Sí.")
    own = ask_moderators(person=carmen, text="Mía", kind="vote")
    with pytest.raises(Refused, match="forbidden"):
        answer_inquiry(by=carmen, inquiry=own, answer="Sí.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=own.pk).update(answer="Sí.", answered_by=carmen, answered_at=timezone.now())
    answer_inquiry(by=carmen, inquiry=inquiry, answer="Sí.")
    with pytest.raises(Refused, match="not_open"):
        answer_inquiry(by=carmen, inquiry=inquiry, answer="No.")
    assert saved(client_of(carmen), inquiry, words="No.").status_code == 403
    assert Inquiry.objects.get(pk=inquiry.pk).answer == "Sí."


def test_who_looks_after_a_part_answers_there(carmen: Person, seat: Assignment) -> None:
    inquiry = note(seat)
    Remit.objects.create(person=carmen, variety=Variety.objects.get(tag="pt-BR"))
    carmen = Person.objects.get(pk=carmen.pk)
    with pytest.raises(Refused, match="forbidden"):
        answer_inquiry(by=carmen, inquiry=inquiry, answer="Sí.")
    assert client_of(carmen).get(PAGE.format(inquiry.pk)).status_code == 302, "it is not in their list"


@pytest.mark.parametrize("page", ["/admin/annotations/inquiry/", "/admin/annotations/openanswer/", "/me/asked/"])
def test_many_are_listed_with_as_many_questions_as_one(carmen: Person, ana: Person, page: str) -> None:
    client = client_of(ana if page == "/me/asked/" else carmen)

    def asked(number: int) -> None:
        facts = {"kind": "vote", "text": f"Nota {number}", "answer": "Así.", "answered_at": timezone.now()}
        Inquiry.objects.create(person=ana, answered_by=carmen, variety_id="es-CL", **facts)
        OpenAnswer.objects.create(kind="vote", question=f"¿{number}?", answer="Así.", told_by=carmen)

    asked(0)
    client.get(page)
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    for number in range(1, 12):
        asked(number)
    with CaptureQueriesContext(connection) as many:
        assert client.get(page).status_code == 200
    assert len(many) == len(one)
