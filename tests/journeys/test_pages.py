"""Ana's first minutes in a plain browser without JavaScript: join, varieties, consent, vote, undo, her own page."""

import re
import uuid

import pytest
from django.test import Client

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Cell, Draft, Judgement
from annotations.people.accounts import kept
from annotations.people.actions import new_token
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from tests.cast import joins

pytestmark = pytest.mark.django_db


def item(number: int, outputs: int = 2) -> dict:
    texts = ["Un completo, po.", "Un perrito caliente.", "No sé."][:outputs]
    return {
        "id": f"i{number}", "variety": "es-CL", "prompt": f"¿Qué como hoy? {number}", "licence": "CC0-1.0",
        "outputs": [{"model": f"modelo-secreto-{place}", "text": text} for place, text in enumerate(texts)],
    }  # fmt: skip


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    row = Campaign.objects.create(slug="prueba", name="Prueba")
    report = load_items(campaign=row, lines=checked([(n, item(n)) for n in (1, 2, 3)], "test"))
    assert (report.added, report.refused) == (3, [])
    return row


def vote_of(page: str, choice: str) -> dict[str, str]:
    hidden = dict(re.findall(r'name="(assignment|key)" value="([^"]+)"', page))
    return hidden | {"choice": choice}


def test_ana_joins_votes_and_takes_it_back(campaign: Campaign) -> None:
    ana = Client()
    password = "muy-larga-y-rara"
    to_table = "/c/prueba/rate/"
    step = joins(ana, password=password, next=to_table)
    assert step["Location"].startswith("/account/codes/")
    shown = ana.post(step["Location"]).content.decode()
    assert len(re.findall(r"<li><code>[A-Z2-9-]{14}</code>", shown)) == 8
    step = ana.get(step["Location"]).context["next"]
    assert step.startswith("/join/varieties/")
    step = ana.post(step, {"varieties": ["es-CL"], "how": "grew_up", "next": to_table})
    assert step["Location"].startswith("/join/consent/")
    step = ana.post(step["Location"], dict.fromkeys(REQUIRED, "on") | {"next": to_table})
    assert step["Location"] == to_table

    first = ana.get(to_table).content.decode()
    assert "modelo-secreto" not in first
    vote = vote_of(first, "both_bad")
    assert ana.post(f"{to_table}send/", vote)["Location"] == to_table
    assert ana.post(f"{to_table}send/", vote).status_code == 302, "a nervous thumb is one vote"
    judgement = Judgement.objects.get()
    assert (judgement.vote.outcome, judgement.counted, judgement.channel) == ("both_bad", True, "web")

    second = ana.get(to_table).content.decode()
    assert vote_of(second, "")["assignment"] != vote["assignment"]
    ana.post(f"{to_table}undo/")
    judgement.refresh_from_db()
    assert judgement.undone_at
    assert vote_of(ana.get(to_table).content.decode(), "")["assignment"] == vote["assignment"]
    assert ana.get("/me/").status_code == 200


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize(
    "path",
    ["/", "/c/prueba/", "/terms/", "/conduct/", "/privacy/", "/guidelines/vote/", "/releases/", "/join/", "/login/"],
)
def test_public_pages_open_in_three_languages(campaign: Campaign, path: str, language: str) -> None:
    visitor = Client()
    visitor.cookies["django_language"] = language
    response = visitor.get(path)
    assert response.status_code == 200
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(
        r"<script(?![^>]*src=)|style=|https?://", response.content.decode().replace("http://testserver", "")
    )


