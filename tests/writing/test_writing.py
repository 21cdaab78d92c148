"""Writing: what is no text is told, what is one is kept, and every door gives the same."""

import time
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from annotations.assignments.actions import undo
from annotations.assignments.models import Campaign, Draft, Judgement
from annotations.corpus.models import MAX_TEXT, Output
from annotations.differences import MAX_WORDS, changes, distance
from annotations.errors import Refused
from annotations.people.actions import new_token
from annotations.people.models import Person
from annotations.writing.models import Correction, Demonstration, PromptProposal
from tests.assignments.test_table import client_of
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
WRONG = "Llame al 113 y espere."
RUT = "12.345.678-5"


def written(name: str, kind: str, *texts: str, **facts: Any) -> dict[str, Any]:
    return line(name, *texts, kind=kind, **facts) | ({} if texts else {"outputs": []})


@pytest.fixture
def campaign(seeds: None) -> Campaign:
    return world(
        written("d", "demonstration", prompt="¿Qué llevo a la once?"),
        written("c", "correction", WRONG, prompt="¿A qué número llamo?"),
        written("p", "prompt", prompt="Algo que preguntarías en una feria."),
    )


@pytest.fixture
def ana(campaign: Campaign) -> Person:
    return people(1)[0]


def seat_of(ana: Person, campaign: Campaign, kind: str) -> Any:
    from annotations.assignments.seats import next_for

    seat = next_for(person=ana, campaign=campaign, of_kinds=[kind])
    assert seat
    return seat


def sent(client: Client, seat: Any, **fields: str) -> Any:
    form = {"assignment": str(seat.pk), "key": str(uuid.uuid4()), "choice": "send"} | fields
    return client.post("/c/prueba/write/send/", form)


# What is kept -------------------------------------------------------------------------------------------------------


def test_each_kind_is_kept_and_told_as_it_was_answered(campaign: Campaign, ana: Person) -> None:
    said = {
        "demonstration": {"text": "Marraquetas,\npo."},
        "correction": {"text": "Llame al 131 y espere."},
        "prompt": {"text": "¿A cuánto las paltas, casera?", "domain": "cocina", "country_about": "CL"},
    }
    for kind, given in said.items():
        received = answer(ana, seat_of(ana, campaign, kind), given)
        from annotations.assignments import kinds

        assert kinds.get(kind).tell(received.judgement) == given
    assert Demonstration.objects.get().text == "Marraquetas,\npo."
    fixed = Correction.objects.get()
    assert (fixed.output.text, fixed.distance) == (WRONG, 2)
    assert PromptProposal.objects.get().country_about == "CL"
    assert Judgement.objects.filter(counted=True, guideline_version="1").count() == 3


def test_a_line_ends_the_same_from_every_browser(campaign: Campaign, ana: Person) -> None:
    answer(ana, seat_of(ana, campaign, "demonstration"), {"text": "Uno\r\ndos\rtres"})
    assert Demonstration.objects.get().text == "Uno\ndos\ntres"


def test_the_turn_over_the_api_says_what_a_correction_begins_with(campaign: Campaign, ana: Person) -> None:
    api = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", {"kind": "correction"}, content_type="application/json").json()
    assert turn["item"]["begins_with"] == WRONG
    assert turn["item"]["outputs"] == [{"key": "a", "text": WRONG}]
    url = f"/api/v1/judgements/{uuid.uuid4()}/"
    body = {"assignment": turn["assignment"], "answer": {"text": "Llame al 131."}}
    assert api.put(url, body, content_type="application/json").status_code == 201
    assert api.put(url, body, content_type="application/json").status_code == 200
    assert Correction.objects.get().text == "Llame al 131."


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("demonstration", {}, "text"),
        ("demonstration", {"text": " \n\t "}, "text"),
        ("demonstration", {"text": 7}, "text"),
        ("demonstration", {"text": None}, "text"),
        ("demonstration", {"text": "a\x00b"}, "text"),
        ("demonstration", {"text": "x" * (MAX_TEXT + 1)}, "text"),
        ("demonstration", {"text": "que llevo a la ONCE"}, "text"),
        ("demonstration", {"text": "Pan.", "domain": "cocina"}, "domain"),
        ("correction", {"text": WRONG}, "text"),
        ("correction", {"text": f"  {WRONG}\r\n"}, "text"),
        ("correction", {"text": "¿A qué número llamo?"}, "text"),
        ("prompt", {"text": "Algo que preguntarías en una feria"}, "text"),
        ("prompt", {"text": "¿Y la palta?", "domain": "minería espacial"}, "domain"),
        ("prompt", {"text": "¿Y la palta?", "country_about": ["CL"]}, "country_about"),
        ("prompt", {"text": "¿Y la palta?", "country_about": "XX"}, "country_about"),
    ],
)
def test_what_is_no_answer_is_refused_and_names_its_field(
    campaign: Campaign, ana: Person, kind: str, given: Any, field: str
) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        answer(ana, seat_of(ana, campaign, kind), given)
    assert list(refused.value.errors) == [field]
    assert not Judgement.objects.exists()


