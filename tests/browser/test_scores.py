"""A score as it is given: by thumb on a phone, without JavaScript, and by keyboard alone."""

import json
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, House, Visit
from tests.browser.test_journeys import go_to, join, overflow, received, seat, sent, small_targets

pytestmark = pytest.mark.browser
ASPECTS = ("utilidad", "veracidad", "fluidez", "naturalidad_dialectal", "pertinencia_cultural", "inocuidad", "overall")


@pytest.fixture
def scores(house: House) -> str:
    """A campaign of scores, of this test alone."""
    slug = f"notas-{secrets.token_hex(4)}"
    lines = [
        {"id": f"s{n}", "kind": "score", "variety": "es-CL", "licence": "CC0-1.0",
         "prompt": f"¿Qué llevo a la once? ({n})", "outputs": [{"model": "m", "text": f"Un kuchen de nuez para {n}."}]}
        for n in range(4)
    ]  # fmt: skip
    file = house.home / f"{slug}.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    house.manage("load_items", slug, str(file), "--strict")
    return slug


def point(page: Page, aspect: str, number: int) -> None:
    page.locator(f".points label:has([name={aspect}][value='{number}'])").tap()


@pytest.mark.parametrize("javascript", [True, False])
def test_every_aspect_is_told_in_words_sent_and_taken_back(visit: Visit, scores: str, *, javascript: bool) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    join(page, scores)
    assert overflow(page) <= 0
    assert small_targets(page) == []
    first = seat(page)
    assert page.locator(".points label").count() == 35, "seven scales of five points, each with its words"
    for aspect in ASPECTS:
        point(page, aspect, 4)
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Enviar").tap()
    expect(received(page)).to_contain_text("Recibida")
    assert seat(page) != first
    expect(page.locator(".points :checked")).to_have_count(0)
    page.get_by_role("button", name="Deshacer").tap()
    expect(page.locator(".points :checked")).to_have_count(7)
    assert seat(page) == first
    assert len(sent(page)) == 1


def test_a_whole_above_its_parts_is_said_and_nothing_chosen_is_lost(rough_page: Page, scores: str) -> None:
    page = rough_page
    join(page, scores)
    for aspect in ASPECTS:
        point(page, aspect, 3)
    point(page, "overall", 5)
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Enviar").tap()
    expect(page.locator(".problem").first).to_contain_text("no puede ser mejor que su mejor aspecto")
    expect(page.locator(".points :checked")).to_have_count(7)
    point(page, "overall", 3)
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Enviar").tap()
    expect(received(page)).to_contain_text("Recibida")  # a form that came back is sent again


def test_a_score_needs_no_pointer(visit: Visit, scores: str) -> None:
    page = visit(DESK)
    join(page, scores)
    for aspect in ASPECTS:
        go_to(page, f"[name={aspect}]")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"[name={aspect}][value='2']")).to_be_checked()
    page.wait_for_timeout(600)
    go_to(page, "button[value=send]")
    page.keyboard.press("Enter")
    expect(received(page)).to_contain_text("Recibida")
