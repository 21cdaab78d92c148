"""The page of one's pack, and what the phone fetches: whole, light, one's own, and public where it can be kept."""

import gzip
import json
from functools import partial
from pathlib import Path

import pytest
from django.test import Client

from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.assignments.packs.models import MOST_BYTES, Pack
from annotations.assignments.packs.views import _weigh
from annotations.people.actions import withdraw
from annotations.people.models import Person
from tests.cast import people, world

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parents[3] / "annotations/corpus/seeds/demo"
ITEMS = [json.loads(row) for row in (HERE / "items.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def campaign() -> Campaign:
    """The questions and answers of the demo community, as if one person spoke all of it."""
    return world(*({**item, "variety": "es-CL"} for item in ITEMS), needed=5)


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


@pytest.fixture
def client(ana: Person) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def test_fifty_typical_items_weigh_less_than_100_kb_on_their_way(client: Client, ana: Person) -> None:
    assert client.post("/pack/", {"campaign": "prueba"})["Location"] == "/pack/"
    answer = client.get("/pack/turns/", headers={"Accept-Encoding": "gzip"})
    pack = Pack.objects.get()
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) <= pack.weight <= MOST_BYTES
    turns = json.loads(gzip.decompress(answer.content))["turns"]
    assert len(turns) == 50
    assert pack.weight == pytest.approx(_weigh(ana, list(pack.seats.all())), rel=0.1)


def test_a_turn_is_the_tables_own_and_carries_no_token_and_no_model(client: Client) -> None:
    client.post("/pack/", {"campaign": "prueba"})
    told = client.get("/pack/turns/").json()
    first = told["turns"][0]["html"]
    seat = Assignment.objects.get(pk=told["turns"][0]["assignment"])
    table = client.get(f"/rate/?seat={seat.pk}").content.decode()
    asked = first[first.index('<div class="asked">') : first.index("</h1>")]
    assert asked in table
    assert 'action="/c/prueba/rate/send/"' in first
    for absent in (
        "csrfmiddlewaretoken",
        "hx-post",
        *{output["model"] for item in ITEMS for output in item["outputs"]},
        "/restricted/",
        "data-draft",
    ):
        assert absent not in first


def test_an_answer_out_of_a_pack_is_received_as_one_given_offline(client: Client, ana: Person) -> None:
    client.post("/pack/", {"campaign": "prueba"})
    told = client.get("/pack/turns/").json()
    facts = {"assignment": told["turns"][0]["assignment"], "key": "0f0f0f0f-0000-4000-8000-000000000001",
             "choice": "both_good", "offline": "on", "client_at": "2026-11-27T10:00:00Z", "anyway": "on",
             "place": told["place"]}  # fmt: skip
    send = partial(client.post, "/c/prueba/rate/send/", facts, headers={"Accept": "application/json"})
    assert [send().status_code, send().status_code] == [201, 200]
    judgement = Judgement.objects.get()
    assert (judgement.channel, judgement.counted, judgement.late) == ("offline", True, False)
    state = client.get("/pack/state/").json()
    assert len(state["seats"]) == 49
    assert (state["place"], state["note"]) == (told["place"], "")


def test_the_phone_is_told_to_hold_nothing_by_whom_nobody_knows(campaign: Campaign) -> None:
    assert Client().get("/pack/state/").json() == {"place": ""}
    assert Client().get("/pack/turns/").status_code == 302


def test_the_page_says_what_is_carried_and_takes_it_back(client: Client) -> None:
    assert "Llevar 50" in client.get("/pack/").content.decode()
    client.post("/pack/", {"campaign": "prueba"})
    page = client.get("/pack/").content.decode()
    assert "50 tareas por hacer" in page
    assert "KB de datos" in page
    again = client.post("/pack/", {"campaign": "prueba"})
    assert (again.status_code, "Ya hay un paquete" in again.content.decode()) == (409, True)
    client.post("/pack/", {"back": "1"})
    assert client.get("/pack/turns/").json()["turns"] == []
    assert "Llevar 50" in client.get("/pack/").content.decode()


def test_without_consent_the_button_leads_to_it(campaign: Campaign) -> None:
    (ana,) = people(1)
    withdraw(person=ana)
    client = Client()
    client.force_login(ana)
    assert client.post("/pack/", {"campaign": "prueba"})["Location"].startswith("/join/consent/")


@pytest.mark.parametrize("slug", ["no-hay", "a\x00b", ""])
def test_a_campaign_that_is_not_there_is_not_found(client: Client, slug: str) -> None:
    assert client.post("/pack/", {"campaign": slug}).status_code == 404


@pytest.mark.parametrize("path", ["/pack/away/", "/sw.js", "/manifest.webmanifest"])
def test_what_the_browser_keeps_is_the_same_for_everybody(client: Client, path: str) -> None:
    mine, anybody = client.get(path), Client().get(path)
    assert mine.content == anybody.content
    assert (mine["Cache-Control"], mine.cookies) == ("no-cache", {})


def test_the_worker_names_what_it_keeps_and_every_file_is_there(db: None) -> None:
    text = Client().get("/sw.js").content.decode()
    kept = json.loads(text.removeprefix("const KEPT = ").partition(";\n")[0])
    assert kept == {"page": "/pack/away/", "files": [
        "/static/house.css", "/static/table.js", "/static/pack.js", "/static/translate.js",
        "/static/write.js", "/static/mark.svg",
    ]}  # fmt: skip
    page = Client().get("/pack/away/").content.decode()
    linked = [part.partition('"')[0] for part in page.split('"/static/')[1:]]
    assert {f"/static/{name}" for name in linked} <= set(kept["files"])
