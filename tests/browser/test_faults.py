"""Cut answers and lost sessions, many of them: nothing lost, nothing twice. A short form runs with the tests; `make
faults` cuts a thousand answers and loses fifty sessions. The seed is printed; with SEED=… the same run comes again."""

import os
import random
import re
import string
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.page import tell
from tests.browser.conftest import CAMPAIGNS, PHONE, House, _item
from tests.browser.cutting import Cutting
from tests.browser.test_journeys import join, seat
from tests.browser.test_nothing_lost import join_with_a_text, log_in, stored, writes

pytestmark = pytest.mark.browser
CUTS, LOSSES = int(os.environ.get("CUTS", "5")), int(os.environ.get("LOSSES", "2"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))


@pytest.fixture
def chance() -> random.Random:
    print(f"SEED={SEED}")
    return random.Random(SEED)


@pytest.fixture
def cutting(house: House) -> Iterator[Cutting]:
    cutting = Cutting(int(house.environment["PORT"]))
    yield cutting
    cutting.close()


@pytest.fixture
def phone(house: House, chromium: Browser, cutting: Cutting) -> Iterator[Page]:
    """A phone behind the network that cuts, with enough to do."""
    CAMPAIGNS["cortes"] = [_item(n, ["Sí, po.", "No, pues."]) for n in range(CUTS + 5)]
    house.load("cortes")
    context = chromium.new_context(base_url=f"http://localhost:{cutting.port}", locale="es-PE", **PHONE)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_answers_cut_after_they_were_kept_are_neither_lost_nor_doubled(
    phone: Page, cutting: Cutting, chance: random.Random
) -> None:
    join(phone, "cortes")
    answered = set()
    for _number in range(CUTS):
        here = seat(phone)
        answered.add(here)
        cutting.cuts = chance.choice([1, 2, 3])
        phone.wait_for_timeout(600)
        phone.locator(f"button[value={chance.choice(['a2', 'tie', 'b1'])}]").click()
        for _try in range(40):
            phone.wait_for_timeout(150)
            if phone.locator("[data-work] [name=assignment]").input_value() != here:
                break
            if chance.random() < 0.2:  # somebody loses patience
                phone.reload()
            else:  # pressed where it stands: the page may send by itself meanwhile, and take the button away
                phone.evaluate("document.querySelector('#unsent:not([hidden]) button')?.click()")
        cutting.cuts = 0
        expect(phone.locator("[data-work] [name=assignment]")).not_to_have_value(here, timeout=30_000)
    assert cutting.done >= CUTS
    waiting = 300  # who looked again is shown what comes next while the page still sends what it kept
    while stored(phone, "outbox") and (waiting := waiting - 1):
        phone.wait_for_timeout(100)
    assert stored(phone, "outbox") == []
    phone.goto("/me/")
    expect(phone.locator("#sent")).to_have_text(re.compile(rf"^{CUTS} "))
    assert len(answered) == CUTS
    tell("answers cut", f"{cutting.done:,} answers of a phone cut after they were kept, SEED={SEED}: 0 lost, 0 twice.")


def test_a_session_lost_in_the_middle_of_a_long_text_costs_no_character(phone: Page, chance: random.Random) -> None:
    name = join_with_a_text(phone, "cortes")
    for _number in range(LOSSES):
        words = "".join(chance.choices(string.ascii_letters + "áñç 🌻¿", k=2_000))
        phone.locator("textarea[name=text]").fill("")
        writes(phone, words)
        phone.wait_for_timeout(chance.choice([30, 200]))
        phone.context.clear_cookies(name=chance.choice(["sessionid", re.compile(".*")]))
        phone.reload()
        phone.wait_for_url("**/login/?next=/c/cortes/rate/")
        log_in(phone, name)
        phone.wait_for_url("**/c/cortes/rate/")
        phone.goto("/c/cortes/rate/")
        expect(phone.locator("textarea[name=text]")).to_have_value(words)
    tell("sessions lost", f"{LOSSES} sessions lost in the middle of 2,000 characters, SEED={SEED}: no character lost.")