def test_the_longest_text_of_any_letters_is_kept(campaign: Campaign, ana: Person) -> None:
    text = "🌻" * MAX_TEXT
    answer(ana, seat_of(ana, campaign, "demonstration"), {"text": text})
    assert Demonstration.objects.get().text == text


def test_the_database_itself_keeps_no_correction_that_changes_nothing(campaign: Campaign, ana: Person) -> None:
    judgement = answer(ana, seat_of(ana, campaign, "correction"), {"text": "Otro."}).judgement
    with pytest.raises(IntegrityError, match="a_correction_changes_something"), transaction.atomic():
        Correction.objects.filter(pk=judgement.pk).update(distance=0)


def test_items_have_the_outputs_their_kind_has(seeds: None) -> None:
    from annotations.assignments.api import checked

    one, none = written("1", "correction"), written("2", "demonstration", "Un texto.")
    assert [problem.field for problem in checked([(1, one), (2, none)], "tests")] == ["outputs", "outputs"]


# The page -----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_correction_begins_with_the_text_and_shows_what_changes(campaign: Campaign, ana: Person) -> None:
    client, seat = client_of(ana), seat_of(ana, campaign, "correction")
    page = client.get(f"/c/prueba/write/?seat={seat.pk}").content.decode()
    assert f"{WRONG}</textarea>" in page
    assert "<ins>" not in page
    saved = client.post("/c/prueba/write/draft/", {"assignment": str(seat.pk), "text": "Llame al 131 y espere."})
    assert "<del>113</del><ins>131</ins>" in saved.content.decode()
    assert "borrador guardado" in saved.content.decode()
    assert Draft.objects.get().fields == {"text": "Llame al 131 y espere."}
    assert sent(client, seat, text="Llame al 131 y espere.").status_code == 302
    assert not Draft.objects.exists()


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(campaign: Campaign, ana: Person) -> None:
    client, seat = client_of(ana), seat_of(ana, campaign, "demonstration")
    long = sent(client, seat, text="palabra " * 4_001)
    assert long.status_code == 400
    assert "32.008" in long.content.decode() or "32,008" in long.content.decode()
    assert "palabra palabra" in long.content.decode()
    empty = sent(client, seat, text="  ")
    assert "Todavía no hay nada escrito" in empty.content.decode()
    assert not Judgement.objects.exists()


def test_what_looks_like_somebodys_own_is_asked_about_once(campaign: Campaign, ana: Person) -> None:
    client, seat = client_of(ana), seat_of(ana, campaign, "demonstration")
    warned = sent(client, seat, text=f"El RUT de mi vecina es {RUT}.")
    assert warned.status_code == 400
    assert "el número del documento de alguien" in warned.content.decode()
    assert 'name="anyway"' in warned.content.decode()
    assert sent(client, seat, text=f"El RUT de mi vecina es {RUT}.", anyway="on").status_code == 302


def test_a_correction_is_not_asked_about_what_stood_there_before(seeds: None) -> None:
    campaign = world(written("c", "correction", "Escriba a ayuda@muni.cl o llame al 113.", prompt="¿A quién aviso?"))
    ana = people(1)[0]
    seat = seat_at(ana, campaign)
    mine = sent(client_of(ana), seat, text="Escriba a ayuda@muni.cl o a yo@casa.cl.")
    assert mine.status_code == 400
    assert sent(client_of(ana), seat, text="Escriba a ayuda@muni.cl o llame al 131.").status_code == 302


