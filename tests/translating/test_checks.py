"""Checks of a translation: multisets of what must stand in it, whatever its order, and doubts that only ask."""

import random
import time
from collections import Counter

import pytest

from annotations.people.models import Variety
from annotations.translating.checks import (
    ENOUGH,
    MACHINE_LIKE,
    OTHER_VARIETY,
    SAME_AS_SOURCE,
    doubts,
    faults,
    is_copy,
    markers,
    numbers,
    placeholders,
    same_numbers,
)

HELD = (
    "{name}",
    "{0}",
    "{}",
    "%s",
    "%1$s",
    "%(x)s",
    "${x}",
    "<b>",
    "</b>",
    "<br/>",
    "{{ x }}",
    "https://minka.org/a?b=1",
)
CASES = 400


def drawn(seed: int) -> random.Random:
    return random.Random(seed)


def test_what_is_drawn_in_any_order_is_found_as_often_as_it_stands() -> None:
    draw = drawn(1)
    for _case in range(CASES):
        held = draw.choices(HELD, k=draw.randint(0, 6))
        words = [*held, *draw.choices(("casa", "50", "niño,", "¿qué?"), k=5)]
        draw.shuffle(words)
        assert placeholders(" ".join(words)) == Counter(held)


def test_the_order_is_free_and_one_more_or_less_is_found_out() -> None:
    draw = drawn(2)
    for _case in range(CASES):
        words = [*draw.choices(HELD, k=draw.randint(1, 5)), *map(str, draw.choices(range(10_000), k=3)), "casa", "pan"]
        source = " ".join(words)
        draw.shuffle(words)
        assert faults(source, " ".join(words), same_language=False) in (
            [],
            [faults(source, source, same_language=False)],
        )
        place = draw.randrange(len(words))
        if words[place] in ("casa", "pan"):
            continue
        lost = " ".join(words[:place] + words[place + 1 :])
        assert faults(source, lost, same_language=True)
        assert faults(lost, source, same_language=True), "and one added is as wrong"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1.000,5 kg", "1,000.5 kg"), ("1 000 000 de pesos", "1.000.000 pesos"), ("3,5 l", "3.5 l"),
        ("10\u202f000 m", "10.000 m"), ("el 600 360 7777", "o 600-360-7777"), ("1,2,3", "1, 2, 3"),
        ("del 5 al 7 de 2026", "de 2026, del 7 al 5"), ("sin números", "nada"),
        ("en 2020 300 personas", "300 personas en 2020"), ("2026-11-24", "2026/11/24"),
    ],
)  # fmt: skip
def test_numbers_are_the_same_however_they_are_set(source: str, text: str) -> None:
    assert same_numbers(source, text)
    assert same_numbers(text, source)


@pytest.mark.parametrize(
    ("source", "text"),
    [("llame al 131", "llame al 113"), ("3 y 3", "3"), ("1.000", "100"), ("1,5", "15,1"), ("2 panes", "dos panes")],
)
def test_a_number_lost_or_changed_is_another(source: str, text: str) -> None:
    assert not same_numbers(source, text)


def test_every_number_drawn_survives_any_setting() -> None:
    draw = drawn(3)
    for _case in range(CASES):
        some = [draw.randrange(10 ** draw.randint(1, 9)) for _number in range(3)]
        spanish = " y ".join(f"{each:,}".replace(",", ".") for each in some)
        english = " and ".join(f"{each:,}" for each in reversed(some))
        assert numbers(spanish) == numbers(english) == Counter(map(str, some))


def test_what_is_missing_is_named() -> None:
    told = faults("Hola {name}, son 3 en https://a.org.", "Hola, son 4", same_language=False)
    assert [each.partition(": ")[2] for each in told] == ["https://a.org · {name}", "3", "4"]


@pytest.mark.parametrize(
    ("source", "text", "copied"),
    [
        ("¿Dónde está la farmacia?", "donde esta la FARMACIA", True), ("¿Dónde está?", "Onde fica?", False),
        ("Taxi", "Taxi", False), ("{name} 12", "{name} 12", False), ("Hola {name}", "Hola {name}", False),
    ],
)  # fmt: skip
def test_a_copy_is_of_two_words_or_more(source: str, text: str, copied: bool) -> None:
    assert is_copy(source, text) is copied
    assert bool(faults(source, text, same_language=False)) is copied
    assert not faults(source, text, same_language=True) or "{" in source, "within one language it can be right"


CHILE, BRAZIL, SPAIN = ("es-CL", "es-419", "es"), ("pt-BR", "pt"), ("es-ES", "es")


@pytest.mark.parametrize(
    ("text", "near", "codes"),
    [
        ("Compré un ordenador", CHILE, [OTHER_VARIETY]), ("Compré un ordenador", SPAIN, []),
        ("Quiero palta", CHILE, []), ("Quiero palta", ("es-MX", "es-419", "es"), [OTHER_VARIETY]),
        ("Você não vai com a gente", CHILE, [OTHER_VARIETY]), ("Você não vai com a gente", BRAZIL, []),
        ("Vou com calma", CHILE, []), ("El autocarro", BRAZIL, [OTHER_VARIETY]),
        ("Aquí está la traducción: hola", CHILE, [MACHINE_LIKE]), ("As an AI, I…", BRAZIL, [MACHINE_LIKE]),
        ("el mate y los panes con usted", ("gug-PY-x-jopara", "gug", "gn"), []),
    ],
)  # fmt: skip
def test_doubts_are_asked_about_and_name_their_words(text: str, near: tuple[str, ...], codes: list[str]) -> None:
    found = doubts("Algo", text, near=near, same_language=False, made_by_machine=False)
    assert [each.code for each in found] == codes


def test_a_machines_own_text_and_the_source_itself_are_odd() -> None:
    found = doubts("Hola po", "Hola, po", near=CHILE, same_language=True, made_by_machine=True)
    assert [each.code for each in found] == [SAME_AS_SOURCE, MACHINE_LIKE]


@pytest.mark.django_db
def test_markers_are_lower_case_words_of_known_varieties(seeds: None) -> None:
    known = set(Variety.objects.values_list("tag", flat=True))
    assert {tag for marker in markers().values() for tag in marker.varieties} <= known
    assert all(word == word.casefold() and 1 <= marker.points <= ENOUGH for word, marker in markers().items())


def test_no_text_takes_long_to_check() -> None:
    since = time.process_time()
    for text in (
        "<a" * 16_000,
        "{" * 32_000,
        "%(" * 16_000,
        "1." * 16_000,
        "1 " * 16_000,
        "https://" * 4_000,
        "a'" * 16_000,
    ):
        faults(text, text[:-1], same_language=False)
        doubts(text, text, near=CHILE, same_language=True, made_by_machine=False)
    assert time.process_time() - since < 5
