"""No text is a script, whoever entered it and wherever it is shown: on every page, for everybody, in a real browser,
with the page's own policy and again without it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESK, House, Watch, running
from tests.browser.poison import FOREIGN, PAYLOADS
from tests.browser.scene import PASSWORD
from tests.browser.test_accounts import log_in
from tests.browser.test_axe import ROLES, addresses, come_in, pages

pytestmark = pytest.mark.browser
PANEL = "jefa-ve"
STRANGERS = (
    "Prompt.messages", "Output.text", "Item.source_id", "Source.name", "Source.attribution", "ModelVersion.name",
    "Campaign.name", "Hidden.text", "Sanction.words", "Purge.words", "Charter.policy", "StewardsDecision.reason",
    "Retraction.why", "ConsentText.texts",
    "CommunityLabel.name", "Edition.title", "Steward.why", "Confirmed.reason", "Variety.autonym", "TrainingRun.place",
    "Vote.reason", "Demonstration.text", "Correction.text", "PromptProposal.text", "Translation.text", "Flag.comment",
    "Flag.counter_example", "Review.text", "Appeal.text", "RequestText.text", "VarietyProposal.why",
)  # fmt: skip
"""Columns of volunteers, importers, stewards and the team in which there are words: all of them are scripts then."""
SPOILED = """() => [
    ...(window.ran ? ["a script ran"] : []),
    ...[...document.querySelectorAll("*")].flatMap(node => [...node.attributes].filter(each =>
        each.name.startsWith("on") || each.name.startsWith("hx-on") || /^\\s*(javascript|data:text)/i.test(each.value)
    ).map(each => `${node.tagName} ${each.name}`)),
    ...[...document.querySelectorAll("iframe, object, embed, base, [http-equiv=refresh], marquee, math, svg script")]
        .map(node => `${node.tagName}, which no page of ours has`),
]"""
"""What of a payload became part of the page: what ran, and what would once somebody touched it."""


@pytest.fixture(scope="module")
def poisoned() -> Iterator[tuple[House, dict[str, list[str]]]]:
    """A house of its own, in which every text is a script; and what stands in the blanks of addresses."""
    with running() as house:
        told = house.manage("shell", "-c", "from tests.browser.scene import build; build()")
        house.manage("shell", "-c", "from tests.browser.moderators import build; build()")
        done = house.manage("shell", "-c", "from tests.browser.poison import poison, write; write(); poison()")
        many = json.loads(done.splitlines()[-1])
        assert [column for column in STRANGERS if not many[column]] == []
        yield house, json.loads(told.splitlines()[-1])


@pytest.fixture(params=[False, True], ids=["with its policy", "without"])
def opened(request: Any, poisoned: tuple[House, dict], chromium: Browser) -> Iterator[tuple[Page, Watch]]:
    house, _told = poisoned
    context = chromium.new_context(base_url=house.base, locale="es-PE", bypass_csp=request.param, **DESK)
    context.set_default_timeout(20_000)
    watch = Watch(house)
    watch.over(context)
    yield context.new_page(), watch
    context.close()


def test_there_are_three_hundred_and_each_is_another() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 300


@pytest.mark.parametrize("role", [*ROLES, PANEL])
def test_no_text_is_a_script(role: str, poisoned: tuple[House, dict], opened: tuple[Page, Watch]) -> None:
    _house, told = poisoned
    page, watch = opened
    if role == PANEL:
        log_in(page, PANEL, PASSWORD)
        every = panel(page)
    else:
        name, routes, also = ROLES[role]
        if name:
            come_in(page, name)
        every = [*(address for route in routes for address in addresses(route, told)), *also]
    found, seen = [], 0
    for address in pages(page, every):
        found += [f"{address}: {fault}" for fault in [*page.evaluate(SPOILED), *watch.troubles]]
        seen += "onerror" in page.inner_text("body") or "onerror" in page.content()
        watch.troubles.clear()
    assert found == []
    assert seen > 3 or role == "lead", "what was entered is shown, or nothing is proved"


def panel(page: Page) -> list[str]:
    """Every list of the panel, and the first page that each leads to."""
    page.goto("/admin/")
    found = page.eval_on_selector_all(
        "#content-main a[href^='/admin/']", "links => [...new Set(links.map(each => each.getAttribute('href')))]"
    )
    every = ["/admin/", *(each for each in found if not each.endswith("/add/"))]
    for address in every[1:]:
        page.goto(address)
        links = page.eval_on_selector_all(
            "#result_list th a[href], [data-row] a[href]", "links => links.map(each => new URL(each.href).pathname)"
        )
        every += [each for each in links[:1] if each not in every]
    return every


@pytest.mark.parametrize("payload", ["<img src=x onerror=window.ran=1>", "<a href='javascript:window.ran=1'>x</a>",
                                     f"<img src={FOREIGN}>", "<p onfocus=window.ran=1 tabindex=0>x</p>"])  # fmt: skip
def test_what_is_not_shown_as_words_is_found(payload: str, opened: tuple[Page, Watch]) -> None:
    """The sabotaged twin: one place that forgets to escape, in a page of ours."""
    page, watch = opened
    page.goto("/terms/")
    assert page.evaluate(SPOILED) == watch.troubles == []
    page.evaluate("text => document.querySelector('main').insertAdjacentHTML('beforeend', text)", payload)
    page.wait_for_timeout(300)
    assert page.evaluate(SPOILED) or watch.troubles
