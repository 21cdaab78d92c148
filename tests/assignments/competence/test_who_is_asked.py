"""A campaign that asks only people whose knowledge is confirmed: nobody else is given a seat, by any door."""

import uuid
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotations.assignments import queries
from annotations.assignments.actions import undo
from annotations.assignments.guests.actions import begin, claim, complete, next_turn
from annotations.assignments.guests.models import GuestJudgement
from annotations.assignments.guests.queries import guest_campaigns
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.assignments.notes.queries import campaigns_with_work, why_nothing, work_for
from annotations.assignments.packs.actions import take_pack
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.people.actions import Spoken, new_token, speak
from annotations.people.competence.models import Confirmed
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.seeding import load_varieties
from tests.assignments.guests.test_claims import guest_who_judged
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PAISA = "es-CO-x-paisa"


def confirm(person: Person, tag: str = "es-CL") -> Confirmed:
    return Confirmed.objects.create(person=person, variety=Variety.objects.get(pk=tag), how="lead")


def api(person: Person, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Token {new_token(person=person)}"}
    return Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


@pytest.fixture
def campaign() -> Campaign:
    return world(*(line(str(number)) for number in range(3)), asks_confirmed=True, needed=5)


# No seat but for confirmed ones -------------------------------------------------------------------------------------


def no_door_gives_a_seat(person: Person, campaign: Campaign) -> None:
    client = Client()
    client.force_login(person)
    with pytest.raises(Refused, match="competence_required"):
        next_for(person=person, campaign=campaign)
    assert next_for(person=person) is None
    with pytest.raises(Refused, match="competence_required"):
        take_pack(person=person, campaign=campaign, weigh=len)
    for page in ("/rate/", f"/c/{campaign.slug}/rate/"):
        assert client.get(page).context["seat"] is None
    told = api(person, f"campaigns/{campaign.slug}/next/")
    assert (told.status_code, told.json()["code"]) == (403, "competence_required")
    assert not Assignment.objects.exists()
    assert not work_for(person).exists()


def test_who_is_not_confirmed_is_given_no_seat_by_any_door(campaign: Campaign) -> None:
    (ana,) = people(1)
    confirm(ana, "es-AR")
    no_door_gives_a_seat(ana, campaign)


def test_without_the_check_there_would_be_one(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: what opens a confirmed variety opens all that is spoken."""
    (ana,) = people(1)
    monkeypatch.setattr(queries, "reached", lambda lineage, _confirmed: lineage)
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        no_door_gives_a_seat(ana, campaign)


def test_who_is_confirmed_works_as_everywhere(campaign: Campaign) -> None:
    (ana,) = people(1)
    confirm(ana)
    assert api(ana, "campaigns/prueba/next/").status_code == 200
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    assert Judgement.objects.get().counted
    assert list(campaigns_with_work(ana)) == [campaign]
    assert why_nothing(ana, campaign) == "more"


def test_a_pack_is_for_confirmed_ones() -> None:
    campaign = world(*(line(str(number)) for number in range(40)), asks_confirmed=True)
    (ana,) = people(1)
    confirm(ana)
    assert take_pack(person=ana, campaign=campaign, weigh=len).seats.exists()


class AnyConfirmation(TestCase):
    @settings(max_examples=15)
    @given(
        spoken=st.sets(st.sampled_from([PAISA, "es-CO", "es-CL", "es-AR"]), min_size=1),
        known=st.sets(st.sampled_from([PAISA, "es-CO", "es-419", "es-CL"])),
    )
    def test_every_seat_is_in_what_a_confirmation_of_something_spoken_opens(
        self, spoken: set[str], known: set[str]
    ) -> None:
        load_varieties()
        tags = [PAISA, "es-CO", "es-419", "es-CL", "es-AR"]
        campaign = world(*(line(tag, variety=tag) for tag in tags), asks_confirmed=True)
        ana = volunteer("ana", "muy-larga-y-rara", "es-CL")
        speak(person=ana, varieties=[Spoken(tag) for tag in spoken])
        for tag in known:
            confirm(ana, tag)
        lineage = dict(Variety.objects.values_list("tag", "lineage"))
        opened = {
            tag for tag in tags
            if any(tag in lineage[one] and any(one in lineage[own] for own in spoken) for one in known)
        }  # fmt: skip
        met = set()
        for _seat in tags:
            with suppress(Refused):
                seat = None
                seat = next_for(person=ana, campaign=campaign)
            if seat is None:
                break
            met.add(seat.cell.variety_id)
            own = lineage[seat.judge_variety_id]
            assert seat.judge_variety_id in spoken
            assert any(one in own and seat.cell.variety_id in lineage[one] for one in known), "judged as who is known"
            answer(ana, seat, {"preferred": "a"})
        assert met == opened


def test_a_confirmation_of_a_part_opens_the_whole_and_none_the_other_way() -> None:
    campaign = world(line("1", variety="es-CO"), line("2", variety=PAISA), asks_confirmed=True, needed=5)
    beto = volunteer("beto", "muy-larga-y-rara", PAISA)
    confirm(beto, PAISA)
    seat = seat_at(beto, campaign)
    assert (seat.item.variety_id, seat.judge_variety_id) == ("es-CO", PAISA)
    carla = volunteer("carla", "muy-larga-y-rara", PAISA)
    confirm(carla, "es-CO")
    answer(carla, seat_at(carla, campaign), {"preferred": "a"})
    assert next_for(person=carla, campaign=campaign) is None, "no more in it, and no refusal: something of it is hers"


def test_other_campaigns_are_open_as_always(campaign: Campaign) -> None:
    (ana,) = people(1)
    plain = world(line("x"), slug="otra")
    assert list(campaigns_with_work(ana)) == [plain]
    seat = next_for(person=ana)
    assert seat
    assert seat.item.campaign == plain


def test_where_nothing_is_asked_in_what_one_speaks_that_is_what_is_told(campaign: Campaign) -> None:
    eva = volunteer("eva", "muy-larga-y-rara", "es-AR")
    assert next_for(person=eva, campaign=campaign) is None
    assert why_nothing(eva, campaign) == "not_spoken"
    assert api(eva, "campaigns/prueba/next/").status_code == 204


# What was given stays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["the campaign begins to ask", "the confirmation ends", "it is spoken no more"])
def test_a_seat_that_was_given_may_be_answered_and_counts(change: str) -> None:
    campaign = world(line("1"), line("2"), asks_confirmed=change != "the campaign begins to ask")
    (ana,) = people(1)
    own = confirm(ana) if campaign.asks_confirmed else None
    seat = seat_at(ana, campaign)
    if own:
        Confirmed.objects.filter(pk=own.pk).update(until="2026-01-01T00:00Z", ended_code="other")
    Campaign.objects.update(asks_confirmed=True)
    campaign.refresh_from_db()
    assert seat_at(ana, campaign) == seat, "what lies on the table is shown"
    key = uuid.uuid4()
    assert answer(ana, seat, {"preferred": "a"}, key).judgement.counted
    undo(person=ana, key=key)
    assert answer(ana, seat, {"preferred": "b"}).judgement.counted, "taking it back and saying it anew is no new seat"
    with pytest.raises(Refused, match="competence_required"):
        next_for(person=ana, campaign=campaign)


# Guests -------------------------------------------------------------------------------------------------------------


def test_it_takes_no_guests(campaign: Campaign) -> None:
    assert not guest_campaigns(campaign).exists()
    guest = begin(guest=None, variety="es-CL", adult=True, language="es")
    assert next_turn(guest=guest) is None
    with pytest.raises(Refused, match="not_open"):
        next_turn(guest=guest, campaign=campaign)
    page = Client().get("/c/prueba/")
    assert "/try/" not in page.content.decode()


def test_what_a_guest_answered_before_is_not_claimed_while_it_asks() -> None:
    campaign = world(line("1"), line("2"))
    guest = guest_who_judged(2)
    Campaign.objects.update(asks_confirmed=True)
    (ana,) = people(1)
    confirm(ana)
    assert claim(person=ana, guest_id=guest.pk) == 0
    assert (Judgement.objects.count(), GuestJudgement.objects.count()) == (0, 2)
    Campaign.objects.update(asks_confirmed=False)
    assert complete(person=ana) == 2
    assert set(Judgement.objects.values_list("campaign", flat=True)) == {campaign.pk}


# Why there is nothing -----------------------------------------------------------------------------------------------


def test_the_empty_table_says_why_and_leads_to_the_page(campaign: Campaign) -> None:
    (ana,) = people(1)
    client = Client()
    client.force_login(ana)
    assert why_nothing(ana, campaign) == why_nothing(ana) == "unconfirmed"
    page = client.get("/c/prueba/rate/")
    assert page.status_code == 200
    assert "/me/confirmed/" in page.content.decode()
    Cell.objects.update(done=5, settled_at="2026-01-01T00:00Z")
    assert why_nothing(ana, campaign) == "all_done", "nobody is sent to be confirmed for what is done"


def test_an_answer_that_asks_for_the_next_turn_is_kept_though_there_is_none(campaign: Campaign) -> None:
    (ana,) = people(1)
    own = confirm(ana)
    seat = seat_at(ana, campaign)
    Confirmed.objects.filter(pk=own.pk).update(until="2026-01-01T00:00Z", ended_code="other")
    headers = {"Authorization": f"Token {new_token(person=ana)}"}
    body = {"assignment": str(seat.pk), "answer": {"preferred": "a"}}
    put = Client().put(f"/api/v1/judgements/{uuid.uuid4()}/?next=1", body, "application/json", headers=headers)
    assert (put.status_code, put.json()["next"]) == (201, None)


# What it costs ------------------------------------------------------------------------------------------------------


def questions(person: Person, campaign: Campaign | None = None) -> list[str]:
    Assignment.objects.filter(person=person).delete()
    Cell.objects.update(held=0)
    with CaptureQueriesContext(connection) as asked:
        next_for(person=person, campaign=campaign)
    return [each["sql"] for each in asked]


def test_plain_campaigns_are_asked_nothing_about_it(campaign: Campaign) -> None:
    (ana,) = people(1)
    confirm(ana)
    plain = world(*(line(f"x{number}") for number in range(3)), slug="otra")
    for asking in (None, plain):
        if asking is None:
            Campaign.objects.update(asks_confirmed=False)
        asked = questions(ana, asking)
        assert not [sql for sql in asked if "annotations_confirmed" in sql or "row_number" in sql.lower()]
    before = len(questions(ana))
    Campaign.objects.filter(pk=campaign.pk).update(asks_confirmed=True)
    assert len(questions(ana)) <= before + 2
