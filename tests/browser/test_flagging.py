"""A flag as it is given: words selected by finger and by keyboard, typed without JavaScript, and in passing."""

import json
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, House, Visit
from tests.browser.test_journeys import go_to, join, overflow, received, seat, sent, small_targets

pytestmark = pytest.mark.browser
TEXT = "Las mujeres 👩‍🌾 no saben manejar, y las mujeres de la sierra menos."
WRONG = "las mujeres de la sierra"
AT = TEXT.index(WRONG)


@pytest.fixture
def flags(house: House) -> str:
    """A campaign of flags, of this test alone, and one of pairs in which the same answers stand."""
    slug = f"senalar-{secrets.token_hex(4)}"
    lines = []
    for number in range(3):
        about = {"variety": "es-CL", "licence": "CC0-1.0", "prompt": f"¿Quién maneja mejor? ({number})"}
        both = [{"model": "m", "text": TEXT}, {"model": "n", "text": f"Depende ({number})."}]
        lines += [about | {"id": f"{kind}{number}", "kind": kind, "outputs": both[:several]}
                  for kind, several in (("flag", 1), ("vote", 2))]  # fmt: skip
    file = house.home / f"{slug}.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    house.manage("load_items", slug, str(file), "--strict")
    return slug


def choose(page: Page) -> None:
    """What every flag says: what it is, how grave, whom it harms."""
    page.locator("[name=categories][value=genero]").check()
    page.locator(".points label:has([name=severity][value='2'])").click()
    page.locator("label:has([name=groups][value=mujeres])").click()


def kept(page: Page, slug: str) -> dict[str, str]:
    """What was sent, as the page shows it again when it is taken back."""
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator("[name=words]")).to_have_value(WRONG)
    return {name: page.locator(f"[name={name}]").first.input_value() for name in ("words", "begins")}


@pytest.mark.parametrize("javascript", [True, False])
def test_words_are_selected_or_typed_and_nothing_is_wrong_is_one_tap(
    visit: Visit, flags: str, *, javascript: bool
) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    join(page, flags)
    page.goto(f"/c/{flags}/flag/")
    assert overflow(page) <= 0
    assert small_targets(page) == []
    first = seat(page)
    if javascript:
        start = len(TEXT[:AT].encode("utf-16-le")) // 2
        page.locator("[data-flagged]").evaluate("(e, [a, b]) => { e.focus(); e.setSelectionRange(a, b); }",
                                                [start, start + len(WRONG)])  # fmt: skip
        expect(page.locator("[name=words]")).to_have_value(WRONG)
    else:
        page.locator("[name=words]").fill(WRONG)
    choose(page)
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Enviar lo que está mal").tap()
    expect(received(page)).to_contain_text("Recibida")
    assert seat(page) != first
    assert kept(page, flags)["begins"] == str(AT), "in characters, though an emoji of several stands before"
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Nada está mal").tap()
    expect(received(page)).to_contain_text("Recibida")
    assert len(sent(page)) == 2


def test_a_flag_needs_no_pointer(visit: Visit, flags: str) -> None:
    page = visit(DESK)
    join(page, flags)
    page.goto(f"/c/{flags}/flag/")
    go_to(page, "[data-flagged]")
    page.keyboard.press("Control+End")
    for _character in "la sierra menos.":
        page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("[name=words]")).to_have_value("la sierra menos.")
    for name, value in (("categories", "cultura_ajena"), ("severity", "1")):
        go_to(page, f"[name={name}]")
        while not page.locator(f"[name={name}][value={value!r}]").evaluate("e => e === document.activeElement"):
            page.keyboard.press("Tab" if name == "categories" else "ArrowDown")
        page.keyboard.press("Space")
    page.wait_for_timeout(600)
    go_to(page, "button[value=flag]")
    page.keyboard.press("Enter")
    expect(received(page)).to_contain_text("Recibida")


@pytest.mark.parametrize("javascript", [True, False])
def test_something_is_wrong_is_said_in_passing_and_the_table_goes_on_without_it(
    visit: Visit, flags: str, *, javascript: bool
) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    join(page, flags)
    page.goto(f"/c/{flags}/rate/")
    first = seat(page)
    card = page.locator(".output", has_text="no saben manejar")
    card.get_by_role("link", name="Algo está mal aquí").tap()
    expect(page.locator("[data-flagged]")).to_have_value(TEXT)
    assert overflow(page) <= 0
    assert small_targets(page) == []
    choose(page)
    page.get_by_role("button", name="Enviar lo que está mal").tap()
    expect(page.locator(".notice")).to_contain_text("Ya no se muestra a esta cuenta")
    assert seat(page) != first
    page.goto("/me/")
    expect(page.locator("#flags + ul")).to_contain_text("Género y sexismo")
