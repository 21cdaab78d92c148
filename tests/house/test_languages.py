"""The languages of the pages: three whole ones, some begun, and a switch that stays where one is."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import polib
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import datetime

ROOT = Path(__file__).parents[2]
BEGUN = ("arn", "gn", "quz")


@pytest.fixture
def begun(settings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, *((code, code) for code in BEGUN)]


def test_nobody_meets_a_language_that_is_only_begun(db: None) -> None:
    assert [code for code, _name in django_settings.LANGUAGES] == ["es", "pt-br", "en"]
    assert Client().get("/language/gn/").status_code == 404
    visitor = Client(headers={"Accept-Language": "gn,quz;q=0.9"})
    assert '<html lang="es">' in visitor.get("/").content.decode()


@pytest.mark.parametrize(
    ("given", "codes"), [("", "es,pt-br,en"), ("gn", "es,pt-br,en,gn"), ("quz,arn", "es,pt-br,en,quz,arn")]
)
def test_an_operator_switches_begun_languages_on(given: str, codes: str) -> None:
    code = "from django.conf import settings; print(','.join(code for code, _ in settings.LANGUAGES))"
    environment = {**os.environ, "MINKA_EXTRA_LANGUAGES": given, "DJANGO_SETTINGS_MODULE": "minka.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == codes


@pytest.mark.parametrize(("code", "own"), [("gn", "Che rembiapo"), ("quz", "Llank'ayniy"), ("arn", "Tañi küdaw")])
def test_a_begun_language_reads_spanish_where_it_has_nothing(begun: None, db: None, code: str, own: str) -> None:
    visitor = Client()
    visitor.get(f"/language/{code}/")
    page = visitor.get("/").content.decode()
    assert f'<html lang="{code}">' in page
    assert own.replace("'", "&#x27;") in page or own in page
    assert "Código de conducta" in page, "the rest is Spanish, never English"
    with translation.override(code):
        assert date_format(datetime(2026, 11, 24), "DATE_FORMAT") == "24 de noviembre de 2026"


@pytest.mark.parametrize("code", BEGUN)
def test_every_begun_sentence_waits_for_a_speaker_and_exists(code: str) -> None:
    known = {entry.msgid for entry in polib.pofile(str(ROOT / "locale/es/LC_MESSAGES/django.po"))}
    catalog = polib.pofile(str(ROOT / f"locale/{code}/LC_MESSAGES/django.po"))
    assert {entry.msgid for entry in catalog} <= known
    assert all(entry.fuzzy and entry.msgstr for entry in catalog), "a speaker who has read one takes this line along"
    compiled = polib.mofile(str(ROOT / f"locale/{code}/LC_MESSAGES/django.mo"))
    assert {entry.msgid: entry.msgstr for entry in compiled} == {entry.msgid: entry.msgstr for entry in catalog}


@pytest.mark.parametrize(
    ("language", "day"),
    [("es", "24 de noviembre de 2026"), ("pt-br", "24 de Novembro de 2026"), ("en", "Nov. 24, 2026")],
)
def test_dates_are_written_as_the_language_does(language: str, day: str) -> None:
    with translation.override(language):
        assert date_format(datetime(2026, 11, 24), "DATE_FORMAT").lower() == day.lower()


@pytest.mark.parametrize("place", ["/releases/?page=2&q=%C3%B1", "/c/pares/", "/join/?next=/c/pares/rate/", "/"])
def test_the_switch_keeps_the_place(place: str, db: None) -> None:
    answer = Client().get(f"/language/en/?next={quote(place, safe='')}")
    assert answer["Location"] == place
    assert answer.cookies["django_language"].value == "en"


def test_the_links_of_a_page_carry_its_query(db: None) -> None:
    page = Client().get("/join/?next=/c/pares/rate/&x=1").content.decode()
    assert "/language/en/?next=%2Fjoin%2F%3Fnext%3D%2Fc%2Fpares%2Frate%2F%26x%3D1" in page


@pytest.mark.parametrize("away", ["https://example.org/", "//example.org", "javascript:alert(1)", "\\\\example.org"])
def test_the_switch_leads_nowhere_else(away: str, db: None) -> None:
    assert Client().get("/language/en/", {"next": away})["Location"] == "/"
