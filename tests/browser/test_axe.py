"""axe on every page of the site, on a phone, by day and by night, for everybody it is made for.

The addresses come from `tests/house/test_routes.py`, so that a page which is new is looked at without anybody thinking
of it; `scene.py` makes what they show. What answers with HTML, and not with a redirect or a file, is a page.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, ROOT, House
from tests.browser.scene import PASSWORD
from tests.browser.test_accounts import again, has_key, log_in
from tests.browser.test_journeys import received
from tests.house.test_routes import COUNTS, LEAD, OPEN, OWN, STEWARD

pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules/axe-core/axe.min.js"
SECOND = [route for route in OWN if route.startswith("account/second/")]
ROLES = {
    "guest": (None, OPEN, ["/v/es-CL/", "/c/voces/", "/varieties/?by=language", "/varieties/?q=runa"]),
    "volunteer": (
        "ana-ve",
        [route for route in [*OPEN, *OWN] if route not in SECOND],
        ["/c/ternas/rate/", "/c/largas/rate/", "/join/varieties/?q=que"],
    ),
    "steward": ("vocera-ve", [*STEWARD, "me/varieties/", "v/<slug:tag>/"], []),
    "lead": ("lider-ve", [*LEAD, *COUNTS, "account/"], []),
}
"""Who, what routes are theirs, and what one route shows in another way."""
BLANKS = re.compile(r"<([^>]+)>")
KEYS = {r"(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)": "<reset>", r"(?P<key>[-:\w]+)": "<confirm>"}
LEAVING = "/logout/"
COLOURS = ["color-contrast", "link-in-text-block"]
"""What can be otherwise by night: the rest of a page is the same."""


@pytest.fixture(scope="module")
def scene(house: House) -> dict[str, list[str]]:
    told = house.manage("shell", "-c", "from tests.browser.scene import build; build()")
    return dict(json.loads(told.splitlines()[-1]))


@pytest.fixture
def page(house: House, chromium: Browser) -> Iterator[Page]:
    """Without motion, so that nothing is looked at half faded in."""
    context = chromium.new_context(base_url=house.base, locale="es-PE", reduced_motion="reduce", **PHONE)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def addresses(route: str, scene: dict[str, list[str]]) -> Iterator[str]:
    """A route with all that can stand in its blanks."""
    for pattern, blank in KEYS.items():
        route = route.replace(pattern, blank)
    between = BLANKS.split(route)
    for chosen in product(*(scene[blank] for blank in between[1::2])):
        between[1::2] = chosen
        yield "/" + "".join(between).lstrip("/")


def come_in(page: Page, name: str) -> None:
    """By the password, and once more for what is weighty."""
    log_in(page, name, PASSWORD)
    page.wait_for_url("**/rate/")
    page.goto("/account/codes/")
    again(page)
    page.wait_for_url("**/account/codes/")


def pages(page: Page, every: Iterable[str]) -> Iterator[str]:
    """Those that are a page for who asks, each opened. Whoever leaves is gone, so that goes last."""
    for address in sorted(every, key=LEAVING.__eq__):
        answer = page.request.get(address, max_redirects=0)
        assert answer.status not in (403, 404, 500), (
            f"{address} is {answer.status}: the scene has nothing to show there"
        )
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
            page.goto(address)
            yield address


def look(page: Page, name: str) -> list[str]:
    """What axe finds serious or critical on the page as it stands: page, rule and node."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    page.emulate_media(color_scheme="light")
    found = [(name, each) for each in _violations(page, {})]
    page.emulate_media(color_scheme="dark")
    found += [(f"{name} by night", each) for each in _violations(page, {"runOnly": COLOURS})]
    faults = [(where, each["id"], node) for where, each in found for node in each["nodes"]]
    return [f"{where}: {rule}: {node['target']} {node['html'][:200]}" for where, rule, node in faults]


