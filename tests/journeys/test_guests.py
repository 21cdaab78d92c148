"""A guest's first minutes: one tap at the door, some votes, and what becomes of them at sign-up and log-in. Without
JavaScript, and as htmx sends it."""

import io
import json
import re
import uuid
from zipfile import ZipFile

import pytest
from django.test import Client

from annotations.assignments.guests.models import Guest, GuestJudgement
from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.people.accounts.models import Session
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from tests.cast import at_once, joins, line, world

pytestmark = pytest.mark.django_db

PASSWORD = "muy-larga-y-rara"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def campaign(db: None) -> Campaign:
    return world(*(line(str(number)) for number in range(12)))


def at_the_table(variety: str = "es-CL", path: str = "/try/") -> Client:
    visitor = Client()
    assert visitor.post(f"{path}start/", {"variety": variety})["Location"] == path
    return visitor


def vote_of(page: str, choice: str) -> dict[str, str]:
    return dict(re.findall(r'name="(assignment|key)" value="([^"]+)"', page)) | {"choice": choice}


def page(visitor: Client, path: str = "/try/") -> str:
    return visitor.get(path).content.decode()


def vote(visitor: Client, choice: str = "a1", path: str = "/try/") -> None:
    assert visitor.post(f"{path}send/", vote_of(page(visitor, path), choice))["Location"] == path


@pytest.mark.parametrize("path", ["/", "/c/prueba/"])
def test_the_public_pages_offer_to_try_one_and_keep_nothing_of_who_reads_them(campaign: Campaign, path: str) -> None:
    response = Client().get(path)
    assert f'href="{"/c/prueba" if "prueba" in path else ""}/try/"' in response.content.decode()
    assert not response.wsgi_request.session.accessed
    assert not response.cookies
    Campaign.objects.update(takes_guests=False)
    assert "/try/" not in Client().get(path).content.decode()


def test_the_door_leads_to_the_table_and_the_table_to_the_door(campaign: Campaign) -> None:
    visitor = Client()
    assert visitor.get("/try/")["Location"] == "/try/start/"
    assert visitor.get("/c/prueba/try/")["Location"] == "/c/prueba/try/start/"
    door = page(visitor, "/c/prueba/try/start/")
    assert 'value="es-CL"' in door
    assert "30 días" in door
    assert visitor.get("/try/start/").headers["Cache-Control"].count("no-store")
    visitor.post("/c/prueba/try/start/", {"variety": "es-CL"})
    assert "data-work" in page(visitor, "/c/prueba/try/")


def test_who_is_younger_goes_home_and_no_row_is_made(campaign: Campaign) -> None:
    visitor = Client()
    response = visitor.post("/try/start/", {"young": "1"})
    assert response.status_code == 200
    assert "18" in response.content.decode()
    assert 'name="variety"' not in response.content.decode()
    for facts in ({}, {"variety": "xx"}, {"variety": "es-CL\x00"}, {"variety": "quz"}):
        assert visitor.post("/try/start/", facts | {"young": "1"}).status_code == 200
    assert (Guest.objects.count(), Session.objects.count()) == (0, 0)


def test_a_school_behind_one_address_gets_in_and_a_machine_does_not_get_on(campaign: Campaign, settings) -> None:
    limit = int(settings.MINKA_RATES["try"].partition("/")[0])
    assert limit >= 200, "several classes at once"
    settings.MINKA_RATES = settings.MINKA_RATES | {"try": "3/h/ip"}
    pupils = [Client() for _each in range(3)]
    for pupil in pupils:
        for _again in range(3):  # whoever comes back to the door is no other guest
            assert pupil.post("/try/start/", {"variety": "es-CL"})["Location"] == "/try/"
    refused = Client().post("/try/start/", {"variety": "es-CL"})
    assert (refused.status_code, Guest.objects.count()) == (429, 3)
    assert "Demasiados intentos" in refused.content.decode()
    assert pupils[0].get("/try/").status_code == 200
    assert Client().post("/try/start/", {"young": "1"}).status_code == 200
    elsewhere = Client(REMOTE_ADDR="203.0.113.9").post("/try/start/", {"variety": "es-CL"})
    assert elsewhere["Location"] == "/try/"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_begin_at_once_no_more_get_in_than_may(settings) -> None:
    world(line("1"))
    settings.MINKA_RATES = settings.MINKA_RATES | {"try": "4/h/ip"}
    came = at_once(*[lambda: Client().post("/try/start/", {"variety": "es-CL"}).status_code for _each in range(10)])
    assert sorted(came) == [302] * 4 + [429] * 6
    assert Guest.objects.count() == 4


@pytest.mark.parametrize("facts", [{}, {"variety": "xx"}, {"variety": "quz"}, {"variety": "\x00"}])
def test_a_tap_on_nothing_is_told_so(campaign: Campaign, facts: dict[str, str]) -> None:
    response = Client().post("/try/start/", facts)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert Guest.objects.count() == 0


