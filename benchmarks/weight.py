"""What Minka weighs for who pays by the kilobyte: received bytes, headers counted, as Chromium reports them.

A first visit is a browser that kept nothing: the home page, on to the table, the first item on the screen. Then one
item after the other. A kilobyte is 1,000 bytes. Requests that a page's own cache answered weigh nothing and are not
counted; what a service worker fetches for itself is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, Request

from benchmarks.chromium import PHONE, launched
from benchmarks.house import House, started

VISIT_LIMIT_KB, REQUESTS_LIMIT, ITEM_LIMIT_KB = 100, 8, 10
ITEMS = 5
PEERS = (("Label Studio", 2141, 34), ("doccano", 719, 22))
"""Their labelling pages, gzipped, in KB and requests: figures that were given to us, not measured by this."""


@dataclass
class Scale:
    """What a browser has received since the last look."""

    page: Page
    received: int = 0
    requests: int = 0

    def __post_init__(self) -> None:
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda told: self._add(told["encodedDataLength"]))
        devtools.on("Network.requestWillBeSent", lambda told: self._add(_of_redirect(told)))
        self.page.context.on("requestfinished", self._of_worker)

    def _add(self, size: float) -> None:
        self.received += int(size)
        self.requests += size > 0

    def _of_worker(self, request: Request) -> None:
        if request.service_worker:
            sizes = request.sizes()
            self._add(sizes["responseBodySize"] + sizes["responseHeadersSize"])

    def read(self) -> tuple[float, int]:
        """KB and requests, once nothing more comes."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(1_000)
        seen = self.received / 1_000, self.requests
        self.received = self.requests = 0
        return seen


def _of_redirect(told: dict[str, Any]) -> float:
    return told.get("redirectResponse", {}).get("encodedDataLength", 0)


def main() -> None:
    with started() as house, launched() as browser:
        rows = [("guest", *_weigh(browser, house, _as_guest)), ("volunteer", *_weigh(browser, house, _as_volunteer))]
    print("| who | what | measured | limit | ratio |")
    print("| --- | --- | ---: | ---: | ---: |")
    for who, first, requests, item in rows:
        _row(who, "first visit, KB", first, VISIT_LIMIT_KB)
        _row(who, "first visit, requests", requests, REQUESTS_LIMIT)
        _row(who, f"each further item, mean of {ITEMS}, KB", item, ITEM_LIMIT_KB)
    for who, size, requests in PEERS:
        print(f"| for comparison: {who} | the labelling page, KB | {size} | | |")
        print(f"| for comparison: {who} | the labelling page, requests | {requests} | | |")


def _row(who: str, what: str, measured: float, limit: int) -> None:
    said = measured if isinstance(measured, int) else f"{measured:.1f}"
    print(f"| {who} | {what} | {said} | {limit} | {measured / limit:.2f} |")


def _weigh(browser: Browser, house: House, arrive: Callable[[Page, House], None]) -> tuple[float, int, float]:
    """KB and requests of a first visit, then KB of each further item."""
    context = browser.new_context(base_url=house.url.replace("127.0.0.1", "localhost"), **PHONE)
    page = context.new_page()
    scale = Scale(page)
    page.goto("/")
    # A phone reads the manifest; a browser without a window does not ask for it.
    page.evaluate("""() => Promise.all([...document.querySelectorAll("link[rel=manifest]")]
        .map((link) => fetch(link.href)))""")
    arrive(page, house)
    page.locator("[data-work] .bar > button").first.wait_for()
    first, requests = scale.read()
    for _ in range(ITEMS):
        seat = page.locator("[data-work] [name=assignment]").input_value()
        page.locator("[data-work] button[value=both_good]").tap()
        page.wait_for_function("seat => document.querySelector('[name=assignment]').value !== seat", arg=seat)
        page.wait_for_timeout(600)  # the bar takes no tap before
    items, _requests = scale.read()
    context.close()
    return first, requests, items / ITEMS


def _as_guest(page: Page, _house: House) -> None:
    page.locator("main a[href*='try/']").first.tap()
    page.locator("[name=variety][value=es-CL]").tap()


def _as_volunteer(page: Page, house: House) -> None:
    """Ana of the demo community, on a phone she has not used before."""
    page.locator("header a[href='/rate/']").tap()
    page.locator("[name=login]").fill("ana")
    page.locator("[name=password]").fill(json.loads((house.home / "demo-people.json").read_text("utf-8"))["ana"])
    page.locator("main form button").first.tap()
