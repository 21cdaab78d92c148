"""What every public page holds to, whatever the screen and whatever the device asks for: measured in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, House, Visit

pytestmark = pytest.mark.browser

PUBLIC = (
    "/", "/c/demo/", "/c/pares/", "/design/", "/terms/", "/conduct/", "/privacy/", "/privacy/processing/",
    "/guidelines/vote/", "/releases/", "RELEASE", "/runs/", "/boards/", "/lineage/",
    "/varieties/", "/varieties/?by=language", "/v/quz/", "/v/es-CL/",
    "/join/", "/login/", "/back/", "/back/mail/", "/try/start/", "/c/pares/try/start/",
)  # fmt: skip
"""Every page one reads or enters by without an account. RELEASE stands for the newest one."""

SCREENS = {
    "320 px": ({"width": 320, "height": 640}, 100),
    "200 % of 1280 px": ({"width": 640, "height": 400}, 100),
    "360 px with letters of twice the size": ({"width": 360, "height": 800}, 200),
    "1280 px": ({"width": 1280, "height": 800}, 100),
}  # fmt: skip


@pytest.fixture(scope="session")
def pages(house: House) -> tuple[str, ...]:
    """The public pages, with a release to show."""
    version = house.manage("publish_release").strip().rpartition("/")[2]
    return tuple(f"/releases/{version}/" if path == "RELEASE" else path for path in PUBLIC)


def speaking(page: Page, language: str, house: House) -> Page:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": house.base}])
    return page


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize(
    ("screen", "language"),
    [*(("320 px", language) for language in ("es", "pt-br", "en")), ("200 % of 1280 px", "es"),
     ("360 px with letters of twice the size", "pt-br"), ("1280 px", "es")],
)  # fmt: skip
def test_no_public_page_scrolls_sideways(
    visit: Visit, house: House, pages: tuple[str, ...], screen: str, language: str
) -> None:
    viewport, letters = SCREENS[screen]
    page = speaking(visit({"viewport": viewport}), language, house)
    wide = {}
    for path in pages:
        page.goto(path)
        if letters != 100:
            page.evaluate("percent => { document.documentElement.style.fontSize = percent + '%'; }", letters)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        if (by := overflow(page)) > 0:
            wide[path] = by
    assert wide == {}


ASKED: dict[str, dict[str, Any]] = {
    "forced colours in the dark": {"forced_colors": "active", "color_scheme": "dark"},
    "more contrast": {"contrast": "more"},
}


@pytest.mark.parametrize("asked", list(ASKED))
def test_pages_keep_their_shape_whatever_a_device_asks_for(visit: Visit, pages: tuple[str, ...], asked: str) -> None:
    page = visit(PHONE, **ASKED[asked])
    assert [path for path in pages if page.goto(path) and overflow(page) > 0] == []


def style(page: Page, selector: str, *names: str) -> list[str]:
    return list(
        page.evaluate(
            "([selector, names]) => { const it = getComputedStyle(document.querySelector(selector));"
            "return names.map(name => it[name] || it.getPropertyValue(name)); }",
            [selector, list(names)],
        )
    )


def test_with_forced_colours_what_is_a_ground_elsewhere_has_a_border(visit: Visit) -> None:
    page = visit(PHONE, forced_colors="active")
    page.goto("/design/")
    for selector in (".button", ".offline", ".problem", ".notice", ".received", ".output > h2", ".needs progress"):
        kind, width = style(page, selector, "borderTopStyle", "borderTopWidth")
        assert (kind, float(width.removesuffix("px")) >= 1) == ("solid", True), selector


def test_with_forced_colours_a_bar_shows_how_far_it_is(visit: Visit) -> None:
    """By what is seen: dark pixels in the row of a bar that is partly full."""
    page = visit(PHONE, forced_colors="active")
    page.goto("/design/")
    bar = page.locator(".needs progress").first
    seen = bar.evaluate("it => it.getBoundingClientRect().height")
    assert seen >= 8
    full, empty = (page.locator(".needs progress").nth(place).screenshot() for place in (1, 2))
    assert full != empty, "one that is full does not look like one that has just begun"


def test_more_contrast_is_given_where_it_is_asked_for(visit: Visit) -> None:
    plain, more = visit(PHONE), visit(PHONE, contrast="more")
    for page in (plain, more):
        page.goto("/")
    assert style(plain, "html", "--muted") != style(more, "html", "--muted")
    assert style(more, ".needs progress", "borderTopWidth") == ["1px"]


def test_with_less_motion_nothing_moves(visit: Visit) -> None:
    page = visit(PHONE, reduced_motion="reduce")
    page.goto("/design/")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter(it =>
        getComputedStyle(it).transitionDuration.split(", ").some(each => parseFloat(each) > 0)
        || (getComputedStyle(it).animationName !== "none" && getComputedStyle(it).animationName !== "settle")
        ).map(it => it.outerHTML.slice(0, 80))""")
    assert moving == [], "settle holds taps back for half a second and moves nothing"


def test_a_dataset_card_prints_dark_on_white_without_what_is_for_the_screen(
    visit: Visit, pages: tuple[str, ...]
) -> None:
    page = visit(DESK, color_scheme="dark")
    page.goto(next(path for path in pages if path.startswith("/releases/2")))
    page.emulate_media(media="print", color_scheme="dark")
    assert style(page, "body", "color", "backgroundColor") == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"]
    for gone in (".top nav", "footer", ".trail"):
        assert not page.locator(gone).is_visible(), gone
    for stays in (".top .mark", "h1"):
        assert page.locator(stays).is_visible(), stays
    page.set_viewport_size({"width": 680, "height": 960})  # a sheet of A4 between its margins
    assert overflow(page) <= 0
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_what_this_is_and_a_first_try_are_seen_without_scrolling(visit: Visit, house: House, language: str) -> None:
    page = speaking(visit(PHONE), language, house)
    page.goto("/")
    for selector in ("h1", ".lead", "main a.button[href='/try/']"):
        box = page.locator(selector).first.bounding_box()
        assert box
        assert box["y"] + box["height"] < 800, selector
    assert page.locator("main a.button").count() == 1, "one main action"


def test_the_table_behind_a_chart_opens_by_keyboard_and_without_javascript(visit: Visit) -> None:
    page = visit(PHONE, java_script_enabled=False)
    page.goto("/c/demo/")
    assert not page.locator(".behind table").is_visible()
    page.locator(".behind > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".behind table").is_visible()


def test_nothing_on_the_living_page_takes_the_focus(visit: Visit) -> None:
    page = visit(DESK)
    page.goto("/design/")
    assert page.evaluate("[document.activeElement.tagName, scrollY]") == ["BODY", 0]
    assert page.evaluate("[...document.querySelectorAll('.frame')].every(it => it.inert)")