def _violations(page: Page, options: dict[str, list[str]]) -> list[dict]:
    result = page.evaluate("options => axe.run({...options, resultTypes: ['violations']})", options)
    return [each for each in result["violations"] if each["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("role", ROLES)
def test_no_page_has_a_serious_fault(page: Page, scene: dict[str, list[str]], role: str) -> None:
    name, routes, also = ROLES[role]
    if name:
        come_in(page, name)
    every = [*(address for route in routes for address in addresses(route, scene)), *also]
    assert [fault for address in pages(page, every) for fault in look(page, f"{role} {address}")] == []


def test_no_page_of_the_second_step_has_a_serious_fault(page: Page, house: House, scene: dict[str, list[str]]) -> None:
    """With a key, codes on paper and codes from a telephone; then at the log-in."""
    has_key(page)
    come_in(page, "llave-ve")
    page.goto("/account/second/webauthn/add/")
    page.locator("[name=name]").fill("llave")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/account/second/recovery-codes/**")
    house.manage("shell", "-c", "from tests.browser.scene import arm; arm('llave-ve')")
    page.goto("/account/second/webauthn/")
    key = re.findall(r"keys/(\d+)/", page.content())[:1]
    every = [address for route in SECOND for address in addresses(route, scene | {"int:pk": key})]
    faults = [fault for address in pages(page, every) for fault in look(page, f"second step {address}")]
    page.goto(LEAVING)
    page.locator("main form button").first.click()
    log_in(page, "llave-ve", PASSWORD)
    page.wait_for_url("**/account/second/authenticate/**")
    assert faults + look(page, "second step at the log-in") == []


def test_no_state_of_a_page_has_a_serious_fault(page: Page, scene: dict[str, list[str]]) -> None:
    """What is only seen after something was done: refusals, what was received, what is unfolded, what is not there."""
    faults = []
    page.goto("/nada/")
    faults += look(page, "not there")
    page.goto("/login/")
    page.locator("[name=login]").fill("nadie")
    page.locator("[name=password]").fill("nada")
    page.locator("main form button").first.tap()
    expect(page.locator(".problem")).to_be_visible()
    faults += look(page, "refused at the log-in")
    page.goto("/c/pares/try/start/")
    page.locator("[name=variety][value=es-CL]").tap()
    page.locator(".menu summary").tap()
    faults += look(page, "the table's menu")
    page.locator(".ways summary").tap()
    faults += look(page, "the table's ways out")
    page.keyboard.press("Escape")
    page.locator("[data-work] button[value=tie]").tap()
    expect(received(page)).to_be_visible()
    faults += look(page, "received")
    page.goto("/c/agotadas/try/start/")
    page.locator("[name=variety][value=es-CL]").tap()
    for number in (2, 3):
        page.wait_for_timeout(600)
        page.locator("[data-work] button[value=both_good]").tap()
        expect(received(page)).to_contain_text(f"· {number}")
    expect(page.locator(".empty")).to_be_visible()
    faults += look(page, "nothing left")
    assert faults == []


@pytest.mark.parametrize(
    ("sabotage", "rule"),
    [
        (
            "document.querySelectorAll('[name=login]').forEach(it => it.labels.forEach(label => label.remove()))",
            "label",
        ),
        ("document.querySelector('h1').style.color = '#9a9a9a'", "color-contrast"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
    ],
)
def test_a_page_made_worse_turns_red(page: Page, sabotage: str, rule: str) -> None:
    page.goto("/login/")
    assert look(page, "login") == []
    page.evaluate(sabotage)
    faults = look(page, "login")
    assert faults
    assert {fault.split(": ")[1] for fault in faults} == {rule}


def test_what_is_only_faint_by_night_turns_red_too(page: Page) -> None:
    page.goto("/login/")
    page.evaluate("document.querySelector('h1').style.color = '#26211c'")
    (fault,) = look(page, "login")
    assert fault.startswith("login by night: color-contrast: ['h1']")
