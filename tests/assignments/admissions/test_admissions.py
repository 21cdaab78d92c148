"""A campaign by invitation is worked in by those who were let in, by its link or by name, and stands on no list."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from annotations.assignments.admissions import queries
from annotations.assignments.admissions.actions import MOST_AT_ONCE, admit, end_admissions, enter, renew_link
from annotations.assignments.admissions.models import Admission
from annotations.assignments.guests.queries import guest_campaigns
from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.notes.queries import campaigns_with_work, why_nothing
from annotations.assignments.packs.actions import take_pack
from annotations.assignments.queries import judge_varieties
from annotations.assignments.seats import next_for
from annotations.community.queries import my_campaigns
from annotations.errors import Refused
from annotations.moderation.audit.models import Change
from annotations.moderation.campaigns.checks import checks_of
from annotations.moderation.campaigns.forecast import forecast
from annotations.people.actions import new_token
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
KEY = "clave-de-prueba"


def private(access: str = "link", **facts: object) -> Campaign:
    return world(line("1"), line("2"), access=access, link=KEY, **facts)


@pytest.fixture
def elisa(seeds: None) -> Person:
    seed_people()
    return Person.objects.get(username="elisa")


def refused(code: str, **how: object) -> bool:
    with pytest.raises(Refused) as told:
        next_for(**how)  # type: ignore[arg-type]
    return told.value.code == code


# Who may work --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("access", ["link", "list"])
def test_who_was_not_let_in_gets_nothing_of_it_anywhere(seeds: None, access: str) -> None:
    campaign = private(access)
    [ana] = people(1)
    assert refused("not_invited", person=ana, campaign=campaign)
    assert next_for(person=ana) is None, "nor without naming it"
    assert why_nothing(ana, campaign) == "not_invited"
    assert why_nothing(ana) == "none_open"
    assert not campaigns_with_work(ana).exists()
    assert my_campaigns(ana, judge_varieties(ana)) == []
    with pytest.raises(Refused) as told:
        take_pack(person=ana, campaign=campaign, weigh=len)
    assert told.value.code == "not_invited"
    assert client_of(ana).get("/c/prueba/rate/").status_code == 200, "the table says why"
    answered = Client(headers={"Authorization": f"Token {new_token(person=ana)}"}).post(
        "/api/v1/campaigns/prueba/next/", {}, "application/json"
    )
    assert (answered.status_code, answered.json()["code"]) == (403, "not_invited")


def test_one_that_is_for_everybody_asks_nobody_for_an_invitation(seeds: None) -> None:
    campaign = world(line("1"))
    [ana] = people(1)
    assert seat_at(ana, campaign)
    assert why_nothing(ana, campaign) != "not_invited"


def test_by_its_link_one_takes_part_and_finds_it_on_one_s_own_page(seeds: None) -> None:
    campaign = private()
    [ana] = people(1)
    client = client_of(ana)
    page = client.get(f"/c/prueba/enter/{KEY}/")
    assert page.status_code == 200
    assert not Admission.objects.exists(), "looking lets nobody in"
    assert client.post(f"/c/prueba/enter/{KEY}/")["Location"] == "/c/prueba/rate/"
    assert client.post(f"/c/prueba/enter/{KEY}/").status_code == 302, "twice is once"
    assert Admission.objects.get().by is None
    assert seat_at(ana, campaign).item.campaign == campaign
    assert next_for(person=ana) is not None
    assert [each.campaign for each in my_campaigns(ana, judge_varieties(ana))] == [campaign]
    assert Change.objects.filter(what=Change.What.ADMISSION).count() == 1, "the database keeps that they came"


@pytest.mark.parametrize("key", ["otra", KEY + "x", KEY[:-1], "ñandú"])
def test_another_link_opens_nothing(seeds: None, key: str) -> None:
    campaign = private()
    [ana] = people(1)
    for client in (Client(), client_of(ana)):
        assert client.get(f"/c/prueba/enter/{key}/").status_code == 404
        assert client.post(f"/c/prueba/enter/{key}/").status_code == 404
    with pytest.raises(Refused, match="not_found"):
        enter(person=ana, campaign=campaign, key=key)
    assert not Admission.objects.exists()


@pytest.mark.parametrize(("access", "link"), [("open", KEY), ("list", KEY), ("link", "")])
def test_only_a_campaign_by_link_has_one(seeds: None, access: str, link: str) -> None:
    campaign = world(line("1"), access=access, link=link)
    [ana] = people(1)
    assert client_of(ana).post(f"/c/prueba/enter/{KEY}/").status_code == 404
    with pytest.raises(Refused, match="not_found"):
        enter(person=ana, campaign=campaign, key=link)


def test_who_has_no_account_is_shown_to_the_door_and_comes_back(seeds: None) -> None:
    private()
    page = Client().get(f"/c/prueba/enter/{KEY}/")
    assert f"/join/?next=/c/prueba/enter/{KEY}/" in page.content.decode()
    assert Client().post(f"/c/prueba/enter/{KEY}/").status_code == 200
    assert not Admission.objects.exists()


def test_it_stands_on_no_list_and_takes_no_guests(seeds: None) -> None:
    campaign = private()
    assert campaign.name not in Client().get("/").content.decode()
    assert not guest_campaigns().exists()
    assert not campaign.may_be_tried
    assert Client().get("/c/prueba/try/start/").status_code == 409
    page = Client().get("/c/prueba/").content.decode()
    assert "invitación" in page
    assert KEY not in page
    assert "/join/" not in page


# Letting in, and no more ---------------------------------------------------------------------------------------------


def test_a_lead_lets_in_by_name_all_or_none(elisa: Person) -> None:
    campaign = private("list")
    ana = volunteer("ana-maría", "muy-larga-y-rara", "es-CL")
    bruno = volunteer("bruno-2", "muy-larga-y-rara", "es-CL")
    with pytest.raises(Refused) as told:
        admit(by=elisa, campaign=campaign, names=["ana-maría", "nadie", "bruno-2"])
    assert told.value.errors == {"names": ["nadie"]}
    assert not Admission.objects.exists()
    admit(by=elisa, campaign=campaign, names=["ANA-MARÍA", "bruno-2"])
    assert {each.person for each in queries.admitted(campaign)} == {ana, bruno}
    assert seat_at(ana, campaign)


def test_who_takes_part_no_more_gets_no_seat_and_what_they_had_is_welcome(elisa: Person) -> None:
    campaign = private()
    [ana] = people(1)
    enter(person=ana, campaign=campaign, key=KEY)
    seat = seat_at(ana, campaign)
    assert end_admissions(by=elisa, campaign=campaign, admissions=[Admission.objects.get().pk]) == 1
    assert refused("not_invited", person=ana, campaign=campaign)
    assert answer(ana, seat, {"preferred": "a", "strength": 1}).is_new
    assert Judgement.objects.get().counted
    with pytest.raises(Refused, match="not_invited"):
        enter(person=ana, campaign=campaign, key=KEY)
    admit(by=elisa, campaign=campaign, names=[ana.username])
    assert seat_at(ana, campaign), "a lead lets them in again"


def test_a_new_link_closes_the_old_one_and_who_came_stays(elisa: Person) -> None:
    campaign = private()
    ana, bea = people(2)
    enter(person=ana, campaign=campaign, key=KEY)
    new = renew_link(by=elisa, campaign=campaign)
    with pytest.raises(Refused, match="not_found"):
        enter(person=bea, campaign=campaign, key=KEY)
    assert enter(person=bea, campaign=campaign, key=new)
    assert seat_at(ana, campaign)


@pytest.mark.parametrize("what", ["admit", "end", "link"])
def test_only_who_leads_campaigns_decides_it(seeds: None, what: str) -> None:
    campaign = private()
    [ana] = people(1)
    acts = {
        "admit": lambda: admit(by=ana, campaign=campaign, names=[ana.username]),
        "end": lambda: end_admissions(by=ana, campaign=campaign, admissions=[1]),
        "link": lambda: renew_link(by=ana, campaign=campaign),
    }
    with pytest.raises(Refused, match="forbidden"):
        acts[what]()


# The lead's page -----------------------------------------------------------------------------------------------------


def test_the_page_of_who_takes_part_lets_in_ends_and_renews(elisa: Person) -> None:
    campaign = private()
    [ana] = people(1)
    client, page = client_of(elisa), f"/admin/annotations/campaign/{campaign.pk}/people/"
    assert KEY in client.get(page).content.decode()
    wrong = client.post(page, {"names": f"{ana.username}\nnadie\n"})
    assert wrong.status_code == 400
    assert "nadie" in wrong.content.decode()
    assert not Admission.objects.exists()
    assert client.post(page, {"names": f" {ana.username} \n\n"}).status_code == 302
    admission = Admission.objects.get()
    assert (admission.person, admission.by) == (ana, elisa)
    assert client.post(page, {"end": [str(admission.pk), "x", "²"]}).status_code == 302
    assert Admission.objects.get().until is not None
    assert client.post(page, {"link": "1"}).status_code == 302
    assert KEY not in client.get(page).content.decode()
    assert client.post(page, {}).status_code == 200, "nothing was asked"


def test_who_only_looks_at_campaigns_sees_no_link(elisa: Person) -> None:
    campaign = private()
    page = f"/admin/annotations/campaign/{campaign.pk}/people/"
    assert client_of(Person.objects.get(username="carmen")).get(page).status_code == 403


def test_many_are_listed_with_as_many_questions_as_one(elisa: Person) -> None:
    campaign = private()
    client, page = client_of(elisa), f"/admin/annotations/campaign/{campaign.pk}/people/"
    several = [volunteer(f"p-{each}", "muy-larga-y-rara", "es-CL") for each in range(12)]
    admit(by=elisa, campaign=campaign, names=[several[0].username])
    client.get(page)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(page)
    admit(by=elisa, campaign=campaign, names=[each.username for each in several])
    with CaptureQueriesContext(connection) as many:
        assert client.get(page).content.decode().count('name="end"') == 12
    assert len(many) == len(one)


def test_its_forecast_counts_those_who_were_let_in(elisa: Person) -> None:
    campaign = private("list", needed=1)
    ana, _bea = people(2)
    with translation.override("en"):
        assert "It is by invitation, and nobody was let in yet." in [each.words for each in checks_of(campaign, [])]
    assert [each.speakers for each in forecast(campaign)] == [0]
    admit(by=elisa, campaign=campaign, names=[ana.username])
    assert [each.speakers for each in forecast(campaign)] == [1]


def test_too_many_at_a_time_are_refused_and_nobody_is_let_in(elisa: Person) -> None:
    with pytest.raises(Refused, match="invalid"):
        admit(by=elisa, campaign=private("list"), names=[f"persona-{number}" for number in range(MOST_AT_ONCE + 1)])
    assert not Admission.objects.exists()


def test_an_admission_names_nobody_but_by_number(elisa: Person) -> None:
    campaign, (ana,) = private("list"), people(1)
    (row,) = admit(by=elisa, campaign=campaign, names=[ana.username])
    assert str(row) == f"{ana.pk}: {campaign.pk}"
