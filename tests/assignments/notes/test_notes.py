"""A note is asked for, sent once when there is work, and never to who did not ask."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from annotations.assignments.models import Assignment, Campaign
from annotations.assignments.notes.actions import ask_for_note, forget_note, send_notes
from annotations.assignments.notes.jobs import send
from annotations.assignments.notes.models import Note
from annotations.assignments.seats import give_back
from annotations.errors import Refused
from annotations.people.actions import give_consent, withdraw
from annotations.people.mail import MAIL_HEADER, mail_mark
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from annotations.people.rights.actions import erase, pause
from annotations.people.rights.retention import empty_what_is_over
from tests.cast import at_once, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def agree(person: Person, *purposes: str) -> Person:
    given = dict.fromkeys([*REQUIRED, *purposes], True)
    give_consent(person=person, purposes=given, language="es", licence="CC-BY-4.0")
    return Person.objects.get(pk=person.pk)


def reachable(count: int = 1) -> list[Person]:
    several = people(count)
    for person in several:
        Person.objects.filter(pk=person.pk).update(email=f"{person.username}@example.org")
    return [agree(person, "email") for person in several]


@pytest.fixture
def taken() -> tuple[Campaign, Person, Assignment]:
    """A campaign whose one place somebody else holds, a person who would like it, and the seat."""
    campaign = world(line("1"), needed=1)
    ana, beto = reachable(2)
    return campaign, ana, seat_at(beto, campaign)


def test_a_note_comes_once_when_there_is_work(taken: tuple[Campaign, Person, Assignment], settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://minka.example"]
    campaign, ana, seat = taken
    ask_for_note(person=ana, campaign=campaign)
    ask_for_note(person=ana, campaign=campaign)
    assert Note.objects.count() == 1
    assert send_notes() == 0, "there is no work yet"
    give_back(person=seat.person, assignment_id=seat.pk)
    assert send_notes() == 1
    send()
    (letter,) = mail.outbox
    assert letter.to == [ana.email]
    assert letter.extra_headers == {MAIL_HEADER: mail_mark(ana)}
    assert letter.subject == "Minka: Hay trabajo otra vez"
    assert "«Prueba»" in letter.body
    assert letter.body.endswith("https://minka.example/c/prueba/rate/")
    assert ana.username not in letter.body.replace(ana.email, "")
    assert not Note.objects.exists()


def test_a_note_from_any_campaign_comes_for_work_in_any(taken: tuple[Campaign, Person, Assignment]) -> None:
    _campaign, ana, _seat = taken
    ask_for_note(person=ana)
    assert send_notes() == 0
    world(line("2"), slug="otra")
    assert send_notes() == 1


def test_work_elsewhere_or_in_what_one_does_not_speak_brings_no_note(
    taken: tuple[Campaign, Person, Assignment],
) -> None:
    campaign, ana, _seat = taken
    ask_for_note(person=ana, campaign=campaign)
    world(line("2"), slug="otra")
    world(line("3", variety="pt-BR"), slug="terceira")
    assert (send_notes(), mail.outbox) == (0, [])


@pytest.mark.parametrize("lacks", ["address", "permission"])
def test_nobody_is_written_to_without_an_address_and_the_permission(lacks: str) -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    if lacks == "permission":
        Person.objects.update(email="ana@example.org")
    with pytest.raises(Refused) as refused:
        ask_for_note(person=ana, campaign=campaign)
    assert refused.value.code == {"address": "invalid", "permission": "consent_required"}[lacks]
    assert not Note.objects.exists()


@pytest.mark.parametrize("since", ["withdrawn", "resting", "no permission", "paused by moderators", "no address"])
def test_who_may_not_be_written_to_any_more_is_not(since: str) -> None:
    campaign = world(line("1"))
    (ana,) = reachable()
    ask_for_note(person=ana, campaign=campaign)
    if since == "withdrawn":
        withdraw(person=ana)
    elif since == "resting":
        pause(person=ana)
    elif since == "no permission":
        agree(ana)
    else:
        facts = {"paused by moderators": {"standing": "paused"}, "no address": {"email": ""}}[since]
        Person.objects.filter(pk=ana.pk).update(**facts)
    assert (send_notes(), mail.outbox) == (0, [])


def test_mail_that_fails_is_tried_again(settings: Any) -> None:
    campaign = world(line("1"))
    (ana,) = reachable()
    ask_for_note(person=ana, campaign=campaign)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send_notes() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_notes() == 1


def test_the_wish_can_be_taken_back_and_goes_with_its_person_or_with_time() -> None:
    campaign = world(line("1"))
    ana, beto, carla = reachable(3)
    for person in (ana, beto, carla):
        ask_for_note(person=person, campaign=campaign)
    assert forget_note(person=ana, campaign=campaign) is True
    assert forget_note(person=ana, campaign=campaign) is False
    erase(person=beto, contributions=True)
    assert [note.person_id for note in Note.objects.all()] == [carla.pk]
    empty_what_is_over(now=timezone.now() + dt.timedelta(days=181))
    assert not Note.objects.exists()


def test_two_wishes_of_one_person_for_one_campaign_cannot_be() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    for wish in ({"campaign": campaign}, {"campaign": None}):
        Note.objects.create(person=ana, **wish)
    with pytest.raises(IntegrityError, match="one_note_per_person_and_campaign"):
        Note.objects.create(person=ana, campaign=None)


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_send_one_note() -> None:
    campaign = world(line("1"))
    (ana,) = reachable()
    ask_for_note(person=ana, campaign=campaign)
    assert sum(at_once(*[send_notes] * 4)) == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_asking_twice_at_once_is_one_wish() -> None:
    campaign = world(line("1"))
    (ana,) = reachable()
    asked = at_once(*[partial(ask_for_note, person=ana, campaign=campaign)] * 4)
    assert [type(each) for each in asked] == [Note] * 4
    assert Note.objects.count() == 1


def test_the_button_asks_and_takes_back_and_stays_where_one_was(client: Client) -> None:
    campaign = world(line("1"), needed=1)
    ana, beto = reachable(2)
    seat_at(beto, campaign)
    client.force_login(ana)
    assert "Avisarme una vez" in client.get("/c/prueba/rate/").content.decode()
    asked = client.post("/me/note/", {"campaign": "prueba", "next": "/c/prueba/rate/"})
    assert (asked.status_code, asked["Location"]) == (302, "/c/prueba/rate/")
    assert "Llegará un aviso" in client.get("/c/prueba/rate/").content.decode()
    assert "Prueba" in client.get("/me/").content.decode()
    client.post("/me/note/", {"campaign": "prueba", "forget": "1"})
    assert not Note.objects.exists()


@pytest.mark.parametrize("form", [{"campaign": "no-hay"}, {"campaign": "a\x00b"}, {"campaign": "🌻"}])
def test_a_campaign_that_is_not_there_is_not_found(client: Client, form: dict[str, str]) -> None:
    world(line("1"))
    client.force_login(reachable()[0])
    assert client.post("/me/note/", form).status_code == 404


def test_without_the_permission_the_button_leads_to_it_and_back(client: Client) -> None:
    world(line("1"))
    (ana,) = people(1)
    Person.objects.update(email="ana@example.org")
    client.force_login(ana)
    sent = client.post("/me/note/", {"campaign": "prueba", "next": "/c/prueba/rate/"})
    assert sent["Location"].startswith("/join/consent/?")
    assert "purpose=email" in sent["Location"]
    page = client.get("/join/consent/?purpose=email&next=/me/").content.decode()
    assert '<details class="purposes" open>' in page
    assert client.get("/me/note/")["Location"] == "/me/", "where the way through the permission ends"
    assert not Note.objects.exists()
