"""What must hold of the house whatever is built in it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from annotations.datasets.rows import REASONS
from minka.security import demo_people, refuse_unsafe_start

ROOT = Path(__file__).parents[2]
LONG = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SAFE = {
    "MINKA_ENV": "production",
    "SECRET_KEY": LONG,
    "MINKA_MASTER_KEY": LONG[::-1],
    "MINKA_HOSTS": "minka.example",
    "MINKA_CONTROLLER_NAME": "x",
    "MINKA_CONTROLLER_ADDRESS": "x",
    "MINKA_CONTROLLER_CONTACT": "x",
    "MINKA_HOSTING_COUNTRY": "Chile",
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Open the web's door in a process of its own."""
    code = "import minka.wsgi"
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_a_safe_production_starts() -> None:
    assert start(**SAFE).returncode == 0


@pytest.mark.parametrize(
    ("unsafe", "says"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY"),
        ({"MINKA_MASTER_KEY": ""}, "MINKA_MASTER_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"MINKA_HOSTING_COUNTRY": ""}, "controller"),
    ],
)
def test_an_unsafe_production_does_not_start(unsafe: dict[str, str], says: str) -> None:
    result = start(**(SAFE | unsafe))
    assert result.returncode != 0
    assert says in result.stderr


def test_production_refuses_demo_people(seeds: None, settings) -> None:
    from annotations.people.demo import volunteer

    settings.PRODUCTION = True
    assert demo_people(None) == []
    volunteer("ana", "muy-larga-y-rara", "es-CL")
    assert [error.id for error in demo_people(None)] == ["minka.E003"]
    with pytest.raises(SystemExit, match="demo people"):
        refuse_unsafe_start()


@pytest.mark.parametrize("command", [["seed_demo"], ["seed_volunteers", "1", "--variety", "es-CL"]])
def test_production_makes_no_made_up_people(command: list[str], settings, db: None) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Exception, match="production"):
        call_command(*command)


def test_django_finds_nothing_to_warn_of_in_production() -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        env={**os.environ, **SAFE}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def test_pages_carry_the_headers_that_protect_them(db: None) -> None:
    headers = Client().get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/", "/releases/", "/terms/", "/guidelines/vote/"])
def test_public_pages_read_no_session_and_carry_no_token(path: str, db: None) -> None:
    response = Client().get(path)
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert not response.wsgi_request.session.accessed
    assert "Cookie" in response.headers["Vary"], "its language may come from a cookie"
    assert not response.cookies


def test_no_template_holds_inline_script_style_or_a_foreign_host() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|https?://", text), path


def marked() -> set[str]:
    """Every sentence that templates and code mark for translation."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r"{% translate \"(.*?)\"", text))
        for block in re.findall(r"{% blocktranslate[^%]*%}(.*?){% (?:plural|endblocktranslate) %}", text, re.DOTALL):
            found.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", block))
    for path in (ROOT / "annotations").rglob("*.py"):
        found |= set(re.findall(r"\b_\(\"((?:[^\"\\]|\\.)*)\"", path.read_text("utf-8")))
    return found | set(REASONS.values())


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_every_sentence_is_translated(language: str) -> None:
    catalog = polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))
    done = {entry.msgid for entry in catalog if entry.translated() and not entry.fuzzy}
    assert sorted(marked() - done) == []
    compiled = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))
    assert {e.msgid: e.msgstr for e in compiled} == {e.msgid: e.msgstr for e in catalog.translated_entries()}


def test_an_acknowledged_judgement_waits_for_the_disk() -> None:
    assert "synchronous_commit" not in str(settings.DATABASES)
