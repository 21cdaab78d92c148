"""Accounts in a real browser: the proof of work, a key as the second step, codes that lead back in."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, House, Visit
from tests.browser.test_journeys import join

pytestmark = pytest.mark.browser
PASSWORD = "muy-larga-y-rara-7"


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("main form button").click()


def has_key(page: Page) -> None:
    """A key in the browser's socket that is touched whenever it is asked."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def again(page: Page) -> None:
    """Say the password once more, where something weighty is asked."""
    if "/again/" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()


def test_a_slow_phone_proves_itself_while_the_form_is_filled(visit: Visit, house: House) -> None:
    """Six times slower than this machine. How long it takes is printed, and is no condition: the machine is shared."""
    page = visit(PHONE)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page.goto("/join/")
    began = time.monotonic()
    page.locator("[name=username]").focus()
    page.wait_for_function("() => document.querySelector('[name=proof]').value !== ''", timeout=60_000)
    print(f"proof of work on a phone six times slower: {time.monotonic() - began:.1f} s")
    page.locator("[name=username]").fill(f"ana-{time.monotonic_ns()}")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=adult]").check()
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile("/account/codes/"))


def test_a_key_is_the_second_step(visit: Visit) -> None:
    page = visit(DESK)
    has_key(page)
    name = join(page, "pares")
    page.goto("/account/second/webauthn/add/")
    again(page)
    page.locator("[name=name]").fill("llave")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(re.compile("/account/second/(webauthn|recovery-codes)/$"))
    page.goto("/account/")
    page.locator("form.leave button").click()
    page.wait_for_url(lambda url: "/account/" not in url)
    log_in(page, name)
    page.wait_for_url("**/account/second/authenticate/**")
    page.locator("#mfa_webauthn_authenticate").click()
    page.wait_for_url("**/rate/")


def test_a_code_leads_back_in(visit: Visit) -> None:
    page = visit(PHONE)
    name = join(page, "pares")
    page.goto("/account/codes/")
    page.locator("main form button").click()
    again(page)
    code = page.locator(".codes code").first.inner_text()
    page.goto("/account/")
    page.locator("form.leave button").click()
    page.wait_for_url(lambda url: "/account/" not in url)
    page.goto("/back/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=code]").fill(code)
    page.locator("[name=password]").fill("otra-muy-larga-9")
    page.locator("main form button").click()
    log_in(page, name, "otra-muy-larga-9")
    page.wait_for_url("**/rate/")
