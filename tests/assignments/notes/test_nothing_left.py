"""An empty table says why it is empty, and where there is work."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.notes.models import Note
from annotations.assignments.notes.queries import (
    campaigns_with_work,
    note_of,
    nothing_left,
    why_nothing,
    work_for,
)
from annotations.assignments.seats import expire_seats, give_back
from annotations.people.actions import Spoken, give_consent, speak
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from tests.cast import answer, govern, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def judge_one(person: Person, campaign: Campaign) -> None:
    answer(person, seat_at(person, campaign), {"preferred": "tie"})


def another(campaign: Campaign, slug: str, *, name: str = "Otra", variety: str = "es-CL", **facts: Any) -> Campaign:
    """A second campaign beside a first."""
    row = world(line(f"de-{slug}", variety=variety), slug=slug, **facts)
    Campaign.objects.filter(pk=row.pk).update(name=name)
    return Campaign.objects.get(pk=row.pk)


def test_everything_done_is_said_so() -> None:
    campaign = world(line("1"), needed=1)
    ana, beto = people(2)
    judge_one(beto, campaign)
    assert why_nothing(ana, campaign) == "all_done"
    assert why_nothing(ana) == "all_done"


def test_what_others_hold_may_come_back() -> None:
    campaign = world(line("1"), needed=1)
    ana, beto = people(2)
    seat = seat_at(beto, campaign)
    assert why_nothing(ana, campaign) == "with_others"
    give_back(person=beto, assignment_id=seat.pk)
    assert why_nothing(ana, campaign) == "more"
    Assignment.objects.filter(pk=seat_at(beto, campaign).pk).update(expires_at="2020-01-01T00:00Z")
    assert why_nothing(ana, campaign) == "with_others"
    expire_seats()
    assert why_nothing(ana, campaign) == "more"


def test_who_answered_all_they_may_is_told_that_others_are_needed() -> None:
    campaign = world(line("1"), line("2"), needed=3)
    (ana,) = people(1)
    judge_one(ana, campaign)
    assert why_nothing(ana, campaign) == "more"
    judge_one(ana, campaign)
    assert why_nothing(ana, campaign) == "all_mine"


def test_a_campaign_in_what_one_does_not_speak_says_so() -> None:
    campaign = world(line("1"))
    (bruno,) = people(1, "pt-BR")
    assert why_nothing(bruno, campaign) == "not_spoken"
    speak(person=bruno, varieties=[Spoken("es-CL-x-chiloe")])
    assert why_nothing(bruno, campaign) == "more", "an ancestor of what one speaks is one's own"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"state": "paused"}, "paused"),
        ({"state": "closed"}, "ended"),
        ({"ends_at": dt.timedelta(days=-1)}, "ended"),
        ({"starts_at": dt.timedelta(days=1)}, "not_started"),
        ({"starts_at": dt.timedelta(days=1), "state": "paused"}, "paused"),
        ({"starts_at": dt.timedelta(days=-1), "ends_at": dt.timedelta(days=1)}, "more"),
    ],
)
def test_a_campaign_that_takes_no_answers_says_which_way(facts: dict[str, Any], why: str) -> None:
    now = timezone.now()
    facts = {name: now + each if isinstance(each, dt.timedelta) else each for name, each in facts.items()}
    campaign = world(line("1"), **facts)
    (ana,) = people(1)
    assert why_nothing(ana, campaign) == why


def test_without_any_open_campaign_that_is_the_reason() -> None:
    world(line("1"), state="closed")
    (ana,) = people(1)
    assert why_nothing(ana) == "none_open"


def test_what_is_held_back_hidden_or_governed_is_no_work() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    assert work_for(ana).count() == 1
    Cell.objects.update(held_back="endpoint_error")
    assert (work_for(ana).count(), why_nothing(ana, campaign)) == (0, "not_spoken")


def test_a_closed_variety_offers_nothing() -> None:
    govern("quz", takes_contributions=True)
    campaign = world(line("1", variety="quz"))
    (ana,) = people(1)
    given = dict.fromkeys([*REQUIRED, "special"], True)
    give_consent(person=ana, purposes=given, language="es", licence="CC-BY-4.0")
    speak(person=Person.objects.get(pk=ana.pk), varieties=[Spoken("quz")])
    ana = Person.objects.get(pk=ana.pk)
    assert why_nothing(ana, campaign) == "more"
    give_consent(person=ana, purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC-BY-4.0")
    assert why_nothing(Person.objects.get(pk=ana.pk), campaign) == "not_spoken", "its language may show origin"


def test_siblings_have_work_for_this_person_now() -> None:
    here = world(line("1"), needed=1)
    another(here, "con-trabajo", name="Con trabajo")
    another(here, "en-portugues", variety="pt-BR")
    another(here, "cerrada", state="closed")
    another(here, "hecha", needed=1)
    ana, beto = people(2)
    judge_one(beto, here)
    judge_one(beto, Campaign.objects.get(slug="hecha"))
    left = nothing_left(ana, here)
    assert (left.why, [each.slug for each in left.siblings]) == ("all_done", ["con-trabajo"])
    assert [each.slug for each in campaigns_with_work(ana)] == ["con-trabajo"]


def test_the_empty_table_says_why_and_leads_on(client: Client) -> None:
    here = world(line("1"), needed=1)
    another(here, "otra", name="Palabras del norte")
    ana, beto = people(2)
    judge_one(beto, here)
    client.force_login(ana)
    page = client.get("/c/prueba/rate/").content.decode()
    assert "Todo está hecho aquí." in page
    assert '<a class="said" href="/c/otra/rate/">Palabras del norte</a>' in page
    assert "/join/varieties/?next=/c/prueba/rate/" in page
    Campaign.objects.filter(pk=here.pk).update(state="paused")
    answer_ = client.get("/c/prueba/rate/")
    assert (answer_.status_code, answer_.context["nothing"].why) == (200, "paused")
    assert "Esta campaña está en pausa." in answer_.content.decode()


def test_a_note_is_never_offered_where_nothing_will_come() -> None:
    campaign = world(line("1"), state="closed")
    (ana,) = people(1)
    Person.objects.filter(pk=ana.pk).update(email="ana@example.org")
    assert nothing_left(Person.objects.get(pk=ana.pk), campaign).note == "never"


def test_what_stands_between_a_person_and_a_note_is_said() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    assert note_of(ana, campaign) == "needs_address"
    ana.email = "ana@example.org"
    assert note_of(ana, campaign) == "needs_permission"
    given = dict.fromkeys([*REQUIRED, "email"], True)
    give_consent(person=ana, purposes=given, language="es", licence="CC-BY-4.0")
    ana = Person.objects.get(pk=ana.pk)
    ana.email = "ana@example.org"
    assert note_of(ana, campaign) == "open"
    Note.objects.create(person=ana, campaign=campaign)
    assert (note_of(ana, campaign), note_of(ana, None)) == ("asked", "open")


def test_why_costs_few_questions_however_many_campaigns(django_assert_max_num_queries: Any) -> None:
    here = world(line("1"), needed=1)
    for number in range(6):
        another(here, f"otra-{number}")
    ana, beto = people(2)
    judge_one(beto, here)
    with django_assert_max_num_queries(12):
        nothing_left(ana, here)
    with django_assert_max_num_queries(12):
        nothing_left(ana)
