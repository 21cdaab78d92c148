"""Ana's first minutes as she lives them: on a cheap phone, by keyboard, without JavaScript; and what always holds."""

import re
import secrets

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, SECRETS, Visit

pytestmark = pytest.mark.browser

CHOICES = {"1": "a2", "2": "a1", "3": "tie", "4": "b1", "5": "b2"}
REQUIRED = ("annotate", "publish", "train")


def join(page: Page, slug: str, *, variety: str = "es-CL") -> str:
    """From the campaign's page to its table. Returns the name of the person this made."""
    page.goto(f"/c/{slug}/")
    page.locator("main a[href^='/join/']").click()
    name = fill_in(page)
    page.locator(f"[name=varieties][value={variety}]").check()
    page.locator("main form[method=post] button.button").click()
    for purpose in REQUIRED:
        page.locator(f"[name={purpose}]").check()
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile(rf"/c/{slug}/(rate|write|translate)/$"))
    return name


def fill_in(page: Page) -> str:
    """The page for joining, and the codes that follow it, passed over."""
    name = f"ana-{secrets.token_hex(4)}"
    page.locator("[name=username]").fill(name)
    page.locator("[name=password1]").fill("muy-larga-y-rara-7")
    page.locator("[name=adult]").check()
    for _ in range(31):  # without JavaScript, who is quicker than three seconds is taken for a machine
        if page.locator("[name=proof]").input_value():
            break
        page.wait_for_timeout(100)
    page.locator("main form button").click()
    page.get_by_role("link", name="Ahora no").click()
    return name


def seat(page: Page) -> str:
    return page.locator("[data-work] [name=assignment]").input_value()


def received(page: Page) -> Locator:
    return page.locator(".received")


def sent(page: Page) -> list[str]:
    """What the person's own page says of each answer."""
    page.goto("/me/")
    return page.locator(".rows .meta").all_inner_texts()


def expect_focus_on_the_prompt(page: Page) -> None:
    expect(page.locator(".prompt")).to_be_focused()


def test_ana_votes_by_thumb_without_a_page_load_and_takes_it_back(visit: Visit) -> None:
    page = visit(PHONE)
    join(page, "pares")
    expect(page.locator(".asked")).to_be_visible()

    buttons = page.locator(".bar > button[value]").filter(has=page.locator("svg"))
    boxes = [button.bounding_box() for button in buttons.all()]
    assert len(boxes) == 5
    for box in boxes:
        assert box
        assert min(box["width"], box["height"]) >= 48
        assert 400 < box["y"] < box["y"] + box["height"] <= 800, "the bar lies at the foot of the screen"

    first = seat(page)
    page.evaluate("window.stays = true")
    page.locator("button[value=b1]").tap()
    expect(received(page)).to_contain_text("Recibida")
    expect(page.locator("#said")).to_contain_text("Recibida")
    assert seat(page) != first
    expect_focus_on_the_prompt(page)
    page.get_by_role("button", name="Deshacer").tap()
    expect(received(page)).to_have_count(0)
    assert seat(page) == first
    assert page.evaluate("window.stays"), "the page was never loaded again"
    assert page.evaluate("scrollY") == 0

    (told,) = sent(page)
    assert "retirada" in told


def test_the_bar_that_says_received_goes_by_itself(visit: Visit) -> None:
    page = visit(PHONE)
    page.clock.install()
    join(page, "pares")
    page.clock.run_for(1000)
    page.locator("button[value=tie]").tap()
    expect(received(page)).to_be_visible()
    page.clock.run_for(5000)
    expect(received(page)).to_be_visible()
    page.clock.run_for(2000)
    expect(received(page)).to_be_hidden()


