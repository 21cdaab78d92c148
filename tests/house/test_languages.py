"""The languages of the pages: three whole ones, some begun, and a switch that stays where one is."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import polib
import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import datetime

from annotations.assignments.guests import texts
from annotations.assignments.guests.models import Guest
from annotations.assignments.guests.texts import guest_text
from annotations.people.demo import volunteer
from annotations.people.models import Consent
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.texts import consent_text, consent_version, faults_of_consent
from tests.cast import consent_text_in_force, line, world

ROOT = Path(__file__).parents[2]
BEGUN = ("arn", "gn", "quz")


@pytest.fixture
def begun(settings) -> None:
    settings.MINKA_BEGUN = {code: f"name of {code}" for code in BEGUN}
    settings.LANGUAGES = [*settings.LANGUAGES, *settings.MINKA_BEGUN.items()]


def reader(code: str) -> Client:
    """Somebody who chose this language at the foot of a page."""
    visitor = Client()
    assert visitor.get(f"/language/{code}/").status_code == 302
    return visitor


def blocks(page: str, language: str) -> list[str]:
    """The text of what says that it is in this language, but for the whole page."""
    return re.findall(rf'<(?:p|div|b|span|article)\b[^>]* lang="{language}"[^>]*>(.*?)</', page, re.DOTALL)


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


def test_a_language_nobody_began_is_refused_by_name() -> None:
    environment = {**os.environ, "MINKA_EXTRA_LANGUAGES": "gn,ay", "DJANGO_SETTINGS_MODULE": "minka.settings"}
    argv = [sys.executable, "-c", "from django.conf import settings; settings.LANGUAGES"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert "MINKA_EXTRA_LANGUAGES knows arn, gn, quz, and not ay." in done.stderr


@pytest.mark.parametrize(("code", "own"), [("gn", "Che rembiapo"), ("quz", "Llank'ayniy"), ("arn", "Tañi küdaw")])
def test_a_begun_language_reads_spanish_where_it_has_nothing(begun: None, db: None, code: str, own: str) -> None:
    page = reader(code).get("/").content.decode()
    assert '<html lang="es">' in page, "most of it is"
    assert own.replace("'", "&#x27;") in page or own in page
    assert "Código de conducta" in page, "the rest is Spanish, never English"
    with translation.override(code):
        assert date_format(datetime(2026, 11, 24), "DATE_FORMAT") == "24 de noviembre de 2026"


@pytest.mark.parametrize("code", BEGUN)
def test_a_begun_language_says_that_it_is_partial_and_waits_for_speakers(begun: None, db: None, code: str) -> None:
    page = reader(code).get("/").content.decode()
    assert f'<p class="begun"><b lang="{code}">name of {code}</b>: hay solo una parte.' in page
    assert f'<span lang="{code}">name of {code}</span>&nbsp;(en parte)</a>' in page
    whole = Client().get("/").content.decode()
    assert 'class="begun"' not in whole
    assert f"name of {code}</span>&nbsp;(en parte)</a>" in whole, "said before one chooses it"
    assert "English</span></a>" in whole


@pytest.mark.parametrize("path", ["/terms/", "/privacy/", "/guidelines/vote/", "/try/start/"])
@pytest.mark.parametrize(("code", "shown"), [("quz", "es"), ("pt-br", "pt-BR"), ("en", "en")])
def test_a_text_says_which_language_it_is_in(begun: None, db: None, path: str, code: str, shown: str) -> None:
    world(line("1"))
    page = reader(code).get(path).content.decode()
    assert len(blocks(page, shown)) >= 1
    assert f' lang="{code}"' in page.partition("<footer")[2], "the switch"
    if code == "quz":
        assert blocks(page.partition("<main")[2].partition("</main")[0], "quz") == []


def test_where_a_begun_language_has_no_consent_text_the_ledger_says_spanish(begun: None, db: None) -> None:
    world(line("1"))
    visitor = reader("quz")
    door = visitor.get("/try/start/").content.decode()
    assert guest_text("es").markdown.strip() in door
    visitor.post("/try/start/", {"variety": "es-CL"})
    assert (Guest.objects.get().language, Guest.objects.get().text_sha256) == ("es", guest_text("es").sha256)
    visitor.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    visitor.cookies["django_language"] = "quz"
    visitor.post("/join/consent/", dict.fromkeys(REQUIRED, "on"))
    given = Consent.objects.latest("id")
    assert (given.language, given.text_sha256) == ("es", consent_text("es", LICENCES[0]).sha256)


@pytest.mark.parametrize(("shown", "then"), [("pt-br", "es"), ("quz", "pt-br"), ("en", "quz")])
def test_the_ledger_says_what_was_shown_though_another_tab_changed_the_language(
    begun: None, db: None, shown: str, then: str
) -> None:
    world(line("1"))
    visitor = reader(shown)
    page = visitor.get("/try/start/").content.decode()
    visitor.get(f"/language/{then}/")
    visitor.post("/try/start/", {"variety": "es-CL", "shown_in": re.search(r'"shown_in" value="([^"]+)"', page)[1]})
    assert Guest.objects.get().text_sha256 == guest_text(shown).sha256
    person = volunteer("ana", "muy-larga-y-rara", "es-CL")
    visitor.force_login(person)
    visitor.get(f"/language/{shown}/")
    page = visitor.get("/join/consent/").content.decode()
    visitor.get(f"/language/{then}/")
    told = re.search(r'"shown_in" value="([^"]+)"', page)[1]
    visitor.post("/join/consent/", dict.fromkeys(REQUIRED, "on") | {"shown_in": told})
    assert Consent.objects.latest("id").text_sha256 == consent_text(shown, LICENCES[0]).sha256


@pytest.mark.parametrize("odd", ["../../../etc/passwd", "\x00", "x" * 5_000, "QUZ", ""])
def test_an_odd_language_is_the_spanish_text(begun: None, db: None, odd: str) -> None:
    world(line("1"))
    Client().post("/try/start/", {"variety": "es-CL", "shown_in": odd})
    assert Guest.objects.get().language == "es"


# The page docs/add-a-language-of-the-interface.md, walked with a language that nobody speaks: `qaa` is kept free by
# ISO 639-2 for use within a house.


@pytest.fixture
def qaa(settings, tmp_path: Path, monkeypatch) -> str:
    """Its catalogue compiled as `make messages` does, its two consent texts, and switched on."""
    folder = tmp_path / "locale/qaa/LC_MESSAGES"
    folder.mkdir(parents=True)
    head = (ROOT / "locale/quz/LC_MESSAGES/django.po").read_text("utf-8").partition("#, fuzzy")[0]
    own = '#, fuzzy\nmsgid "My work"\nmsgstr "Zuzu"\n'
    (folder / "django.po").write_text(head.replace("Language: quz", "Language: qaa") + own, "utf-8")
    compile_ = [str(Path(sys.executable).parent / "pybabel"), "-q", "compile", "-d", str(tmp_path / "locale"), "-D"]
    subprocess.run([*compile_, "django", "-f"], check=True)
    shutil.copytree(ROOT / "tests/data/consent/2026-tests", tmp_path / "2026-tests")
    shutil.copytree(ROOT / "annotations/assignments/guests/consent/1", tmp_path / "1")
    monkeypatch.setattr(texts, "_FOLDER", tmp_path / "1")
    settings.MINKA_CONSENT_DIR = str(tmp_path / "2026-tests")
    settings.LOCALE_PATHS = [tmp_path / "locale", *settings.LOCALE_PATHS]
    settings.MINKA_BEGUN = {"qaa": "Zuz"}
    settings.LANGUAGES = [*settings.LANGUAGES, ("qaa", "Zuz")]
    return "qaa"


def test_a_new_language_begins_as_the_page_about_it_says(qaa: str, tmp_path: Path, db: None) -> None:
    world(line("1"))
    consent_text_in_force()
    version = consent_version()
    assert "Zuzu" in reader(qaa).get("/").content.decode()
    (tmp_path / "1/qaa.md").write_text("Zuz zu zuzu.\n", "utf-8")
    visitor = reader(qaa)
    assert blocks(visitor.get("/try/start/").content.decode(), qaa)[1:2] == ["<p>Zuz zu zuzu."]
    visitor.post("/try/start/", {"variety": "es-CL"})
    guest = Guest.objects.get()
    assert (guest.language, guest.text_sha256) == (qaa, hashlib.sha256(b"Zuz zu zuzu.\n").hexdigest())

    spanish = (tmp_path / "2026-tests/es.md").read_text("utf-8")
    (tmp_path / "2026-tests/qaa.md").write_text(f"Zuz: {spanish}", "utf-8")
    consent_text_in_force()
    assert consent_version() != version, "everybody is asked again"
    visitor.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    visitor.cookies["django_language"] = qaa
    page = visitor.get("/join/consent/").content.decode()
    assert "Zuz:" in "".join(blocks(page, qaa))
    visitor.post("/join/consent/", dict.fromkeys(REQUIRED, "on"))
    given = Consent.objects.latest("id")
    assert (given.language, given.text_sha256) == (qaa, consent_text(qaa, LICENCES[0]).sha256)
    assert consent_text(qaa, LICENCES[0]).markdown == "Zuz: " + consent_text("es", LICENCES[0]).markdown
    assert list(faults_of_consent()) == []


@pytest.mark.parametrize("lacking", ["{processors}", "\n---\n"])
def test_a_begun_consent_text_is_whole_or_production_does_not_start(qaa: str, tmp_path: Path, lacking: str) -> None:
    spanish = (tmp_path / "2026-tests/es.md").read_text("utf-8")
    (tmp_path / "2026-tests/qaa.md").write_text(spanish.replace(lacking, " "), "utf-8")
    assert [fault for fault in faults_of_consent() if "qaa.md" in fault]


def test_the_page_about_it_names_files_that_are_there() -> None:
    told = (ROOT / "docs/add-a-language-of-the-interface.md").read_text("utf-8")
    rows = "\n".join(row.partition(" | ")[0] for row in told.splitlines() if row.startswith("| `"))
    named = [name.replace("CODE", "quz") for name in re.findall(r"`([\w./]+/[\w./]*)`", rows)]
    assert len(named) >= 10
    assert [name for name in named if not (ROOT / name).exists()] == []
    settings_ = (ROOT / "platform/minka/settings.py").read_text("utf-8")
    assert all(f'"{code}": ' in settings_ for code in BEGUN)


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


@pytest.mark.parametrize("language", ["es", "pt-br"])
def test_every_table_of_the_panel_has_a_name_in_words(language: str) -> None:
    """And not the name that Django makes of its class."""
    ours = [model._meta for model in admin.site._registry if model._meta.app_label == "annotations"]
    assert len(ours) > 50
    with translation.override("en"):
        english = {meta.object_name: (str(meta.verbose_name), str(meta.verbose_name_plural)) for meta in ours}
    with translation.override(language):
        said = {meta.object_name: (str(meta.verbose_name), str(meta.verbose_name_plural)) for meta in ours}
    same = {"item", "items"}  # a word of Portuguese too
    assert [name for name in said if {*said[name]} & {*english[name]} - same] == []
    assert all("_" not in each for names in english.values() for each in names)


def test_every_column_that_the_panel_shows_has_a_name_in_words() -> None:
    shown = {
        (model, name)
        for model, panel in admin.site._registry.items() if model._meta.app_label == "annotations"
        for names in (panel.list_display, panel.fields or (), panel.readonly_fields, panel.list_filter)
        for name in names if isinstance(name, str)
    }  # fmt: skip
    fields = [
        (model, model._meta.get_field(name)) for model, name in shown if name in {f.name for f in model._meta.fields}
    ]
    assert len(fields) > 200
    assert sorted(f"{model.__name__}.{field.name}" for model, field in fields
                  if not isinstance(field.verbose_name, Promise)) == []  # fmt: skip