def test_whoever_takes_it_back_goes_on_from_what_they_wrote(campaign: Campaign, ana: Person) -> None:
    client, seat = client_of(ana), seat_of(ana, campaign, "prompt")
    sent(client, seat, text="¿Y la palta?", domain="cocina", country_about="CL")
    where = client.post("/c/prueba/write/undo/")["Location"]
    page = client.get(where).content.decode()
    assert "¿Y la palta?</textarea>" in page
    assert '<option value="cocina" selected>' in page
    assert sent(client, seat, text="¿Y el tomate?").status_code == 302
    assert PromptProposal.objects.filter(judgement__counted=True).get().text == "¿Y el tomate?"


def test_a_way_out_needs_no_text(campaign: Campaign, ana: Person) -> None:
    client, seat = client_of(ana), seat_of(ana, campaign, "demonstration")
    assert sent(client, seat, choice="out:prefiero_saltar").status_code == 302
    assert Judgement.objects.get().opt_out == "prefiero_saltar"


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_the_guidelines_are_in_the_volunteers_words(campaign: Campaign, language: str) -> None:
    client = Client(headers={"Accept-Language": language})
    for kind in ("demonstration", "correction", "prompt", "review"):
        page = client.get(f"/guidelines/{kind}/")
        assert page.status_code == 200
        assert "<h2>" in page.content.decode()


def test_strangers_words_are_shown_as_words(seeds: None) -> None:
    world(written("c", "correction", "<script>alert(1)</script> hola", prompt="¿Cómo saludo?"))
    page = client_of(people(1)[0]).get("/c/prueba/write/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; hola</textarea>" in page


def test_undone_text_counts_no_more(campaign: Campaign, ana: Person) -> None:
    key = uuid.uuid4()
    answer(ana, seat_of(ana, campaign, "demonstration"), {"text": "Pan."}, key)
    assert undo(person=ana, key=key).counted is False


# Differences --------------------------------------------------------------------------------------------------------


def slow_distance(a: str, b: str) -> int:
    """Levenshtein's own table, to hold the quick one against."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


def test_the_distance_is_levenshteins() -> None:
    import random

    draw = random.Random(7)
    for _case in range(400):
        one = "".join(draw.choices("abñ🌻 ", k=draw.randint(0, 90)))
        other = "".join(draw.choices("abñ🌻 ", k=draw.randint(0, 90))) if draw.random() < 0.5 else one[::-1]
        assert distance(one, other) == slow_distance(one, other)
        assert distance(one, other) == distance(other, one)


def test_changes_are_whole_words_and_nothing_gets_lost() -> None:
    assert changes("Llame al 113, es gratis.", "Llame al 131, po, es gratis.") == [
        ("=", "Llame al "), ("-", "113"), ("+", "131, po"), ("=", ", es gratis."),
    ]  # fmt: skip
    assert changes("", "Hola") == [("+", "Hola")]
    assert changes("igual", "igual") == [("=", "igual")]
    before, after = "uno dos  tres\ncuatro 🌻", "uno tres\n\ncinco 🌻🌻"
    found = changes(before, after)
    assert "".join(text for sign, text in found if sign != "+") == before
    assert "".join(text for sign, text in found if sign != "-") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 16_000, "b " * 16_000),
        ("ab " * 10_600, "ba " * 10_600),
        (" ".join(map(str, range(5_500)))[:MAX_TEXT], " ".join(map(str, range(5_499, -1, -1)))[:MAX_TEXT]),
        ("a b " * 1_400 + "x", "b a " * 1_400 + "y"),
        ("".join(map(chr, range(256, 32_256))), "".join(map(chr, range(32_255, 255, -1)))),
    ],
)
def test_no_text_takes_long_to_compare(before: str, after: str) -> None:
    since = time.process_time()
    found, steps = changes(before, after), distance(before, after)
    assert time.process_time() - since < 8
    assert "".join(text for sign, text in found if sign != "-") == after
    assert 0 < steps <= max(len(before), len(after))
    assert MAX_WORDS < 32_000
    assert Output._meta  # the texts compared are as long as the longest of the corpus
