"""What leads and stewards see and do: the effect before the setting, the first speakers by name, and taking back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.assignments.api import checked
from annotations.assignments.competence.queries import Effect, effect
from annotations.assignments.imports import load_items
from annotations.people.actions import Spoken, give_consent, speak
from annotations.people.competence.models import Confirmed, Vouch
from annotations.people.competence.queries import Counted, confirmed_tags
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person, Variety
from annotations.people.purposes import REQUIRED
from annotations.people.stewards.models import StewardsLog
from tests.assignments.competence.test_quiz import PAISA, lesson, taught
from tests.cast import NO_QUOTAS, govern, line, people, world

pytestmark = pytest.mark.django_db


def of(person: str | Person) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=person) if isinstance(person, str) else person)
    return client


def quechua() -> Person:
    rosa = volunteer("rosa", "muy-larga-y-rara", "es-PE")
    give_consent(person=rosa, purposes=dict.fromkeys([*REQUIRED, "special"], True), language="es", licence="CC-BY-4.0")
    rosa.refresh_from_db()
    speak(person=rosa, varieties=[Spoken("quz")])
    return Person.objects.get(pk=rosa.pk)


def test_before_it_is_set_one_sees_whom_it_would_ask() -> None:
    campaign = taught(asks_confirmed=False)
    world_of = [lesson("c", variety="es-CO"), line("c1", variety="es-CO")]
    load_items(campaign=campaign, lines=checked(list(enumerate(world_of, 1)), "tests"))
    people(2)
    beto = volunteer("beto", "muy-larga-y-rara", PAISA)
    Confirmed.objects.create(person=beto, variety_id=PAISA, how="lead")
    assert effect(campaign) == [Effect("es-CL", Counted(2, 0), 5), Effect("es-CO", Counted(1, 1), 1)]
    seed_people()
    url = reverse("admin:annotations_campaign_change", args=[campaign.pk])
    page = of("elisa").get(url).content.decode()
    assert "<td>es-CL</td><td>3</td><td>0</td><td>5</td>" in page, "with Ana, who speaks it too"
    form = {
        "name": "Prueba", "state": "open", "rule": "strict_majority", "lease_minutes": "20",
        "access": "open", "time_zone": "UTC",
        "practice": "5", "gold": "0",
        "drawn_from": "1", "asks_confirmed": "on", "starts_at_0": "", "starts_at_1": "", "ends_at_0": "",
        "ends_at_1": "", "anchored": "0",
    } | NO_QUOTAS  # fmt: skip
    assert of("elisa").post(url, form).status_code == 302
    campaign.refresh_from_db()
    assert campaign.asks_confirmed
    history = of("elisa").get(reverse("admin:annotations_campaign_history", args=[campaign.pk])).content.decode()
    assert "False → True" in history


def test_a_lead_names_and_takes_back_in_the_panel() -> None:
    world(line("1"))
    seed_people()
    (eva,) = people(1)
    add = reverse("admin:annotations_confirmed_add")
    form = {"username": eva.username, "variety": "es-CL", "reason": "Enseña en Talca."}
    assert of("elisa").post(add, form).status_code == 302
    row = Confirmed.objects.get()
    assert (row.person, row.how, row.confirmed_by.username) == (eva, "lead", "elisa")
    for wrong in ({"username": "nadie"}, {"variety": "es-AR"}, {"variety": "quz"}, {"reason": ""}, {}):
        assert of("elisa").post(add, form | wrong).status_code == 200
    change = reverse("admin:annotations_confirmed_change", args=[row.pk])
    assert of("carmen").get(change).status_code == 200
    assert of("carmen").post(change, {"ended_code": "mistake", "ended_reason": "x"}).status_code == 403
    assert of("carmen").get(add).status_code == 403
    assert of("elisa").post(change, {"ended_code": "mistake", "ended_reason": "Era otra Eva."}).status_code == 302
    row.refresh_from_db()
    assert (row.ended_code, row.ended_by.username, confirmed_tags(eva)) == ("mistake", "elisa", set())
    assert of("elisa").post(change, {"ended_code": "other", "ended_reason": "x"}).status_code == 403
    delete = reverse("admin:annotations_confirmed_delete", args=[row.pk])
    assert of("elisa").post(delete, {"post": "yes"}).status_code == 403


def test_a_lead_cannot_name_themselves() -> None:
    world(line("1"))
    seed_people()
    form = {"username": "elisa", "variety": "es-CO", "reason": "Soy yo."}
    answer = of("elisa").post(reverse("admin:annotations_confirmed_add"), form)
    assert answer.status_code in (200, 400)
    assert not Confirmed.objects.exists()


def test_stewards_name_and_take_back_in_their_room_and_no_lead_does() -> None:
    one, other = govern("quz")
    rosa = quechua()
    room = "/v/quz/stewards/"
    form = {"username": "rosa", "reason": "La conocemos."}
    assert of(one).post(f"{room}write/speaker/", form)["Location"] == room
    row = Confirmed.objects.get()
    assert (row.person, row.how, row.confirmed_by) == (rosa, "stewards", one)
    assert "rosa" in of(other).get(room).content.decode()
    again = of(other).post(f"{room}write/speaker/", form)
    assert again.status_code == 200
    assert again.context["form"].errors
    assert of(other).post(f"{room}write/speaker/", form | {"username": other.username}).context["form"].errors
    seed_people()
    change = reverse("admin:annotations_confirmed_change", args=[row.pk])
    assert of("elisa").post(change, {"ended_code": "other", "ended_reason": "x"}).status_code == 403
    assert of(rosa).post(f"{room}confirmed/{row.pk}/end/", {"code": "other", "reason": "x"}).status_code == 404
    end = {"code": "mistake", "reason": "Era su hermana."}
    assert of(other).post(f"{room}confirmed/{row.pk}/end/", end)["Location"] == room
    assert confirmed_tags(rosa) == set()
    acts = StewardsLog.objects.filter(about__startswith="confirmed").order_by("id").values_list("act", "about")
    assert list(acts) == [("confirm", f"confirmed {row.pk}"), ("unconfirm", f"confirmed {row.pk}")]


def test_the_room_and_the_lists_cost_the_same_however_many_there_are() -> None:
    one, _other = govern("quz")
    rosa = quechua()
    seed_people()
    lists = [reverse(f"admin:annotations_{name}_changelist") for name in ("confirmed", "vouch")]
    pages = [(of(one), "/v/quz/stewards/"), *((of("elisa"), url) for url in lists)]

    def cost() -> list[int]:
        spent = []
        for client, url in pages:
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            spent.append(len(asked))
        return spent

    Confirmed.objects.create(person=rosa, variety_id="quz", how="lead")
    Vouch.objects.create(person=rosa, speaker=one, variety_id="quz")
    before = cost()
    for person in people(5, "es-PE"):
        Confirmed.objects.create(person=person, variety_id="quz", how="lead", confirmed_by=one)
        Vouch.objects.create(person=person, speaker=one, variety_id="quz")
    assert cost() == before
    assert Variety.objects.filter(pk="quz").exists()
