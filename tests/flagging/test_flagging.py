"""Saying what is wrong: it is said whole, in a campaign of flags and in passing, and the page and the API agree."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.assignments.notes.queries import campaigns_with_work, why_nothing
from annotations.assignments.queries import answers_told
from annotations.assignments.seats import next_for
from annotations.assignments.stewards.actions import mark_restricted
from annotations.errors import Refused
from annotations.flagging.actions import check_at, report
from annotations.flagging.models import Flag
from annotations.flagging.queries import flags_told, told
from annotations.flagging.seeding import load_flag_words
from annotations.people.actions import new_token, withdraw
from annotations.people.models import Person
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
TEXT = "Las mujeres 👩‍🌾 no saben manejar.\r\nLas mujeres cocinan."
SAID = {"wrong": True, "categories": ["genero"], "severity": 2, "groups": ["mujeres"], "stance": "endorsed"}
WHOLE = SAID | {
    "span": {"start": 16, "end": 33, "text": "no saben manejar."}, "common": "often",
    "counter_example": "Manejar se aprende.", "comment": "Se oye mucho.",
}  # fmt: skip


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    load_flag_words()
    asked = {"prompt": "¿Quién maneja?"}  # the same answer to it stands in both
    return world(line("f", TEXT, kind="flag", **asked), line("v", TEXT, "Otra.", **asked), kind="flag")


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


def seat_of(person: Person, campaign: Campaign, kind: str = "flag") -> Assignment:
    seat = next_for(person=person, campaign=campaign, of_kinds=[kind])
    assert seat
    return seat


def letter_of(seat: Assignment, text: str = TEXT) -> str:
    return "abcd"[seat.shown.index(seat.item.outputs.get(text=text).pk)]


# What is kept -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{"wrong": False}, SAID, WHOLE], ids=["nothing", "least", "whole"])
def test_a_flag_is_kept_as_it_was_said_and_counts(campaign: Campaign, ana: Person, said: dict[str, Any]) -> None:
    judgement = answer(ana, seat_of(ana, campaign), said).judgement
    assert told(judgement.flag) == said
    assert judgement.counted
    assert Cell.objects.get(pk=judgement.cell_id).done == 1


def test_nothing_is_wrong_says_nothing_else_and_a_flag_says_enough() -> None:
    """Where no check stands in the way, the database does."""
    load_flag_words()
    campaign = world(line("1", TEXT, kind="flag"))
    (ana,) = people(1)
    judgement = answer(ana, seat_of(ana, campaign), {"wrong": False}).judgement
    for change, name in (
        ({"severity": 2}, "a_flag_says_what_is_wrong"),
        ({"wrong": True}, "a_flag_says_what_is_wrong"),
        ({"judgement": None}, "only_who_is_asked_says_nothing_is_wrong"),
        ({"wrong": True, "severity": 1, "categories": ["genero"], "stance": "endorsed", "start": 3}, "a_span_has_two"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Flag.objects.filter(judgement=judgement).update(**change)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "wrong"),
    ({"wrong": "yes"}, "wrong"),
    ({"wrong": False, "comment": "pero…"}, "comment"),
    (SAID | {"categories": []}, "categories"),
    (SAID | {"categories": ["nada"]}, "categories"),
    (SAID | {"categories": "genero"}, "categories"),
    (SAID | {"categories": [3]}, "categories"),
    (SAID | {"severity": 5}, "severity"),
    (SAID | {"severity": True}, "severity"),
    (SAID | {"severity": None}, "severity"),
    (SAID | {"groups": []}, "groups"),
    (SAID | {"groups": ["nadie"]}, "groups"),
    (SAID | {"categories": ["cultura_ajena", "clasismo"], "groups": []}, "groups"),
    (SAID | {"stance": ""}, "stance"),
    (SAID | {"stance": ["endorsed"]}, "stance"),
    (SAID | {"common": "a veces"}, "common"),
    (SAID | {"categories": ["otro"], "comment": "  "}, "comment"),
    (SAID | {"comment": "x\x00"}, "comment"),
    (SAID | {"counter_example": "x" * 2_001}, "counter_example"),
    (SAID | {"counter_example": "\ud800"}, "counter_example"),
    (SAID | {"span": [1, 2]}, "span"),
    (SAID | {"span": {"start": 1}}, "span"),
    (SAID | {"span": {"start": 2, "end": 2}}, "span"),
    (SAID | {"span": {"start": -1, "end": 2}}, "span"),
    (SAID | {"span": {"start": 0, "end": 999}}, "span"),
    (SAID | {"span": {"start": 0, "end": 3, "text": "Los"}}, "span"),
    (SAID | {"more": 1}, "more"),
]


@pytest.mark.parametrize(("said", "field"), WRONG)
def test_what_is_not_whole_is_told_by_its_field(campaign: Campaign, ana: Person, said: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        answer(ana, seat_of(ana, campaign), said)
    assert (refused.value.code, list(refused.value.errors)) == ("invalid", [field])
    assert not Flag.objects.exists()


@pytest.mark.parametrize("category", ["cultura_ajena", "dano_seguridad", "otro"])
def test_what_is_no_social_bias_needs_nobody_it_harms(campaign: Campaign, category: str) -> None:
    output = campaign.items.first().outputs.first()
    said = check_at(SAID | {"categories": [category], "groups": [], "comment": "Es de otra parte."}, output)
    assert (said.categories, said.groups) == ([category], [])


# The page -----------------------------------------------------------------------------------------------------------


def fields(**more: Any) -> dict[str, Any]:
    return {"categories": ["genero"], "severity": "2", "groups": ["mujeres"], "stance": "endorsed"} | more


def test_the_page_and_the_api_keep_the_same(campaign: Campaign) -> None:
    ana, bruno = people(2)
    page, api = client_of(ana), Client(headers={"Authorization": f"Token {new_token(person=bruno)}"})
    seat = page.get("/c/prueba/flag/").context["seat"]
    sent = fields(words="no saben manejar.", begins="16", common="often", counter_example="Manejar se aprende.",
                  comment="Se oye mucho.")  # fmt: skip
    key = {"assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": "flag"}
    assert page.post("/c/prueba/flag/send/", key | sent).status_code == 302
    turn = api.post("/api/v1/campaigns/prueba/next/", {"kind": "flag"}, content_type="application/json").json()
    body = {"assignment": turn["assignment"], "answer": WHOLE}
    assert api.put(f"/api/v1/judgements/{uuid.uuid4()}/", body, content_type="application/json").status_code == 201
    assert [told(flag) for flag in Flag.objects.order_by("pk")] == [WHOLE, WHOLE]


def test_typed_words_are_found_and_what_does_not_stand_there_comes_back_with_all_that_was_said(
    campaign: Campaign, ana: Person
) -> None:
    page = client_of(ana)
    seat = page.get("/c/prueba/flag/").context["seat"]
    key = {"assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": "flag"}
    for words in ("Los hombres", "Las mujeres"):
        back = page.post("/c/prueba/flag/send/", key | fields(words=words, comment="Algo más."))
        assert back.status_code == 400
        assert "Algo más." in back.content.decode()
        assert back.context["form"].errors["words"]
    assert page.post("/c/prueba/flag/send/", key | fields(words="cocinan.")).status_code == 302
    assert told(Flag.objects.get())["span"]["text"] == "cocinan."


def test_nothing_is_wrong_is_one_tap_and_what_is_undone_comes_back_as_it_was(campaign: Campaign, ana: Person) -> None:
    page = client_of(ana)
    seat = page.get("/c/prueba/flag/").context["seat"]
    key = {"assignment": str(seat.pk), "key": str(uuid.uuid4())}
    assert page.post("/c/prueba/flag/send/", key | {"choice": "fine"}).status_code == 302
    back = page.get(page.post("/c/prueba/flag/undo/")["Location"])
    assert back.context["seat"] == seat
    page.post("/c/prueba/flag/send/", key | {"key": str(uuid.uuid4())} | fields(words="cocinan."))
    again = page.get(page.post("/c/prueba/flag/undo/")["Location"]).context["form"]
    assert again["words"].value() == "cocinan."
    assert again["categories"].value() == ["genero"]
    assert [judgement.flag.wrong for judgement in Judgement.objects.order_by("pk")] == [False, True]


# In passing ---------------------------------------------------------------------------------------------------------


def test_what_is_flagged_in_passing_is_never_shown_to_them_again_and_others_get_the_seat(campaign: Campaign) -> None:
    ana, bruno = people(2)
    page = client_of(ana)
    table = page.get("/c/prueba/rate/")
    seat = table.context["seat"]
    letter = letter_of(seat)
    assert f"/flag/{seat.pk}/{letter}/" in table.content.decode()
    form = page.get(f"/flag/{seat.pk}/{letter}/")
    assert form.context["form"].output.text == TEXT
    sent = page.post(f"/flag/{seat.pk}/{letter}/", fields(words="cocinan."))
    assert sent["Location"] == "/c/prueba/rate/?flagged=1"
    assert "Ya no se muestra" in page.get(sent["Location"]).content.decode()
    for kind in ("vote", "flag"):
        assert next_for(person=ana, campaign=campaign, of_kinds=[kind]) is None, "the output stands in both"
    assert seat_of(bruno, campaign, "vote")
    assert page.get(f"/flag/{seat.pk}/{letter}/").status_code == 404
    assert "Género y sexismo" in page.get("/me/").content.decode()


def test_nothing_is_said_to_be_left_of_what_one_flagged(campaign: Campaign, ana: Person) -> None:
    seat = seat_of(ana, campaign, "vote")
    report(person=ana, assignment_id=seat.pk, letter=letter_of(seat), answer=SAID)
    assert why_nothing(ana, campaign) == "all_mine"
    assert list(campaigns_with_work(ana)) == []


def test_a_second_tap_on_the_way_out_is_received_as_the_first_was(campaign: Campaign, ana: Person) -> None:
    page, seat = client_of(ana), seat_of(ana, campaign, "vote")
    sent = [page.post(f"/flag/{seat.pk}/{letter_of(seat)}/", fields(words="cocinan.")) for _twice in range(2)]
    assert [each["Location"] for each in sent] == ["/c/prueba/rate/?flagged=1"] * 2
    assert Flag.objects.count() == 1


def test_words_of_what_stewards_hid_since_do_not_leave_in_the_archive(campaign: Campaign, ana: Person) -> None:
    answer(ana, seat_of(ana, campaign), WHOLE)
    seat = seat_of(ana, campaign, "vote")
    report(person=ana, assignment_id=seat.pk, letter=letter_of(seat), answer=WHOLE)
    archived = lambda: [line["answer"]["span"] for line in (*answers_told(ana), *flags_told(ana))]  # noqa: E731
    assert archived() == [WHOLE["span"]] * 2
    mark_restricted(person=ana, assignment_id=seat.pk, knowledge="place")
    assert archived() == [{"start": 16, "end": 33}] * 2


def test_the_same_flag_twice_is_one_and_a_late_answer_is_welcome_all_the_same(campaign: Campaign, ana: Person) -> None:
    seat = seat_of(ana, campaign, "vote")
    letter = letter_of(seat)
    report(person=ana, assignment_id=seat.pk, letter=letter, answer=SAID)
    with pytest.raises(Refused, match="already_judged"):
        report(person=ana, assignment_id=seat.pk, letter=letter, answer=SAID)
    assert answer(ana, seat, {"preferred": "tie"}).judgement.counted
    assert Flag.objects.count() == 1


@pytest.mark.parametrize("letter", ["c", "z", "", "ab"])
def test_nobody_flags_what_they_are_not_shown(campaign: Campaign, letter: str) -> None:
    ana, bruno = people(2)
    seat = seat_of(ana, campaign, "vote")
    for person, which in ((ana, letter), (bruno, "a")):
        with pytest.raises(Refused, match="not_found"):
            report(person=person, assignment_id=seat.pk, letter=which, answer=SAID)
    assert client_of(bruno).get(f"/flag/{seat.pk}/a/").status_code == 404
    assert client_of(ana).get(f"/flag/{seat.pk}/{letter or '-'}/").status_code == 404


def test_who_took_their_consent_back_flags_nothing(campaign: Campaign, ana: Person) -> None:
    seat = seat_of(ana, campaign, "vote")
    withdraw(person=ana)
    with pytest.raises(Refused, match="consent_required"):
        report(person=ana, assignment_id=seat.pk, letter="a", answer=SAID)


def test_over_the_api_it_is_201_once_and_409_after(campaign: Campaign, ana: Person) -> None:
    api = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", {"kind": "vote"}, content_type="application/json").json()
    body = {"assignment": turn["assignment"], "output": "a", "answer": {**SAID}}
    told_so = [api.post("/api/v1/flags/", body, content_type="application/json") for _twice in range(2)]
    assert [each.status_code for each in told_so] == [201, 409]
    assert told_so[0].json()["output"] == "a"
    for wrong in ({}, body | {"x": 1}, body | {"answer": {}}, body | {"assignment": str(uuid.uuid4())}):
        assert api.post("/api/v1/flags/", wrong, content_type="application/json").status_code in (400, 404)


# What one never wants to meet ---------------------------------------------------------------------------------------


def test_what_one_never_wants_to_meet_is_chosen_and_not_offered(seeds: None) -> None:
    load_flag_words()
    campaign = world(line("1", sensitive=["genero"]), line("2"))
    (ana,) = people(1)
    page = client_of(ana)
    veil = page.get("/c/prueba/rate/").content.decode()
    assert "Género y sexismo" in veil
    assert "/me/avoids/" in veil
    assert page.post("/me/avoids/", {"categories": ["genero"]}).status_code == 302
    assert page.get("/me/avoids/").content.decode().count("checked") == 1
    assert seat_at(ana, campaign).item.source_id == "2"
    assert page.post("/me/avoids/", {"categories": ["nada"]}).status_code == 400
    page.post("/me/avoids/", {})
    assert Person.objects.get(pk=ana.pk).avoids == []


# Lists --------------------------------------------------------------------------------------------------------------


def test_the_list_of_what_one_flagged_asks_as_often_for_ten_as_for_one(seeds: None) -> None:
    load_flag_words()
    campaign = world(*(line(str(number)) for number in range(11)))
    (ana,) = people(1)
    page = client_of(ana)

    def flag_one() -> None:
        report(person=ana, assignment_id=seat_at(ana, campaign).pk, letter="a", answer=SAID)

    def asked(look: Callable[[], Any]) -> int:
        look()
        with CaptureQueriesContext(connection) as queries:
            look()
        return len(queries)

    flag_one()
    one = asked(lambda: page.get("/me/"))
    for _more in range(9):
        flag_one()
    assert asked(lambda: page.get("/me/")) == one
