"""Translating as it is lived: by thumb on a small screen, with a palette, with one tap, and without JavaScript."""

import json
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, House, Visit
from tests.browser.test_journeys import overflow, received, seat, small_targets
from tests.browser.test_writing import LOOKED_AT, PAST_A_SLIP, at_the_table, text_of

pytestmark = pytest.mark.browser
SOURCE = "Oi, {nome}!\nA reunião é *às 15h* na sala 204."
MINE = "¡Hola, {nome}!\nLa reunión es *a las 15h* en la sala 204."
ACCEPTED = """
from annotations.people.models import Person
from annotations.reviewing.jobs import review
from tests.cast import answer
from annotations.assignments.seats import next_for
from annotations.people.demo import volunteer
review()
for number in (1, 2):
    reader = Person.objects.filter(username=f"lectora-{number}").first() or volunteer(f"lectora-{number}", "x", "es-CL")
    while seat := next_for(person=reader, of_kinds=["review"]):
        answer(reader, seat, {"decision": "accept"})
review()
"""


@pytest.fixture
def translate(house: House) -> str:
    """Two texts into Chilean Spanish, with one term of a glossary."""
    slug = f"traducir-{secrets.token_hex(4)}"
    rows = [
        {"id": f"{slug}-{n}", "kind": "translation", "variety": "es-CL", "prompt_variety": "pt-BR",
         "licence": "CC0-1.0", "prompt": SOURCE}
        for n in range(3)
    ]  # fmt: skip
    file = house.home / f"{slug}.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    house.manage("load_items", slug, str(file), "--strict")
    glossary = house.home / f"{slug}.csv"
    glossary.write_text("source_variety,variety,term,translation,note\npt,es,reunião,reunión,de trabajo\n", "utf-8")
    house.manage("load_glossary", str(glossary))
    return slug


def send(page: Page) -> None:
    page.wait_for_timeout(PAST_A_SLIP)
    page.get_by_role("button", name="Enviar").tap()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_text_is_translated_accepted_and_taken_by_the_next_in_one_tap(
    visit: Visit, house: House, translate: str, *, javascript: bool
) -> None:
    ana = visit(PHONE, java_script_enabled=javascript)
    at_the_table(ana, translate, "translate")
    assert overflow(ana) <= 0
    assert small_targets(ana) == []
    assert ana.locator(".asked").inner_text() == SOURCE
    expect(ana.locator(".asked u")).to_have_text("reunião")
    expect(ana.locator(".glossary")).to_contain_text("reunión de trabajo")
    ana.locator("#id_text").fill(MINE)
    send(ana)
    expect(received(ana)).to_contain_text("Recibida")
    house.manage("shell", "-c", LOOKED_AT)
    house.manage("shell", "-c", ACCEPTED)
    bea = visit(PHONE, java_script_enabled=javascript)
    at_the_table(bea, translate, "translate")
    expect(bea.locator(".offer")).to_have_count(1)
    assert overflow(bea) <= 0
    assert small_targets(bea) == []
    first = seat(bea)
    bea.get_by_role("button", name="Empezar desde es-CL").tap()
    expect(bea.locator("#id_text")).to_have_value(MINE)
    bea.locator("#id_text").fill(MINE.replace("¡Hola", "¡Buenas"))
    if javascript:
        expect(bea.locator(".differences ins")).to_have_text("Buenas")
    bea.wait_for_timeout(PAST_A_SLIP)
    bea.get_by_role("button", name="Vale también aquí").tap()
    expect(received(bea)).to_contain_text("Recibida")
    assert seat(bea) != first
    bea.get_by_role("button", name="Deshacer").tap()
    expect(bea.locator("#id_text")).to_have_value(MINE)
    assert seat(bea) == first


def test_what_is_missing_is_told_above_and_under_the_field_and_nothing_typed_is_lost(
    rough_page: Page, translate: str
) -> None:
    page = rough_page
    at_the_table(page, translate, "translate")
    page.locator("#id_text").fill("Hola, la reunión es a las 15h.")
    send(page)
    expect(page.locator("main > .problem")).to_have_text("Falta, tal como está escrito: {nome}")
    for told in ("Falta, tal como está escrito: {nome}", "Falta, en cifras: 204"):
        expect(page.locator(".editor .errorlist")).to_contain_text(told)
    assert overflow(page) <= 0
    assert text_of(page) == "Hola, la reunión es a las 15h."


def test_a_sign_goes_where_the_cursor_is_and_the_field_keeps_the_focus(visit: Visit, translate: str) -> None:
    page = visit(PHONE)
    at_the_table(page, translate, "translate")
    field = page.locator("#id_text")
    field.fill("Maana")
    field.evaluate("(it) => { it.focus(); it.setSelectionRange(2, 2); }")
    page.locator("[data-palette] button", has_text="ñ").tap()
    expect(field).to_be_focused()
    assert text_of(page) == "Mañana"
    page.keyboard.type("!")
    assert text_of(page) == "Mañ!ana"
    expect(page.locator("[data-counted]")).to_have_text("7")


def test_without_javascript_there_is_no_palette(visit: Visit, translate: str) -> None:
    page = visit(PHONE, java_script_enabled=False)
    at_the_table(page, translate, "translate")
    expect(page.locator("[data-palette]")).to_be_hidden()