def test_nothing_is_kept_without_consent(campaign: Campaign) -> None:
    person = volunteer("ana", "muy-larga-y-rara", "es-CL")
    api = Client(headers={"Authorization": f"Token {new_token(person=person)}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", content_type="application/json").json()
    Person.objects.filter(pk=person.pk).update(consent=None)
    answer = api.put(
        f"/api/v1/judgements/{uuid.uuid4()}/",
        {"assignment": turn["assignment"], "answer": {"preferred": "a"}}, content_type="application/json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")
    assert Judgement.objects.count() == 0


def test_the_api_says_no_with_stable_codes(campaign: Campaign) -> None:
    def client(name: str) -> Client:
        return Client(headers={"Authorization": f"Token {new_token(person=volunteer(name, 'muy-larga', 'es-CL'))}"})

    ana, bruno = client("ana"), client("bruno")
    turn = ana.post("/api/v1/campaigns/prueba/next/", content_type="application/json").json()
    assert [output["key"] for output in turn["item"]["outputs"]] == ["a", "b"]
    assert (
        ana.post("/api/v1/campaigns/prueba/next/", content_type="application/json").json()["assignment"]
        == turn["assignment"]
    )
    key = uuid.uuid4()

    def put(who: Client, key: object, **body: object) -> tuple[int, str]:
        answer = who.put(f"/api/v1/judgements/{key}/", body, content_type="application/json")
        return answer.status_code, answer.json().get("code", "")

    good = {"assignment": turn["assignment"], "answer": {"preferred": "a", "strength": 2}, "seconds": 14.2}
    assert put(bruno, key, **good) == (404, "not_found")
    assert put(ana, key, **good, surprise=1) == (400, "invalid")
    assert put(ana, key, assignment=turn["assignment"], answer={"preferred": "z"}) == (400, "invalid")
    assert put(ana, key, assignment=turn["assignment"], answer={"preferred": "tie", "strength": 1}) == (400, "invalid")
    assert Judgement.objects.count() == 0
    assert put(ana, key, **good) == (201, "")
    assert put(ana, key, **good) == (200, "")
    assert put(ana, key, assignment=turn["assignment"], answer={"preferred": "b"}) == (409, "key_reused")
    assert put(ana, uuid.uuid4(), **good) == (409, "already_judged")
    assert Judgement.objects.count() == 1
    second = ana.post("/api/v1/campaigns/prueba/next/", content_type="application/json").json()
    Campaign.objects.update(state="paused")
    kept = ana.put(
        f"/api/v1/judgements/{uuid.uuid4()}/?next=1",
        {"assignment": second["assignment"], "answer": {"preferred": "tie"}}, content_type="application/json",
    )  # fmt: skip
    assert (kept.status_code, kept.json()["next"]) == (201, None), "what is kept is no error, paused or not"


def test_a_late_answer_counts_while_there_is_room_and_is_kept_afterwards(campaign: Campaign) -> None:
    from annotations.assignments.actions import Submission, submit
    from annotations.assignments.seats import expire_seats, next_for

    people = [volunteer(f"p{n}", "muy-larga", "es-CL") for n in range(4)]
    late = next_for(person=people[0], campaign=campaign)
    assert late is not None
    Assignment.objects.filter(pk=late.pk).update(expires_at="2020-01-01T00:00Z")
    assert expire_seats() == 1
    seats = [next_for(person=person, campaign=campaign) for person in people[1:]]
    assert {seat.cell_id for seat in seats if seat} == {late.cell_id}
    for person, seat in zip([people[0], *people[1:]], [late, *seats], strict=True):
        submit(person=person, submission=Submission(uuid.uuid4(), seat.pk), answer={"preferred": "a"})
    cell = Cell.objects.get(pk=late.cell_id)
    assert (cell.held, cell.done, cell.needed) == (0, 3, 3)
    facts = list(Judgement.objects.order_by("id").values_list("counted", "late", "not_counted"))
    assert facts == [(True, True, ""), (True, False, ""), (True, False, ""), (False, True, "settled")]


def test_how_one_came_to_a_variety_and_how_well_is_kept(seeds: None) -> None:
    ana = Client()
    ana.force_login(person := Person.objects.create_user("ana", "muy-larga-y-rara"))
    said = {"varieties": ["es-CL", "es-PE"], "how": "learned", "command": "1"}
    assert ana.post("/join/varieties/", said).status_code == 302
    assert set(person.spoken.values_list("variety", "how", "command")) == {
        ("es-CL", "learned", 1), ("es-PE", "learned", 1)
    }  # fmt: skip
    assert ana.post("/join/varieties/", said | {"command": "9"}).status_code == 200


@pytest.mark.parametrize(("language", "first"), [("pt-br", "pt-BR"), ("es", "es-AR")])
def test_who_reads_in_a_language_finds_its_varieties_first(language: str, first: str, seeds: None) -> None:
    ana = Client()
    ana.force_login(Person.objects.create_user("ana"))
    ana.cookies["django_language"] = language
    page = ana.get("/join/varieties/").content.decode()
    assert re.search(r'name="varieties"[^>]*value="([^"]+)"', page)[1] == first


def test_a_search_keeps_what_is_ticked(seeds: None) -> None:
    ana = Client()
    ana.force_login(Person.objects.create_user("ana", "muy-larga-y-rara"))
    page = ana.post("/join/varieties/", {"varieties": ["es-CL"], "q": "chilo", "look": "1"}).content.decode()
    assert re.search(r'value="es-CL" checked', page)
    assert 'value="es-CL-x-chiloe"' in page
    assert 'value="es-MX"' not in page


@pytest.mark.parametrize("path", ["/rate/send/", "/rate/undo/", "/c/prueba/rate/send/"])
def test_whoever_comes_back_to_where_a_vote_is_sent_sees_the_table(campaign: Campaign, path: str) -> None:
    ana = Client()
    ana.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    assert ana.get(path)["Location"].endswith("/rate/")


# A session that ends -------------------------------------------------------------------------------------------------


@pytest.fixture
def at_the_table(campaign: Campaign) -> tuple[Client, dict[str, str]]:
    """Ana's browser with a pair on the screen, whose session has just run out."""
    volunteer("ana", "muy-larga-y-rara", "es-CL")
    ana = Client()
    ana.post("/login/", {"login": "ana", "password": "muy-larga-y-rara"})
    vote = vote_of(ana.get("/c/prueba/rate/").content.decode(), "tie")
    ana.cookies.clear()
    return ana, vote


def test_a_draft_saved_after_the_session_ended_is_a_draft_after_log_in_and_no_answer(
    at_the_table: tuple[Client, dict[str, str]],
) -> None:
    ana, vote = at_the_table
    door = ana.post("/c/prueba/rate/draft/", vote | {"reason": "Porque…"})
    assert door["Location"] == "/login/?next=/c/prueba/rate/draft/"
    ana.post("/login/", {"login": "ana", "password": "muy-larga-y-rara"})
    assert "Porque…" in ana.get("/c/prueba/rate/draft/", follow=True).content.decode()
    assert Draft.objects.get().fields["reason"] == "Porque…"
    assert not Judgement.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_vote_sent_after_the_session_ended_arrives_after_log_in_under_its_key(
    at_the_table: tuple[Client, dict[str, str]], headers: dict[str, str]
) -> None:
    ana, vote = at_the_table
    door = ana.post("/c/prueba/rate/send/", vote, headers=headers)
    assert door["Location"] == "/login/?next=/c/prueba/rate/send/"
    ana.post("/login/", {"login": "ana", "password": "muy-larga-y-rara"})
    assert Judgement.objects.count() == 0, "logging in alone sends nothing"
    ana.get("/c/prueba/rate/")
    assert str(Judgement.objects.get().receipts.get().key) == vote["key"]
    ana.get("/c/prueba/rate/")
    assert Judgement.objects.count() == 1


def test_on_a_shared_phone_the_next_person_neither_sends_nor_sees_it(
    at_the_table: tuple[Client, dict[str, str]],
) -> None:
    phone, vote = at_the_table
    phone.post("/c/prueba/rate/send/", vote)
    volunteer("bea", "otra-larga-y-rara", "es-CL")
    phone.post("/login/", {"login": "bea", "password": "otra-larga-y-rara"})
    page = phone.get("/c/prueba/rate/")
    assert page.status_code == 404, "it was nothing of hers"
    assert vote["key"] not in page.content.decode()
    assert phone.get("/c/prueba/rate/").status_code == 200
    assert Judgement.objects.count() == 0


def test_what_waits_too_long_or_is_no_answer_is_forgotten(
    at_the_table: tuple[Client, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, vote = at_the_table
    ana.post("/c/prueba/rate/send/", vote | {"choice": "x" * 70_000})
    assert "kept" not in ana.session
    ana.post("/c/prueba/rate/send/", vote)
    monkeypatch.setattr(kept, "LASTS", 0)
    ana.post("/login/", {"login": "ana", "password": "muy-larga-y-rara"})
    ana.get("/c/prueba/rate/")
    assert Judgement.objects.count() == 0


def test_logging_out_leaves_nothing_in_the_browser(campaign: Campaign) -> None:
    ana = Client()
    ana.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    for path in ("/me/", "/c/prueba/rate/", "/me/data/", "/account/"):
        assert "no-store" in ana.get(path)["Cache-Control"]
    assert ana.post("/logout/")["Clear-Site-Data"] == '"cache", "storage"'