def test_the_search_finds_what_has_work_and_nothing_else(campaign: Campaign) -> None:
    found = page(Client(), "/try/start/?q=chilo")
    assert 'value="es-CL-x-chiloe"' in found
    assert 'value="es-CL"' not in found
    assert '<button name="variety"' not in page(Client(), "/try/start/?q=quechua%01")


def test_only_a_random_id_stands_in_the_session_and_nothing_else_is_kept_of_a_guest(campaign: Campaign) -> None:
    visitor = Client(REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Mosaic/0.9")
    visitor.post("/try/start/", {"variety": "es-CL"})
    vote(visitor)
    assert set(visitor.session.keys()) == {"guest", "sent_keys"}
    kept = [*Guest.objects.values(), *GuestJudgement.objects.values(), *Session.objects.values()]
    assert not re.search(r"203\.0|Mosaic", str(kept) + str(dict(visitor.session)))


def test_a_guest_votes_undoes_and_sees_how_many_of_ten(campaign: Campaign) -> None:
    visitor = at_the_table()
    first = page(visitor)
    assert "0 de 10" in first
    assert not re.search(r"model-\d|/join/|/me/", first), "nothing is named, nobody is asked to join yet"
    sent = vote_of(first, "both_bad")
    for _thumb in range(2):
        assert visitor.post("/try/send/", sent).status_code == 302
    assert GuestJudgement.objects.exclude(given_at=None).get().answer == {"preferred": "both_bad"}
    second = page(visitor)
    assert "1 de 10" in second
    assert "/try/undo/" in second
    assert vote_of(second, "")["assignment"] != sent["assignment"]
    assert visitor.post("/try/undo/")["Location"] == f"/try/?seat={sent['assignment']}"
    again = page(visitor)
    assert "0 de 10" in again
    assert vote_of(again, "")["assignment"] == sent["assignment"]
    assert Judgement.objects.count() == 0


def test_the_same_by_htmx_is_the_turn_alone(campaign: Campaign) -> None:
    visitor = at_the_table()
    answer = visitor.post("/try/send/", vote_of(page(visitor), "a2"), headers=HTMX)
    turn = answer.content.decode()
    assert answer.status_code == 200
    assert turn.lstrip().startswith('<div id="turn"')
    assert "1 de 10" in turn
    undone = visitor.post("/try/undo/", headers=HTMX).content.decode()
    assert "0 de 10" in undone
    assert 'hx-post="/try/send/"' in undone


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_what_is_not_well_sent_is_told_and_the_turn_stays(campaign: Campaign, htmx: dict[str, str]) -> None:
    visitor, stranger = at_the_table(), at_the_table()
    mine, theirs = vote_of(page(visitor), "a1"), vote_of(page(stranger), "a1")
    for sent, status in (
        (theirs, 404), (mine | {"assignment": str(uuid.uuid4())}, 404), (mine | {"choice": "z"}, 400),
        (mine | {"choice": "ranking"}, 400), (mine | {"key": "no"}, 400), ({}, 400),
        (mine | {"choice": "out:me_aburro"}, 400), (mine | {"seconds": "nan"}, 400),
    ):  # fmt: skip
        response = visitor.post("/try/send/", sent, headers=htmx)
        assert response.status_code == status, sent
        assert vote_of(response.content.decode(), "")["assignment"] == mine["assignment"]
    assert not GuestJudgement.objects.exclude(given_at=None).exists()
    visitor.post("/try/send/", mine)
    assert visitor.post("/try/send/", mine | {"choice": "b1"}, headers=htmx).status_code == 409
    assert visitor.post("/try/send/", mine | {"key": str(uuid.uuid4())}, headers=htmx).status_code == 409


@pytest.mark.parametrize("path", ["/try/send/", "/try/undo/"])
def test_without_a_guest_or_by_get_these_addresses_lead_back(campaign: Campaign, path: str) -> None:
    assert Client().post(path)["Location"] == "/try/start/"
    assert at_the_table().get(path)["Location"] == "/try/"
    member = Client()
    member.force_login(volunteer("ana", PASSWORD, "es-CL"))
    assert [member.get(where)["Location"] for where in (path, "/try/", "/try/start/")] == ["/rate/"] * 3
    assert member.post("/c/prueba/try/start/", {"variety": "es-CL"})["Location"] == "/c/prueba/rate/"
    assert Guest.objects.count() == 1, "a member never becomes a guest"


def test_after_ten_a_guest_is_asked_to_join_and_not_before(campaign: Campaign) -> None:
    visitor = at_the_table(path="/c/prueba/try/")
    for _ in range(10):
        assert "/join/" not in page(visitor, "/c/prueba/try/")
        vote(visitor, path="/c/prueba/try/")
    end = page(visitor, "/c/prueba/try/")
    assert "30 días" in end
    assert 'href="/join/?next=/c/prueba/rate/"' in end
    assert "data-work" not in end
    assert 'action="/c/prueba/try/undo/"' in end


def test_where_nothing_is_left_it_says_so_and_offers_another_variety(campaign: Campaign) -> None:
    end = page(at_the_table("es-MX"))
    assert 'href="/try/start/"' in end
    assert "30 días" not in end, "nothing was done that could be kept"
    Campaign.objects.update(state="closed")
    assert page(Client(), "/try/start/").count("<button") == 0
    assert Client().get("/c/prueba/try/start/").status_code == 409


@pytest.mark.parametrize(("slug", "status"), [("prueba", 409), ("nada", 404)])
def test_nobody_is_let_in_where_no_guest_is_taken(campaign: Campaign, slug: str, status: int) -> None:
    Campaign.objects.update(takes_guests=False)
    for path in ("try/start/", "try/"):
        assert at_the_table("es-MX").get(f"/c/{slug}/{path}").status_code == status
    before = Guest.objects.count()
    assert Client().post(f"/c/{slug}/try/start/", {"variety": "es-CL"}).status_code == status
    assert Guest.objects.count() == before


def join(visitor: Client, name: str = "ana", variety: str = "es-CL") -> str:
    """Sign up, say a variety, consent; returns the page that asked for varieties."""
    step = joins(visitor, name, next="/me/")
    onward = visitor.get(step["Location"]).context["next"]
    varieties = page(visitor, onward)
    step = visitor.post(onward, {"varieties": [variety], "how": "grew_up", "next": "/me/"})
    visitor.post(step["Location"], dict.fromkeys(REQUIRED, "on") | {"next": "/me/"})
    return varieties


def test_three_votes_then_an_account_are_three_judgements_of_it(campaign: Campaign) -> None:
    visitor = at_the_table()
    for _ in range(3):
        vote(visitor)
    page(visitor)
    varieties = join(visitor)
    assert re.search(r'value="es-CL" checked', varieties)
    assert varieties.count(" checked") == 3, "the variety, how one came to it and how well one knows it"
    assert Judgement.objects.filter(person__username="ana", counted=True).count() == 3
    assert page(visitor, "/me/").count('<b class="leaf">') == 3
    assert (Guest.objects.count(), GuestJudgement.objects.count()) == (0, 0)
    assert "suggested_varieties" not in visitor.session
    assert "guest" not in visitor.session
    page(visitor, "/rate/")
    assert Cell.objects.filter(held=1, done=0).count() == 1, "the fourth is a new one"
    visitor.post("/rate/undo/")
    assert Judgement.objects.exclude(undone_at=None).count() == 1, "the last vote can still be taken back"


def test_logging_in_claims_for_an_account_that_is_there(campaign: Campaign) -> None:
    ana = volunteer("ana", PASSWORD, "es-CL")
    visitor = at_the_table()
    vote(visitor)
    visitor.post("/login/", {"login": "ana", "password": "wrong"})
    assert Judgement.objects.count() == 0
    visitor.post("/login/", {"login": "ana", "password": PASSWORD})
    assert Judgement.objects.get().person == ana


def test_without_consent_nothing_is_kept_as_a_judgement(campaign: Campaign) -> None:
    visitor = at_the_table()
    vote(visitor)
    joins(visitor)
    step = visitor.post("/join/varieties/", {"varieties": ["es-CL"], "how": "grew_up"})
    visitor.post(step["Location"], {"annotate": "on"})
    visitor.post("/logout/")
    visitor.post("/login/", {"login": "ana", "password": PASSWORD})
    assert Judgement.objects.count() == 0
    assert Guest.objects.get().person == Person.objects.get(username="ana")
    assert "1 respuesta dada antes de unirse espera" in page(visitor, "/me/")
    archive = ZipFile(io.BytesIO(b"".join(visitor.post("/me/data/zip/"))))
    (waits,) = archive.read("waiting.jsonl").splitlines()
    assert len(json.loads(waits)["outputs"]) == 2


def test_whoever_logs_in_over_somebody_else_s_session_claims_nothing_of_it(campaign: Campaign) -> None:
    volunteer("eva", PASSWORD, "es-CL")
    guest = Guest.objects.get(pk=at_the_table().session["guest"])
    visitor = Client()
    visitor.force_login(volunteer("ana", PASSWORD, "es-CL"))
    session = visitor.session
    session["guest"] = str(guest.pk)
    session.save()
    visitor.force_login(Person.objects.get(username="eva"))
    assert visitor.get("/me/").context["person"].username == "eva"
    guest.refresh_from_db()
    assert guest.person is None


def test_two_tabs_that_join_and_vote_leave_one_account_with_all(campaign: Campaign) -> None:
    visitor = at_the_table()
    vote(visitor)
    stale = vote_of(page(visitor), "a1")
    join(visitor)
    assert visitor.post("/try/send/", stale)["Location"] == "/rate/", "the other tab is a member's now"
    assert Judgement.objects.count() == 1


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize("path", ["/try/start/", "/c/prueba/try/start/", "/try/"])
def test_the_guest_s_pages_open_in_three_languages(campaign: Campaign, path: str, language: str) -> None:
    visitor = at_the_table()
    visitor.cookies["django_language"] = language
    response = visitor.get(path)
    assert response.status_code == 200
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_door_asks_the_database_little(campaign: Campaign, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(4):
        Client().get("/try/start/")
