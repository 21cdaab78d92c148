"""Personal data in free text: what is found, what is not, where it stands; and the way back from a hold."""

import csv
import time
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.imports import let_go
from annotations.assignments.models import Cell, Item
from annotations.assignments.seats import next_for
from annotations.corpus.models import Output
from annotations.corpus.personal_data import NUMBERS, find, proven, warn
from annotations.corpus.screening import reason_to_hold
from annotations.errors import Refused
from tests.cast import line, people, world

with (Path(__file__).parents[1] / "data/personal_data/numbers.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['kind']}-{row['valid']}-{row['number']}")
def test_a_check_digit_decides(row: dict[str, str]) -> None:
    text, number = row["text"], row["number"]
    start = text.index(number)
    found = [each for each in find(text) if each.kind == row["kind"]]
    right = [(start, start + len(number), row["kind"], True)]
    assert found == (right if row["valid"] == "yes" else [])


def test_every_kind_with_a_check_digit_is_in_the_table() -> None:
    without = {"dni", "cedula_co"}
    assert {(row["kind"], row["valid"]) for row in ROWS} == {
        (kind, valid) for kind in NUMBERS if kind not in without for valid in ("yes", "no")
    }


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("El DNI 20.123.456 de Juana", ["dni"]),
        ("con C.C. 1.020.304.050 de Bogotá", ["cedula_co"]),
        ("escriba a ana.perez+x@correo.example.cl.", ["email"]),
        ("su cuenta es @ana_perez, en la red", ["handle"]),
        ("está en https://ejemplo.cl/a?b=c).", ["url"]),
        ("y en www.ejemplo.cl!", ["url"]),
        ("llame al +56 9 8765 4321 hoy", ["phone"]),
        ("https://ejemplo.cl/?rut=12.345.678-5", ["rut"]),
        ("rut 12.345.678-5, cpf 390.533.447-05, a@b.cl", ["rut", "cpf", "email"]),
        ("RUT 12.345.678‑5 con guion duro", ["rut"]),
        ("es 12.345.678-5.Gracias", ["rut"]),
        ("RUT １２.３４５.６７８-５", ["rut"]),
    ],
)
def test_what_is_found(text: str, kinds: list[str]) -> None:
    assert [found.kind for found in find(text)] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "En 1987 vivían 12.345.678 personas.",
        "El 2024-10-12 a las 10:30, 3.141.592 veces",
        "12345678", "39053344705", "1710034065", "00113918205",
        "la fórmula 123456785 x 390533447",
        "RUT 11.111.111-1 es un ejemplo", "CPF 111.111.111-11",
        "RUT de la empresa: 76.086.428-5",
        "CUIT 30-50001091-2 de una firma",
        "el versículo 1.234.567-8.9", "ISBN 978-3-16-148410-0",
        "el correo @ la casa", "", "   ",
        "cédula de identidad", "mi documento vence en 2026",
    ],
)  # fmt: skip
def test_what_is_nobodys(text: str) -> None:
    assert find(text) == []


def test_places_are_code_points() -> None:
    text = "👩🏽‍🌾🇨🇱 ñandú: 12.345.678-5 🦙 a@b.cl"
    assert [text[found.start : found.end] for found in find(text)] == ["12.345.678-5", "a@b.cl"]


def test_a_national_telephone_is_found_in_its_country_only() -> None:
    text = "llame al 9 8765 4321"
    assert find(text) == []
    assert [(found.kind, text[found.start : found.end]) for found in find(text, "CL")] == [("phone", "9 8765 4321")]


@given(st.text(max_size=300))
def test_any_text_is_read_and_nothing_overlaps(text: str) -> None:
    found = find(text, "BR")
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert proven(text) == any(one.proven for one in found)


@given(st.integers(1_000_000, 49_999_999), st.sampled_from("0123456789K"))
def test_a_rut_has_one_check_digit(body: int, digit: str) -> None:
    total = sum(int(each) * (2 + place % 6) for place, each in enumerate(reversed(str(body))))
    right = "0K987654321"[total % 11]
    text = f"RUT {body:,}-{digit}".replace(",", ".")
    assert ("rut" in [found.kind for found in find(text)]) == (digit == right and len(set(f"{body}{digit}")) > 1)


