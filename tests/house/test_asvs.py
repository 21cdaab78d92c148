"""`docs/security/asvs.md` has every requirement of OWASP ASVS 5.0 up to level 2, once, and what it says is so."""

import importlib
import re
import tomllib
from pathlib import Path

from allauth.account.app_settings import RATE_LIMITS, REAUTHENTICATION_TIMEOUT
from allauth.mfa.app_settings import RECOVERY_CODE_COUNT
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from knox.settings import knox_settings

from annotations.people.accounts.models import WayBack
from annotations.people.rights.retention import PERIODS
from minka import settings as house

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security/asvs.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
LAST = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1,
    "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4,
    "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
"""How many of each section are of levels 1 and 2: they are the first ones of it."""


def test_every_requirement_stands_there_once() -> None:
    asked = [f"{section}.{number}" for section, last in LAST.items() for number in range(1, last + 1)]
    assert [number for number, _what, _how in ROWS] == asked


def test_every_answer_is_a_test_a_rule_a_reason_or_open() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]["select"]
    wrong = []
    for number, _what, how in ROWS:
        named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", how)
        rule = re.fullmatch(r"`make check`: (S)\d+", how)
        if named:
            path = ROOT / named[1]
            fine = path.is_file() and f"\ndef {named[2]}(" in path.read_text("utf-8")
        else:
            fine = rule[1] in rules if rule else bool(re.match(r"(?:n/a|open): \S", how))
        wrong += [] if fine else [f"{number}: {how}"]
    assert wrong == []


def test_the_sum_is_true() -> None:
    kinds = ["by a test", "by a rule", "not asked of us", "open"]
    starts = ["`tests/", "`make check`", "n/a:", "open:"]
    counts = [sum(how.startswith(start) for _number, _what, how in ROWS) for start in starts]
    told = ", ".join(f"{count} {kind}" for count, kind in zip(counts, kinds, strict=True))
    assert f"{len(ROWS)} requirements: {told}." in TEXT


DECIDED = (ROOT / "docs/security/decisions.md").read_text("utf-8")
LIMITS = re.findall(r"^\| ([^|]+) \| (`[^|]+`) \| (`[^|]+`) \|$", DECIDED, re.MULTILINE)


def found(place: str) -> str:
    """What stands in the code at `module.NAME` or `module.NAME.key`."""
    path, _dot, name = place.rpartition(".")
    key, module = "", path
    if not name.isupper():
        module, _dot, named = path.rpartition(".")
        key, name = name, named
    value = getattr(importlib.import_module(module), name)
    return str(value[key] if key else value)


def test_what_was_decided_is_what_the_code_does() -> None:
    """Every limit of the page is the code's, and no limit of tries is left out; words of the other sections too."""
    told = {
        place: limit
        for _what, limits, places in LIMITS
        for limit, place in zip(re.findall("`([^`]+)`", limits), re.findall("`([^`]+)`", places), strict=True)
    }
    assert {place: found(place) for place in told} == told
    named = {place.rpartition(".")[2] for place in told}
    not_here = {"change_phone", "verify_phone", "request_login_code"}  # there are no telephones, nor codes to log in by
    assert {*settings.MINKA_RATES, *RATE_LIMITS} - not_here <= named
    assert (house.SESSION_COOKIE_AGE, house.MINKA_PANEL_ASKS_AFTER) == (30 * 24 * 3600, 12 * 3600)
    assert "thirty days" in DECIDED
    assert "twelve hours" in DECIDED
    assert REAUTHENTICATION_TIMEOUT == 300
    assert "last five minutes" in DECIDED
    assert "20,000 commonest" in DECIDED
    assert len(CommonPasswordValidator().passwords) >= 19_000
    assert (WayBack.CODES, WayBack.HELP_LASTS.days) == (8, 1)
    assert {each["NAME"].rpartition(".")[2] for each in house.AUTH_PASSWORD_VALIDATORS} == {
        "UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator",
        "NumericPasswordValidator", "NotTheHouse",
    }  # fmt: skip
    assert settings.ACCOUNT_REAUTHENTICATION_REQUIRED
    (kept,) = [period.days for period in PERIODS if period.table == "admin.LogEntry"]
    assert kept == 3 * 365
    assert settings.MFA_SUPPORTED_TYPES == ["totp", "webauthn", "recovery_codes"]
    assert (RECOVERY_CODE_COUNT, knox_settings.AUTH_TOKEN_CHARACTER_LENGTH) == (10, 64)
    headings = ["Ways in", "Passwords", "Sessions", "Limits", "What is sealed with what", "What is written down",
                "Libraries"]  # fmt: skip
    assert re.findall(r"^## (.*)$", DECIDED, re.MULTILINE) == headings
    assert "within seven days" in DECIDED
    assert "MINKA_LOG_DAYS:-14" in (ROOT / "deploy/one-machine/configure").read_text("utf-8")
