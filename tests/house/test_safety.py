"""What must hold of the house whatever is built in it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.forms.forms import BaseForm
from django.test import Client, override_settings
from django.urls import get_resolver
from django.utils import translation
from psycopg.conninfo import conninfo_to_dict

from annotations.datasets.rows import CONFIGS, REASONS
from annotations.people.clocks import ZONES
from annotations.people.countries import COUNTRIES
from annotations.people.forms import ConsentForm
from minka.security import database_in_the_clear, demo_people, refuse_unsafe_start

ROOT = Path(__file__).parents[2]
LONG = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SAFE = {
    "MINKA_ENV": "production",
    "SECRET_KEY": LONG,
    "MINKA_MASTER_KEY": LONG[::-1],
    "MINKA_HOSTS": "minka.example",
    "MINKA_CONTROLLER_NAME": "x",
    "MINKA_CONTROLLER_ADDRESS": "x",
    "MINKA_CONTROLLER_CONTACT": "datos@minka.example",
    "EMAIL_URL": "smtp+tls://u:p@mail.minka.example:587",
    "MINKA_CONTROLLER_COUNTRY": "Chile",
    "MINKA_HOSTING_PROVIDER": "x",
    "MINKA_HOSTING_COUNTRY": "Chile",
    "MINKA_PROXIES": "1",
    "MINKA_CONSENT_DIR": str(ROOT / "tests/data/consent/2026-tests"),
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
        ({"MINKA_MASTER_KEY": LONG}, "the same"),
        ({"MINKA_HOSTS": ""}, "MINKA_HOSTS"),
        ({"MINKA_HOSTS": "*"}, "MINKA_HOSTS"),
        ({"MINKA_HOSTS": ".minka.example"}, "MINKA_HOSTS"),
        ({"MINKA_ORIGINS": "http://minka.example"}, "MINKA_ORIGINS"),
        ({"MINKA_ENV": "Production"}, "demo or production"),
        ({"MINKA_ENV": "prod"}, "demo or production"),
        ({"MINKA_ENV": "demo", "DEBUG": "1"}, "where others reach it"),
        ({"MINKA_ENV": "demo", "DEBUG": "1", "MINKA_HOSTS": "", "MINKA_BIND": "0.0.0.0"}, "where others reach it"),
        ({"MINKA_HOSTING_COUNTRY": ""}, "controller"),
        ({"MINKA_CONTROLLER_COUNTRY": ""}, "controller"),
        ({"MINKA_CONSENT_DIR": ""}, "draft"),
        ({"MINKA_CONSENT_DIR": str(ROOT / "annotations/people/texts/consent/2026-11-draft")}, "draft"),
        ({"MINKA_CONSENT_DIR": str(ROOT / "tests/data")}, "es.md is missing"),
        ({"MINKA_PROCESSORS": "Correo|Brasil"}, "name|country|purpose"),
        ({"MINKA_PROXIES": "one"}, "a number, 0 to 9"),
        ({"MINKA_PROXIES": "-1"}, "a number, 0 to 9"),
        ({"MINKA_PROXIES": "1,10.0.0.1"}, "a number, 0 to 9"),
    ],
)
def test_an_unsafe_production_does_not_start(unsafe: dict[str, str], says: str) -> None:
    result = start(**(SAFE | unsafe))
    assert result.returncode != 0
    assert says in result.stderr


def test_production_that_counts_no_proxy_starts_and_is_told() -> None:
    result = start(**(SAFE | {"MINKA_PROXIES": "0"}))
    assert result.returncode == 0
    assert "MINKA_PROXIES is 0" in result.stderr
    assert "MINKA_PROXIES" not in start(**SAFE).stderr
    assert "MINKA_PROXIES" not in start(MINKA_ENV="demo", MINKA_PROXIES="0").stderr


@pytest.mark.parametrize(
    ("missing", "says"),
    [({"EMAIL_URL": ""}, "EMAIL_URL"), ({"MINKA_CONTROLLER_CONTACT": "x"}, "is no address of mail")],
)
def test_production_that_can_tell_nobody_starts_and_says_so(missing: dict[str, str], says: str) -> None:
    result = start(**(SAFE | missing))
    assert result.returncode == 0
    assert says in result.stderr
    assert says not in start(**SAFE).stderr


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://minka:x@db.minka.example/minka", True), ("postgresql://minka:x@127.0.0.1/minka", False),
        ("postgresql://minka:x@db.minka.example/minka?sslmode=require", True),
        ("postgresql://minka:x@db.minka.example/minka?sslmode=verify-full", False),
        ("postgresql://minka:x@database/minka?sslmode=disable", False),
        ("postgresql:///minka?hostaddr=10.0.0.5", True), ("postgresql://minka:x@[::1]/minka", False),
        ("postgresql://minka:x@127.0.0.1,db.minka.example/minka", True),
        ("postgresql://minka@%2Frun%2Fpostgresql/minka", False), ("postgresql:///minka", False),
    ],
)  # fmt: skip
def test_a_database_far_away_is_spoken_to_sealed(address: str, told: bool, settings: Any) -> None:
    here = conninfo_to_dict("postgresql:///minka")
    for found in ([conninfo_to_dict(address), here, here], [here, here, conninfo_to_dict(address)]):
        settings.MINKA_DATABASES = found
        assert database_in_the_clear(None) == []
        with override_settings(PRODUCTION=True):
            assert [each.id for each in run_checks(tags=["security"])].count("minka.W005") == told


def test_what_an_address_says_of_tls_reaches_the_database() -> None:
    address = "postgresql://minka:x@db.minka.example/minka"
    code = "import django; django.setup(); from django.db import connection as c; print(c.get_connection_params())"
    told = {}
    for name, more in (("clear", ""), ("sealed", "?sslmode=verify-full&sslrootcert=/etc/minka/database-ca.crt")):
        here = {"DJANGO_SETTINGS_MODULE": "minka.settings", "DATABASE_URL": address + more}
        argv = [sys.executable, "-c", code]
        surroundings = os.environ | SAFE | here
        told[name] = subprocess.run(argv, env=surroundings, capture_output=True, text=True, check=True).stdout
    assert "'sslmode'" not in told["clear"]
    assert "'sslmode': 'verify-full', 'sslrootcert': '/etc/minka/database-ca.crt'" in told["sealed"]


def test_debug_stays_on_this_machine() -> None:
    assert start(MINKA_ENV="demo", DEBUG="1").returncode == 0


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


@pytest.mark.parametrize(("change", "status"), [({}, 0), ({"EMAIL_URL": ""}, 1), ({"DEBUG": "1"}, 1)])
def test_django_finds_nothing_to_warn_of_in_production(change: dict[str, str], status: int) -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        env={**os.environ, **SAFE, **change}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == status, result.stderr


def test_pages_carry_the_headers_that_protect_them(db: None) -> None:
    headers = Client().get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/", "/releases/", "/boards/", "/terms/", "/guidelines/vote/"])
def test_public_pages_read_no_session_and_carry_no_token(path: str, db: None) -> None:
    response = Client().get(path)
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert not response.wsgi_request.session.accessed
    assert "Cookie" in response.headers["Vary"], "its language may come from a cookie"
    assert not response.cookies


def test_a_call_of_the_api_goes_by_what_is_for_pages_and_not_by_what_protects(db: None) -> None:
    response = Client().get("/api/v1/me/", headers={"Accept-Language": "en"})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert not hasattr(response.wsgi_request, "session")
    assert not response.cookies
    for header in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Permissions-Policy"):
        assert header in response.headers
    assert response.headers["Content-Language"] == "en"


def test_no_template_holds_inline_script_style_or_a_foreign_host() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|https?://", text), path


SPEAKERS = {"_", "gettext", "gettext_lazy"}


def marked() -> set[str]:
    """Every sentence that templates and code mark for translation: labels and helps of forms and models too."""
    found: set[str] = {*REASONS.values(), *(config.about for config in CONFIGS.values())}
    for path in (ROOT / "templates").rglob("*.[ht]*"):  # pages, and the mails' plain texts
        text = path.read_text("utf-8")
        found |= {a or b for a, b in re.findall(r"{% translate (?:\"(.*?)\"|'(.*?)')", text)}
        for block in re.findall(r"{% blocktranslate[^%]*%}(.*?){% (?:plural|endblocktranslate) %}", text, re.DOTALL):
            found.add(filled(block))
    for path in [*(ROOT / "annotations").rglob("*.py"), *(ROOT / "platform").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            said = isinstance(node, ast.Call) and getattr(node.func, "id", "") in SPEAKERS and node.args[:1]
            if said and isinstance(said[0], ast.Constant):  # else a sentence of a table, marked where the table is
                found.add(said[0].value)
    return found


def counted() -> set[tuple[str, str]]:
    """Every sentence that says a number: for one, and for many."""
    pattern = r"{% blocktranslate[^%]*%}([^{]*(?:{{[^{]*)*){% plural %}(.*?){% endblocktranslate %}"
    texts = [path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html")]
    return {(filled(one), filled(many)) for text in texts for one, many in re.findall(pattern, text, re.DOTALL)}


def filled(block: str) -> str:
    return re.sub(r"{{ (\w+) }}", r"%(\1)s", block.replace("%", "%%"))


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_every_sentence_is_translated(language: str) -> None:
    catalog = polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))
    done = {entry.msgid for entry in catalog if entry.translated() and not entry.fuzzy}
    assert sorted(marked() - done) == []
    compiled = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))
    said = [{e.msgid: (e.msgstr, e.msgstr_plural) for e in entries} for entries in (compiled, catalog)]
    assert said[0] == said[1]


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_every_number_is_said_for_one_and_for_many(language: str) -> None:
    catalog = polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))
    forms = int(re.search(r"nplurals=(\d)", catalog.metadata["Plural-Forms"])[1])
    plural = {(e.msgid, e.msgid_plural) for e in catalog if len([*filter(None, e.msgstr_plural.values())]) == forms}
    assert counted(), "there are such sentences"
    assert sorted(counted() - plural) == []


def kin(form: type[BaseForm]) -> set[type[BaseForm]]:
    return {form}.union(*(kin(child) for child in form.__subclasses__()))


def told() -> list[str]:
    """The labels, helps and choices of all our forms, in the language that is on."""
    get_resolver().url_patterns  # noqa: B018 -- imports every chapter's forms
    fields = [field for form in kin(BaseForm) if form.__module__.startswith("annotations.")
              for field in getattr(form, "base_fields", {}).values()]  # fmt: skip
    fields += ConsentForm().fields.values()
    words = [word for field in fields for word in (field.label, field.help_text) if word]
    chosen = [field for field in fields if not hasattr(field, "queryset")]  # rows have names of their own
    words += [label for field in chosen for _value, label in getattr(field, "choices", [])]
    return [word for word in map(str, words) if word.strip("-")]


@pytest.mark.parametrize("language", ["es", "pt-br"])
def test_no_label_or_help_of_a_form_stays_english(language: str) -> None:
    with translation.override("en"):
        english = told()
    with translation.override(language):
        same = {one for one, other in zip(english, told(), strict=True) if one == other}
        names = {*COUNTRIES.values(), *map(str, ZONES.values())}
    assert {word for word in same if not word.isdigit()} <= {"Biocultural", "DOI", "ORCID", "–", *names}
    assert len(english) > 20


def test_an_acknowledged_judgement_waits_for_the_disk() -> None:
    assert "synchronous_commit" not in str(settings.DATABASES)