@given(st.integers(0, 999_999_999), st.integers(0, 99))
def test_a_cpf_has_one_pair_of_check_digits(body: int, check: int) -> None:
    digits = [int(each) for each in f"{body:09}"]
    for _ in range(2):
        rest = sum(weight * each for weight, each in zip(range(len(digits) + 1, 1, -1), digits, strict=True)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    number = "".join(map(str, digits[:9])) + f"{check:02}"
    text = f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"
    is_right = number == "".join(map(str, digits)) and len(set(number)) > 1
    assert [found.kind for found in find(text)] == (["cpf"] if is_right else [])


@pytest.mark.parametrize(
    "text", ["1234.567-" * 3_500, "cédula " * 4_500, "a.b@" * 8_000, "@a" * 16_000, "4111 " * 6_400]
)
def test_the_longest_text_is_read_in_no_time(text: str) -> None:
    started = time.process_time()
    find(text[:32_000])
    assert time.process_time() - started < 2


# Before it is sent, and when it is imported --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("es", "Esto parece el número del documento de alguien."),
        ("pt-br", "Isto parece o número do documento de alguém."),
        ("en", "This looks like the number of somebody's identity document."),
    ],
)
def test_a_form_can_say_what_it_sees(language: str, first: str) -> None:
    said = warn("RUT 12.345.678-5, @ana_p", language)
    assert [(one.start, one.end, one.kind) for one in said] == [(4, 16, "rut"), (18, 24, "handle")]
    assert said[0].sentence == first
    assert warn("Nada que decir.", language) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Su RUT es 12.345.678-5.", "personal_data"),
        ("La tarjeta 4111 1111 1111 1111", "personal_data"),
        ("Su RUT es 12.345.678-9.", ""),
        ("Llame al +56 9 8765 4321, escriba a a@b.cl o @ana, vea https://a.cl/x", ""),
        ("El DNI 20.123.456", ""),
        ("429 too many requests", "error_answer"),
    ],
)
def test_only_what_a_check_digit_proves_is_held(text: str, reason: str) -> None:
    assert reason_to_hold(text) == reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    "held",
    [line("x", "Su RUT es 12.345.678-5.", "No lo sé."), line("x", prompt="¿De quién es el CPF 390.533.447-05?")],
)
def test_a_held_item_gives_no_seat_until_somebody_lets_it_go(held: dict) -> None:
    campaign = world(held)
    ana, carmen = people(2)
    assert Cell.objects.get().held_back == "personal_data"
    assert next_for(person=ana, campaign=campaign) is None
    item = Item.objects.get()
    with pytest.raises(Refused, match="invalid"):
        let_go(item=item, person=carmen, reason="  ")
    call_command("let_go", "prueba", "x", by=carmen.username, reason="un ejemplo de la guía")
    assert next_for(person=ana, campaign=campaign)
    assert not Output.objects.exclude(quarantine="").exists()
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_id, entry.change_message) == (
        carmen.pk, str(item.pk), "let go: un ejemplo de la guía",
    )  # fmt: skip
    with pytest.raises(CommandError):
        call_command("let_go", "prueba", "x", by=carmen.username, reason="otra vez")


@pytest.mark.django_db
def test_letting_go_lifts_nothing_but_what_screening_holds() -> None:
    world(line("x"))
    (carmen,) = people(1)
    Cell.objects.update(held_back="restricted")
    with pytest.raises(Refused, match="not_found"):
        let_go(item=Item.objects.get(), person=carmen, reason="no es nada")
    assert Cell.objects.get().held_back == "restricted"


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [("prueba", "y", "persona-es-CL-0"), ("prueba", "x", "nadie")])
def test_the_command_says_what_is_not_there(wrong: tuple[str, str, str]) -> None:
    world(line("x", "Su RUT es 12.345.678-5.", "No lo sé."))
    people(1)
    with pytest.raises(CommandError, match="does not exist"):
        call_command("let_go", wrong[0], wrong[1], by=wrong[2], reason="x")
    assert Cell.objects.get().held_back == "personal_data"
