"""What no log may hold: a whole network address."""

import importlib.util
import io
import logging
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from gunicorn.config import Config

from annotations.people.actions import new_token
from annotations.people.models import Person
from minka.logs import JSONLine, Line, cut_addresses

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Invalid request from ip=203.0.113.77: bad", "Invalid request from ip=203.0.113.0: bad"),
        ("2001:db8:aa:bb:cc:dd:ee:ff", "2001:db8:aa::"),
        ("[2001:db8:aa:1::7]:443 said", "[2001:db8:aa::]:443 said"),
        ("::ffff:203.0.113.77", "::ffff:203.0.113.0"),
        ("10.1.2.3:8000, 10.9.8.7", "10.1.2.0:8000, 10.9.8.0"),
        ("fe80::1", "fe80::"),
        ("Listening at: http://127.0.0.1:8000 and ::1", "Listening at: http://127.0.0.1:8000 and ::1"),
        ("at 10:20:30.123 release 20261123T060000Z took 1.2.3", "at 10:20:30.123 release 20261123T060000Z took 1.2.3"),
        ("annotations.people::join is a name", "annotations.people::join is a name"),
        ("300.1.1.1 is no address", "300.1.1.1 is no address"),
    ],
)
def test_an_address_is_cut_and_nothing_else_is(line: str, kept: str) -> None:
    assert cut_addresses(line) == kept


def web_settings() -> Any:
    path = ROOT / "platform/minka/services/gunicorn.py"
    spec = importlib.util.spec_from_file_location("web_settings", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_web_server_keeps_no_access_log_and_cuts_addresses_in_all_it_says(monkeypatch) -> None:
    settings = web_settings()
    assert settings.accesslog is None
    config = Config()
    config.set("accesslog", "-")  # as an operator might
    config.set("logger_class", settings.WebLog)
    log = config.logger_class(config)
    said = io.StringIO()
    for handler in (*log.error_log.handlers, *log.access_log.handlers):
        monkeypatch.setattr(handler, "stream", said)
    log.warning("Invalid request from ip=%s: %s", "203.0.113.77", "no method")
    log.access_log.info('%(h)s "%(r)s"', {"h": "2001:db8:aa:bb::7", "r": "GET / HTTP/1.1"})
    assert "ip=203.0.113.0: no method" in said.getvalue()
    assert '2001:db8:aa:: "GET / HTTP/1.1"' in said.getvalue()


def test_what_django_logs_is_cut_its_tracebacks_too() -> None:
    (ours,) = [handler.formatter for handler in logging.root.handlers if isinstance(handler.formatter, Line)]
    try:
        raise ValueError("from 203.0.113.77")
    except ValueError as fault:
        trace = (type(fault), fault, fault.__traceback__)
        record = logging.LogRecord("django.request", 40, "", 0, "login of %s", ("203.0.113.78",), trace)
    line = ours.format(record)
    assert "login of 203.0.113.0" in line
    assert "from 203.0.113.0" in line
    assert "203.0.113.7" not in line


@pytest.mark.parametrize("forged", ["\n2026-11-30 09:00:00 ERROR", "\r\n2026", "\x1b[31m", "\u2028", "\u202e", "\x85"])
def test_nobody_writes_a_line_of_their_own(forged: str) -> None:
    """A line begins where the house begins one; a traceback stands below it, set in."""
    ours = Line("{asctime} {levelname} {message}", style="{")
    try:
        raise ValueError(f"of a stranger{forged} all is well")
    except ValueError as fault:
        trace = (type(fault), fault, fault.__traceback__)
        record = logging.LogRecord("minka", 40, "", 0, "asked for %s", (f"/a{forged} all is well",), trace)
    first, *below = ours.format(record).splitlines()
    assert first.endswith(" all is well")
    assert below
    assert all(line.startswith("    ") for line in below)
    assert all(each.isprintable() or each == "\n" for each in ours.format(record))
    assert JSONLine().format(record).isprintable()


def test_a_moment_is_told_in_utc() -> None:
    (ours,) = [handler.formatter for handler in logging.root.handlers if isinstance(handler.formatter, Line)]
    record = logging.LogRecord("minka", 20, "", 0, "here", (), None)
    record.created, record.msecs = 1_764_489_600.25, 250.0
    assert ours.format(record).startswith("2025-11-30 08:00:00.250Z ")


@pytest.mark.django_db
def test_who_comes_in_and_who_is_turned_away_is_written_down(seeds: None, caplog: pytest.LogCaptureFixture) -> None:
    """Of the team by their key; of a volunteer that somebody came. No name, no address, nothing that was typed."""
    jefa = Person.objects.create_superuser("jefa", "muy-larga-y-rara")
    Person.objects.create_user("ana", password="otra-larga-y-rara")
    with caplog.at_level(logging.INFO):
        for name, password in (("ana", "otra-larga-y-rara"), ("ana", "no-es-esta"), ("jefa", "muy-larga-y-rara")):
            Client().post("/login/", {"login": name, "password": password})
        TOTP.activate(jefa, generate_totp_secret())
        half_in = Client()
        half_in.post("/login/", {"login": "jefa", "password": "muy-larga-y-rara"})
        half_in.post(reverse("mfa_authenticate"), {"code": "000000"})
        Client().post("/back/", {"username": "ana", "code": "AAAA-AAAA-AAAA", "password": "no-es-esta-otra"})
    told = [record.getMessage() for record in caplog.records if record.name.startswith("annotations.people.accounts")]
    assert told == [
        "log-in: an account", "log-in refused", f"log-in: account {jefa.pk}, of the team", "log-in refused",
        "a code on paper was refused",
    ]  # fmt: skip
    assert not any(word in caplog.text for word in ("ana", "jefa", "larga", "no-es-esta"))


@pytest.mark.django_db
def test_who_was_at_a_door_that_is_not_theirs_is_written_down_by_the_door(caplog: pytest.LogCaptureFixture) -> None:
    program = Client(headers={"authorization": f"Token {new_token(person=Person.objects.create_user('ana'))}"})
    with caplog.at_level(logging.INFO):
        assert program.post("/api/v1/campaigns/nadie/items/", [], content_type="application/json").status_code == 403
        Client(headers={"authorization": "Token inventado"}).get("/api/v1/me/")
        Client(enforce_csrf_checks=True).post("/c/voces/enter/unsecretolargo/")
    told = [record.getMessage() for record in caplog.records if record.name.startswith(("minka", "django"))]
    assert told == [
        "refused, 403, at api/v1/campaigns/<slug:slug>/items/", "refused, 401, at api/v1/me/",
        "refused, 403, at c/<slug:invited>/enter/<str:link>/",
    ]  # fmt: skip
