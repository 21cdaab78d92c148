"""What the public observatory of MDN would say of every page, in production: its twelve tests, as it counts them, and
the grade A+ with all that can be had beside. Offline, so that it is known before anybody looks.

The rules are those of HTTP Observatory 5: https headers are read from each answer, cookies from all of them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

import pytest
from django.test import Client

from annotations.people.actions import new_token
from annotations.people.demo import volunteer
from annotations.people.models import Person
from tests.cast import line, world
from tests.house.test_access import read_through
from tests.house.test_routes import EVERY, GUARDED, OWN, filled
from tests.house.test_safety import SAFE

PERFECT = 145
"""A hundred, and what is added: no source of its own by default (10), a session cookie that stays at home (5), nobody
frames us by policy (5), a strict referrer (5), resources for ourselves alone (10), no script of anybody (10)."""
NAMES = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_SSL_REDIRECT",
         "SECURE_REDIRECT_EXEMPT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE",
         "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME")  # fmt: skip


def policy_of(headers: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def score(headers: Any, cookies: list[Morsel[str]]) -> int:
    """What the observatory gives, from 0 up; 100 and more is an A+."""
    policy = policy_of(headers)
    every = [source for sources in policy.values() for source in sources]
    fallback = policy.get("default-src", ["*"])
    scripts, styles = policy.get("script-src", fallback), policy.get("style-src", fallback)
    points = 100
    points -= 25 if not policy or "*" in scripts or {"'unsafe-inline'", "data:", "https:"} & set(scripts) else 0
    points -= 20 if "'unsafe-eval'" in every or "'unsafe-inline'" in styles else 0
    points -= 20 if any(source.startswith("http:") for source in every) else 0
    points += 10 if policy.get("default-src") == ["'none'"] and "base-uri" in policy and "form-action" in policy else 0
    points += 10 if set(scripts) <= {"'self'", "'none'"} else 0
    points += cookie_points(cookies)
    points -= 50 if headers.get("Access-Control-Allow-Origin") else 0
    points += {"DENY": 0, "SAMEORIGIN": 0}.get(headers.get("X-Frame-Options", ""), -20)
    points += 5 if policy.get("frame-ancestors") == ["'none'"] else 0
    points -= 0 if headers.get("X-Content-Type-Options") == "nosniff" else 5
    referrer = headers.get("Referrer-Policy", "")
    points += (
        5 if referrer in ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin") else -5
    )
    points += 10 if headers.get("Cross-Origin-Resource-Policy") in ("same-origin", "same-site") else 0
    seconds = headers.get("Strict-Transport-Security", "max-age=0").partition("max-age=")[2].partition(";")[0]
    points -= 20 if int(seconds) < 15_768_000 else 0
    return points


def cookie_points(cookies: list[Morsel[str]]) -> int:
    if not all(each["secure"] for each in cookies):
        return -40
    if not all(each["httponly"] for each in cookies if "session" in each.key or "csrf" in each.key):
        return -30
    return 5 if all(each["samesite"] in ("Lax", "Strict") for each in cookies) else -20


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """The settings of a production, as its own process reads them."""
    code = f"import json; from minka import settings; print(json.dumps({{n: getattr(settings, n) for n in {NAMES}}}))"
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **SAFE}, capture_output=True, text=True, check=True
    )
    return dict(json.loads(told.stdout))


@pytest.fixture
def secured(settings: Any, production: dict[str, Any]) -> dict[str, Any]:
    for name, value in production.items():
        setattr(settings, name, value)
    return production


@pytest.fixture
def clients(db: None, secured: dict[str, Any]) -> list[Client]:
    world(line("1"))
    ana = Client()
    ana.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    return [Client(), ana]


def test_every_page_has_an_a_plus_with_all_that_is_added(clients: list[Client], secured: dict[str, Any]) -> None:
    low, cookies = [], {}
    for client in clients:
        for address in EVERY:
            answer = client.get(filled(address), secure=True)
            read_through(answer)
            cookies |= answer.cookies
            points = score(answer.headers, list(answer.cookies.values()))
            if points < PERFECT or answer.headers.get("Cross-Origin-Opener-Policy") != "same-origin":
                low.append(f"{address}: {answer.status_code} {points}")
    assert low == []
    assert all(name.startswith("__Host-") for name in cookies), cookies
    assert all(each["path"] == "/" and not each["domain"] for each in cookies.values())
    named = {secured[f"{what}_COOKIE_NAME"] for what in ("SESSION", "CSRF", "LANGUAGE")}
    assert len(named) == 3
    assert set(cookies) <= named, "and no other"


def test_what_is_one_s_own_is_kept_in_no_cache(clients: list[Client]) -> None:
    kept = []
    for address in [*OWN, *GUARDED]:
        answer = clients[1].get(filled(address), secure=True)
        read_through(answer)
        if answer.status_code == 200 and "no-store" not in answer.headers.get("Cache-Control", ""):
            kept.append(address)
    assert kept == []


def test_what_comes_over_plain_http_is_led_to_https_once(clients: list[Client]) -> None:
    answer = clients[0].get("/terms/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/terms/")
    for probe in ("/livez", "/readyz", "/metrics"):
        assert clients[0].get(probe).status_code != 301


def test_a_program_that_speaks_plain_http_is_told_no_and_not_led_on(clients: list[Client]) -> None:
    """Led to https it would go on sending its token unsealed, and nobody would notice."""
    token = new_token(person=Person.objects.create_user("programa"))
    program = Client(headers={"authorization": f"Token {token}"})
    for address in ("/api/v1/me/", "/api/v1/releases/"):
        answer = program.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert program.get(address, secure=True).status_code == 200


WEAKER: dict[str, Callable[[dict[str, str]], Any]] = {
    "an inline script": lambda h: h.update({"Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}),
    "no policy": lambda h: h.pop("Content-Security-Policy"),
    "sources by default": lambda h: h.update({"Content-Security-Policy": h["Content-Security-Policy"].replace(
        "default-src 'none'", "default-src 'self'")}),
    "framed by ourselves": lambda h: h.update({"Content-Security-Policy": h["Content-Security-Policy"].replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'")}),
    "half a year, less a day": lambda h: h.update({"Strict-Transport-Security": "max-age=15681600"}),
    "sniffed": lambda h: h.pop("X-Content-Type-Options"),
    "for everybody": lambda h: h.update({"Access-Control-Allow-Origin": "*"}),
    "telling where one comes from": lambda h: h.update({"Referrer-Policy": "unsafe-url"}),
    "taken by other sites": lambda h: h.pop("Cross-Origin-Resource-Policy"),
}  # fmt: skip


@pytest.mark.parametrize("weaker", list(WEAKER))
def test_the_twin_that_says_less_has_less(clients: list[Client], weaker: str) -> None:
    headers = dict(clients[0].get("/", secure=True).headers)
    assert score(headers, []) == PERFECT
    WEAKER[weaker](headers)
    assert score(headers, []) < PERFECT


def test_a_cookie_for_any_connection_has_less(clients: list[Client]) -> None:
    cookies = clients[0].get("/join/", secure=True).cookies
    kept = list(cookies.values())
    assert cookie_points(kept) == 5
    kept[0]["secure"] = ""
    assert cookie_points(kept) == -40
