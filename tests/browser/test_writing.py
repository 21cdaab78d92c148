"""Writing and reviewing as they are lived: by thumb, by keyboard, without JavaScript."""

import json
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, House, Visit
from tests.browser.test_journeys import go_to, join, overflow, received, seat, sent, small_targets

pytestmark = pytest.mark.browser
WRONG = "Llame al 113 y espere en la puerta."
PAST_A_SLIP = 600
LOOKED_AT = """
from annotations.assignments.doors import prove
from annotations.people.models import Person
for person in Person.objects.filter(is_proven=False):
    prove(person=person)
"""


def item(name: str, kind: str, prompt: str, **facts: object) -> dict[str, object]:
    return {"id": name, "kind": kind, "variety": "es-CL", "licence": "CC0-1.0", "prompt": prompt} | facts


ITEMS = [
    *(item(f"d{n}", "demonstration", f"¿Qué llevo a la once? ({n})") for n in range(4)),
    *(item(f"p{n}", "prompt", f"Algo que se pregunta en la feria. ({n})") for n in range(4)),
    *(item(f"c{n}", "correction", f"¿A qué número llamo? ({n})", outputs=[{"model": "m", "text": WRONG}])
      for n in range(4)),
]  # fmt: skip


@pytest.fixture
def write(house: House, request: pytest.FixtureRequest) -> str:
    """A campaign to write in, of this test alone; of its kinds the first stands first."""
    slug = f"escribir-{secrets.token_hex(4)}"
    file = house.home / f"{slug}.jsonl"
    file.write_text("\n".join(json.dumps(each) for each in request.param), "utf-8")
    house.manage("load_items", slug, str(file), "--strict")
    return slug


def of(kind: str) -> list[dict[str, object]]:
    return [each for each in ITEMS if each["kind"] == kind]


def at_the_table(page: Page, slug: str, table: str = "write") -> None:
    join(page, slug)
    page.goto(f"/c/{slug}/{table}/")


def text_of(page: Page) -> str:
    return page.locator("#id_text").input_value()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("write", [of("demonstration")], indirect=True)
def test_a_text_is_begun_kept_sent_and_taken_back(visit: Visit, write: str, *, javascript: bool) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    at_the_table(page, write)
    assert overflow(page) <= 0
    assert small_targets(page) == []
    first = seat(page)
    page.locator("#id_text").fill("Un kuchen 🌻")
    page.get_by_role("button", name="Guardar borrador").tap()
    expect(page.locator("#count")).to_contain_text("borrador guardado a las")
    page.goto(f"/c/{write}/write/")
    assert (seat(page), text_of(page)) == (first, "Un kuchen 🌻")
    expect(page.locator("[data-counted]")).to_have_text("11")
    page.locator("#id_text").fill("Un kuchen de nuez.")
    if javascript:
        expect(page.locator("[data-counted]")).to_have_text("18")
    page.wait_for_timeout(PAST_A_SLIP)
    page.get_by_role("button", name="Enviar").tap()
    expect(received(page)).to_contain_text("Recibida")
    assert seat(page) != first
    assert text_of(page) == ""
    page.get_by_role("button", name="Deshacer").tap()
    expect(page.locator("#id_text")).to_have_value("Un kuchen de nuez.")
    assert seat(page) == first
    assert len(sent(page)) == 1


@pytest.mark.parametrize("write", [of("correction")], indirect=True)
def test_what_changes_is_seen_while_it_is_written(visit: Visit, write: str) -> None:
    page = visit(PHONE)
    at_the_table(page, write)
    assert text_of(page) == WRONG
    page.locator(".differences summary").tap()
    page.locator("#id_text").fill(WRONG.replace("113", "131"))
    expect(page.locator(".differences del")).to_have_text("113")
    expect(page.locator(".differences ins")).to_have_text("131")
    page.locator("#id_text").fill(WRONG)
    expect(page.locator(".differences ins")).to_have_count(0)
    page.locator("#id_text").fill(WRONG + " <b>Ya</b>")
    expect(page.locator(".differences ins")).to_have_text(" <b>Ya</b>")
    page.wait_for_timeout(PAST_A_SLIP)
    page.get_by_role("button", name="Enviar").tap()
    expect(received(page)).to_be_visible()


@pytest.mark.parametrize("write", [of("prompt")], indirect=True)
def test_a_question_is_proposed_with_the_keyboard_alone(visit: Visit, write: str) -> None:
    page = visit(DESK)
    at_the_table(page, write)
    go_to(page, "#id_text")
    page.keyboard.type("¿A cuánto la palta, 1 kilo, casera?")  # a digit is a letter here, not an answer
    go_to(page, "[name=domain]")
    page.keyboard.type("coc")
    go_to(page, "[name=country_about]")
    page.keyboard.type("Chi")
    page.wait_for_timeout(PAST_A_SLIP)
    go_to(page, "button[value=send]")
    with page.expect_request("**/write/send/") as asked:
        page.keyboard.press("Enter")
    body = asked.value.post_data or ""
    assert "domain=cocina" in body
    assert "country_about=CL" in body
    expect(received(page)).to_be_visible()
    expect(page.locator(".prompt")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("write", [of("demonstration")[:3]], indirect=True)
def test_what_ana_wrote_is_read_by_two_and_she_is_told(
    visit: Visit, house: House, write: str, *, javascript: bool
) -> None:
    ana = visit(PHONE)
    at_the_table(ana, write)
    for number, text in enumerate(("Bien así.", "Casi bien.", "No se entiende na."), 1):
        ana.locator("#id_text").fill(text)
        ana.wait_for_timeout(PAST_A_SLIP)
        ana.get_by_role("button", name="Enviar").tap()
        expect(received(ana)).to_contain_text(f"Recibida · {number}")
        ana.goto(f"/c/{write}/write/")
    the_minute = "from annotations.reviewing.jobs import review; review()"
    house.manage("shell", "-c", the_minute)
    for _reader in range(2):
        page = visit(PHONE, java_script_enabled=javascript)
        at_the_table(page, write, "review")
        for number in range(1, 4):
            assert overflow(page) <= 0
            read = page.locator(".read .written").inner_text()
            page.wait_for_timeout(PAST_A_SLIP)
            answered(page, read)
            expect(received(page)).to_contain_text(f"Recibida · {number}")
            page.goto(f"/c/{write}/review/")
    house.manage("shell", "-c", LOOKED_AT)  # who joined without JavaScript counts once somebody looked at them
    house.manage("shell", "-c", the_minute)
    ana.goto("/me/")
    for told in ("Aceptado como está", "Aceptado con cambios", "No se entiende o está cortado", "Faltó un verbo."):
        expect(ana.locator("main")).to_contain_text(told)
    assert overflow(ana) <= 0


def answered(page: Page, read: str) -> None:
    if read == "Bien así.":
        page.get_by_role("button", name="Está bien así").tap()
    elif read == "Casi bien.":
        page.locator(".verdicts > details > summary").nth(0).tap()
        page.locator("#id_text").fill("Casi bien, po.")
        page.get_by_role("button", name="Aceptar con estos cambios").tap()
    else:
        page.locator(".verdicts > details > summary").nth(1).tap()
        assert small_targets(page) == []
        page.locator("[name=reason][value=unclear]").check()
        page.locator("[name=words]").fill("Faltó un verbo.")
        page.get_by_role("button", name="No aceptarlo").tap()