def go_to(page: Page, selector: str) -> None:
    """Press Tab until it is there."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


def test_ana_needs_no_pointer(visit: Visit) -> None:
    page = visit(DESK)
    page.goto("/c/pares/")
    go_to(page, "main a[href^='/join/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/join/?next=**")
    for selector, text in (("[name=username]", f"ana-{secrets.token_hex(4)}"), ("[name=password1]", "muy-larga-7-y")):
        go_to(page, selector)
        page.keyboard.type(text)
    go_to(page, "[name=adult]")
    page.keyboard.press("Space")
    go_to(page, "main button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/codes/?next=**")
    go_to(page, "main button")
    page.keyboard.press("Enter")
    expect(page.locator(".codes code")).to_have_count(8)
    go_to(page, "main a.button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/varieties/?next=**")
    go_to(page, "[value=es-CL]")
    page.keyboard.press("Space")
    go_to(page, "form[method=post] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consent/?next=**")
    for purpose in REQUIRED:
        go_to(page, f"[name={purpose}]")
        page.keyboard.press("Space")
    go_to(page, "main button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/pares/rate/")

    assert page.locator(".bar > button > kbd:visible").all_inner_texts() == [*CHOICES, "6", "7"]
    a, b = (page.locator(f".output.{letter}").bounding_box() for letter in "ab")
    assert a
    assert b
    assert a["y"] == b["y"], "A and B stand side by side"
    letter = page.locator(".output.a > h2").bounding_box()
    assert letter
    assert abs(letter["y"] - a["y"]) <= 1, "the letter sits in the corner of its answer"
    for number, (key, choice) in enumerate(CHOICES.items(), start=1):
        page.wait_for_timeout(600)  # a person reads first; a key in the first half second is taken for a slip
        with page.expect_request("**/c/pares/rate/send/") as asked:
            page.keyboard.press(key)
        assert f"choice={choice}&" in f"{asked.value.post_data}&"
        expect(received(page)).to_contain_text(f"Recibida · {number}")
        expect_focus_on_the_prompt(page)
    go_to(page, ".received button")
    page.keyboard.press("Enter")
    expect(received(page)).to_have_count(0)
    expect_focus_on_the_prompt(page)
    assert ["retirada" in told for told in sent(page)] == [True, False, False, False, False]


def test_ana_needs_no_javascript(visit: Visit) -> None:
    page = visit(PHONE, java_script_enabled=False)
    join(page, "pares")
    expect_focus_on_the_prompt(page)
    first = seat(page)
    page.locator("button[value=a1]").tap()
    expect(received(page)).to_contain_text("Recibida")
    assert seat(page) != first
    page.locator(".received button").tap()
    expect(received(page)).to_have_count(0)
    assert seat(page) == first
    page.locator(".ways summary").tap()
    page.locator("button[value='out:no_se']").tap()
    expect(received(page)).to_be_visible()
    assert len(sent(page)) == 2


@pytest.mark.parametrize("javascript", [True, False])
def test_a_nervous_thumb_is_one_vote(visit: Visit, *, javascript: bool) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    join(page, "pares")
    page.locator("button[value=b2]").tap(trial=True)
    box = page.locator("button[value=b2]").bounding_box()
    assert box
    for pause in (0, 60, 120, 200):
        page.touchscreen.tap(box["x"] + 20, box["y"] + 20)
        page.wait_for_timeout(pause)
    expect(received(page)).to_be_visible()
    page.wait_for_timeout(300)
    assert len(sent(page)) == 1


def test_three_outputs_are_put_in_order(visit: Visit) -> None:
    page = visit(PHONE)
    join(page, "ternas")
    page.wait_for_timeout(600)
    page.locator("button[value=ranking]").tap()  # nothing is chosen yet: the browser says so, nothing is sent
    expect(received(page)).to_have_count(0)
    for letter, place in (("a", 2), ("b", 1), ("c", 2)):
        page.locator(f".output.{letter} .places label", has_text=str(place)).tap()
    page.locator("button[value=ranking]").tap()
    expect(received(page)).to_be_visible()
    page.locator("button[value=both_bad]").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("no queda nada")
    expect_focus_on_the_prompt(page)
    assert len(sent(page)) == 2


@pytest.mark.parametrize("javascript", [True, False])
def test_a_long_answer_is_folded(visit: Visit, *, javascript: bool) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    join(page, "largas")
    more = page.locator(".more")
    expect(more).to_have_count(1)
    answer = page.locator(".answer").filter(has=more)
    folded = answer.bounding_box()
    assert folded
    assert folded["height"] == pytest.approx(480, abs=1)
    more.tap()
    unfolded = answer.bounding_box()
    assert unfolded
    assert unfolded["height"] > 800
    expect(more).to_be_hidden()


PUBLIC = ("/", "/c/pares/", "/terms/", "/conduct/", "/privacy/", "/privacy/processing/", "/guidelines/vote/",
          "/releases/", "/varieties/", "/varieties/?by=language", "/v/quz/", "/v/es-CL/")  # fmt: skip
DOORS = ("/join/", "/login/", "/back/", "/back/mail/", "/try/start/", "/c/pares/try/start/", "/try/start/?q=que")
OWN = ("/me/", "/rate/", "/c/pares/rate/", "/c/ternas/rate/", "/c/largas/rate/", "/join/varieties/",
       "/join/varieties/?q=que", "/join/consent/", "/me/varieties/", "/varieties/propose/",
       "/v/quz/propose-steward/", "/account/", "/account/email/", "/account/second/", "/account/codes/", "/me/data/",
       "/me/erase/")  # fmt: skip


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def small_targets(page: Page) -> list[str]:
    """What one taps that is lower than 44 px. Links inside a sentence are exempt."""
    return list(
        page.evaluate("""() => [...document.querySelectorAll("a, button, summary, label")]
        .filter(it => it.checkVisibility() && !it.matches(".skip, p > a, .hidden, .field > label:not(.check)"))
        .filter(it => Math.round(it.getBoundingClientRect().height) < 44).map(it => it.outerHTML)""")
    )


def test_no_page_complains_or_scrolls_sideways_or_names_a_model(visit: Visit) -> None:
    """What the browser complains of, and requests to strangers, fail in the fixture."""
    page = visit({"viewport": {"width": 320, "height": 640}})
    texts: list[str] = []
    for path in (*PUBLIC, *DOORS):
        page.goto(path)
        texts.append(page.content())
        assert overflow(page) <= 0, path
        assert small_targets(page) == [], path
        if path in PUBLIC:
            assert "csrfmiddlewaretoken" not in texts[-1]
            assert page.context.cookies() == [], "reading leaves nothing in the browser"
    join(page, "pares")
    for path in OWN:
        page.goto(path)
        texts.append(page.content())
        assert overflow(page) <= 0, path
        assert small_targets(page) == [], path
    page.goto("/c/pares/rate/")
    page.wait_for_timeout(600)
    with page.expect_response("**/send/") as answer:
        page.locator("button[value=a2]").click()
    texts.append(answer.value.text())
    expect(received(page)).to_be_visible()
    assert overflow(page) <= 0
    texts.append(page.content())
    assert not [name for name in SECRETS for text in texts if name in text]


def test_text_of_twice_the_size_stays_on_the_page(visit: Visit) -> None:
    page = visit(DESK)
    join(page, "pares")
    page.set_viewport_size({"width": 640, "height": 400})  # what 200 % leaves of 1280 x 800
    assert overflow(page) <= 0
    page.set_viewport_size({"width": 360, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_can_be_seen(visit: Visit, scheme: str) -> None:
    page = visit(DESK, color_scheme=scheme)
    page.goto("/")
    go_to(page, "main a.button")
    ring = page.evaluate("""() => { const it = getComputedStyle(document.activeElement);
        return [it.outlineStyle, it.outlineWidth, it.outlineOffset, it.outlineColor]; }""")
    sea = {"light": "rgb(15, 95, 102)", "dark": "rgb(111, 199, 204)"}[scheme]
    assert ring == ["solid", "3px", "2px", sea]


def test_a_page_that_is_not_there_says_so_in_our_words(rough_page: Page) -> None:
    rough_page.goto("/nada/")
    expect(rough_page.get_by_role("heading", level=1)).to_contain_text("No hay nada aquí")
    assert overflow(rough_page) <= 0


def test_a_session_that_ended_leads_to_the_door(rough_page: Page) -> None:
    join(rough_page, "pares")
    rough_page.context.clear_cookies()
    rough_page.locator("button[value=a2]").tap()
    rough_page.wait_for_url("**/login/?next=/c/pares/rate/")
    expect(rough_page.locator("[name=login]")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_guest_judges_three_then_joins_and_finds_them(visit: Visit, *, javascript: bool) -> None:
    page = visit(PHONE, java_script_enabled=javascript)
    page.goto("/c/pares/")
    door = page.get_by_role("link", name="Probar una ahora")
    box = door.bounding_box()
    assert box
    assert box["y"] + box["height"] < 800, "it is seen without scrolling"
    door.tap()
    page.get_by_role("button", name="español de Chile").tap()
    expect(page).to_have_url(re.compile(r"/c/pares/try/$"))
    assert overflow(page) <= 0
    seen = set()
    for number in (1, 2, 3):
        seen.add(seat(page))
        page.wait_for_timeout(600)
        page.locator("button[value=a2]").tap()
        expect(received(page)).to_contain_text(f"Recibida · {number}")
        expect(page.locator(".far")).to_have_text(f"{number} de 10")
    assert len(seen) == 3
    page.goto("/c/pares/")
    page.locator("main a[href^='/join/']").tap()
    fill_in(page)
    expect(page.locator("[name=varieties]:checked")).to_have_value("es-CL")
    page.locator("main form[method=post] button.button").tap()
    for purpose in REQUIRED:
        page.locator(f"[name={purpose}]").check()
    page.locator("main form button").tap()
    expect(page).to_have_url(re.compile(r"/c/pares/rate/$"))
    assert seat(page) not in seen
    told = sent(page)
    assert len(told) == 3
    assert not [each for each in told if "retirada" in each]
