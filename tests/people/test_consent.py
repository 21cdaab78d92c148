"""What people agree to: the text, the purposes, who needs which, and that a change asks again."""

import re
import shutil
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from annotations.assignments.actions import Submission, submit
from annotations.assignments.models import Judgement
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.people.actions import Spoken, give_consent, join, new_token, speak, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Consent, Person, Variety
from annotations.people.purposes import APART, LICENCES, NAMES, REQUIRED
from annotations.people.queries import spoken_by
from annotations.people.texts import CUT, LANGUAGES, consent_text, consent_version, faults_of_consent, in_words
from tests.cast import answer, consent_text_in_force, joins, line, people, seat_at, world

APPROVED = Path(__file__).parents[1] / "data/consent/2026-tests"


def consent(person: Person, *purposes: str, licence: str = LICENCES[0]) -> Consent:
    return give_consent(person=person, purposes=dict.fromkeys(purposes, True), language="es", licence=licence)


def refusal(call, **facts) -> dict:
    with pytest.raises(Refused) as refused:
        call(**facts)
    assert refused.value.code == "consent_required"
    return refused.value.errors


@pytest.fixture
def abroad(settings) -> None:
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_country": "Chile", "hosting_country": "Brasil"}


@pytest.fixture
def creole(seeds: None) -> str:
    """A variety that can show origin and that anybody may be asked in today."""
    assert Variety.objects.get(tag="pln").shows_origin
    return "pln"


# The version ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "version", "said"),
    [
        ("es", "2026-11-draft+1f2e3d4c", "noviembre de 2026, borrador"),
        ("pt-br", "2026-11-draft+1f2e3d4c", "novembro de 2026, rascunho"),
        ("en", "2026-11-draft+1f2e3d4c", "November 2026, draft"),
        ("es", "2027-03+1f2e3d4c", "marzo de 2027"),
        ("es", "2027-13+1f2e3d4c", "2027-13"),
        ("es", "segunda+1f2e3d4c", "segunda"),
    ],
)
def test_a_version_is_said_in_words(language: str, version: str, said: str) -> None:
    with translation.override(language):
        assert in_words(version).lower() == said.lower()


@pytest.mark.parametrize("path", ["/me/", "/join/consent/"])
def test_pages_say_the_version_in_words(seeds: None, path: str) -> None:
    client = Client()
    client.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    page = client.get(path).content.decode()
    assert "noviembre de 2026, borrador" in page
    assert consent_version() not in page


# The text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_short_version_stands_first_and_is_short(language: str) -> None:
    text = consent_text(language, "CC-BY-4.0")
    assert len(text.short.split()) <= 120
    assert "CC-BY-4.0" in text.short
    assert text.markdown == text.short + CUT + text.long
    assert not re.search(r"\{\w+\}", text.markdown), "no blank stays blank"


@pytest.mark.parametrize(
    ("language", "commercial", "for_ever", "draft"),
    [
        ("es", "también comerciales", "modelos ya entrenados no se pueden recuperar", "BORRADOR"),
        ("pt-BR", "inclusive comerciais", "modelos já treinados não podem ser recolhidos", "RASCUNHO"),
        ("en", "commercial ones too", "models already trained cannot be called back", "DRAFT"),
    ],
)
def test_the_short_version_says_what_matters(language: str, commercial: str, for_ever: str, draft: str) -> None:
    short = consent_text(language, LICENCES[0]).short
    assert all(words in short for words in (commercial, for_ever, draft))


def test_the_text_names_who_handles_the_data(settings) -> None:
    settings.MINKA_PROCESSORS = (("Correo SA", "Uruguay", "mail"),)
    assert "Correo SA (Uruguay: mail)" in consent_text("es", LICENCES[0]).long
    settings.MINKA_PROCESSORS = ()
    assert "nadie más" in consent_text("es", LICENCES[0]).long


@pytest.mark.parametrize("word", ["Borrador", "Rascunho", "Draft"])
def test_the_page_says_draft_until_a_text_is_approved(word: str, seeds: None, settings) -> None:
    visitor = Client()
    visitor.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    visitor.cookies["django_language"] = {"B": "es", "R": "pt-br", "D": "en"}[word[0]]
    assert f'<span class="chip">{word}</span>' in visitor.get("/join/consent/").content.decode()
    settings.MINKA_CONSENT_DIR = str(APPROVED)
    consent_text_in_force()
    assert word.lower() not in visitor.get("/join/consent/").content.decode().lower()


def test_every_purpose_is_asked_one_by_one_and_nothing_is_ticked(seeds: None, abroad: None) -> None:
    ana = Client()
    ana.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    page = ana.get("/join/consent/").content.decode()
    assert re.findall(r'type="checkbox" name="(\w+)"', page) == list(NAMES)
    assert "checked" not in page
    assert "Brasil" in page


def test_what_is_given_now_is_marked_and_not_ticked(seeds: None) -> None:
    ana = Client()
    ana.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    page = ana.get("/join/consent/").content.decode()
    marked = re.findall(r'name="(\w+)"[^>]*> <span><b>[^<]*</b> <span class="chip">dado ahora', page)
    assert marked == ["annotate", "publish", "train"]
    assert "termina al aceptar" in page
    withdraw(person=Person.objects.get(username="ana"))
    assert "dado ahora" not in ana.get("/join/consent/").content.decode()


def test_transfer_is_not_asked_where_nothing_goes_abroad(seeds: None) -> None:
    ana = Client()
    ana.force_login(volunteer("ana", "muy-larga-y-rara", "es-CL"))
    assert 'name="transfer"' not in ana.get("/join/consent/").content.decode()


def test_an_operators_text_must_say_what_consent_needs(tmp_path: Path, settings) -> None:
    settings.MINKA_CONSENT_DIR = str(APPROVED)
    assert list(faults_of_consent()) == []
    folder = tmp_path / "2027-01"
    shutil.copytree(APPROVED, folder)
    (folder / "en.md").unlink()
    (folder / "pt-BR.md").write_text((APPROVED / "pt-BR.md").read_text("utf-8").replace(CUT, "\n"), "utf-8")
    (folder / "es.md").write_text("Sí.\n---\nSí.", "utf-8")
    settings.MINKA_CONSENT_DIR = str(folder)
    said = list(faults_of_consent())
    assert [fault.split("/")[-1][:24] for fault in said] == [
        "es.md does not say {cont", "pt-BR.md has no short ve", "en.md is missing or not ",
    ]  # fmt: skip


# The version --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"MINKA_CONTROLLER": {"hosting_country": "Brasil"}},
        {"MINKA_CONTROLLER": {"hosting_provider": "Otra Nube"}},
        {"MINKA_CONTROLLER": {"controller_name": "Otra Fundación"}},
        {"MINKA_PROCESSORS": (("Correo SA", "(demo)", "mail"),)},
        {"MINKA_CONSENT_DIR": str(APPROVED)},
    ],
)
@pytest.mark.django_db
def test_a_new_version_asks_again_before_the_next_answer(change: dict, settings) -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    seat, before = seat_at(ana, campaign), consent_version()
    for name, value in change.items():
        setattr(settings, name, getattr(settings, name) | value if isinstance(value, dict) else value)
    if "MINKA_CONSENT_DIR" in change:
        consent_text_in_force()
    assert consent_version() != before
    assert refusal(answer, person=ana, seat=seat, answer={"preferred": "a"}) == {"licence": LICENCES[0]}
    consent(ana, *NAMES)
    answer(ana, seat, {"preferred": "a"})
    versions = Judgement.objects.order_by("id").values_list("consent__version", flat=True)
    assert list(versions) == [before, consent_version()], "old work keeps the version it was done under"


def test_a_new_contact_is_no_new_version(settings) -> None:
    before = consent_version()
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | {"controller_contact": "otra@example.org"}
    assert consent_version() == before
    assert "otra@example.org" in consent_text("es", LICENCES[0]).markdown


@pytest.mark.django_db
def test_an_edited_word_is_a_new_version(tmp_path: Path, settings) -> None:
    versions = []
    for place, words in enumerate(("Sí", "No")):
        folder = tmp_path / str(place) / "2027-01"
        shutil.copytree(APPROVED, folder)
        (folder / "es.md").write_text((APPROVED / "es.md").read_text("utf-8") + words, "utf-8")
        settings.MINKA_CONSENT_DIR = str(folder)
        consent_text_in_force()
        versions.append(consent_version())
    assert versions[0] != versions[1]
    assert {version.split("+")[0] for version in versions} == {"2027-01"}


# Who needs which ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_first_three_are_enough_to_work_at_home() -> None:
    campaign = world(line("1"))
    ana = join(username="ana", password=None, language="es", adult=True)
    speak(person=ana, varieties=[Spoken("es-CL")])
    consent(ana, *REQUIRED)
    assert answer(ana, seat_at(ana, campaign), {"preferred": "a"}).is_new


@pytest.mark.parametrize("lacking", REQUIRED)
@pytest.mark.django_db
def test_each_of_the_first_three_is_needed(lacking: str) -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    consent(ana, *(set(NAMES) - {lacking}))
    assert refusal(answer, person=ana, seat=seat, answer={"preferred": "a"}) == {"licence": LICENCES[0]}
    assert Judgement.objects.count() == 0


@pytest.mark.django_db
def test_data_that_go_abroad_need_transfer(abroad: None) -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    lacking = {"licence": LICENCES[0], "purpose": "transfer"}
    seat = seat_at(ana, campaign)
    consent(ana, *REQUIRED)
    assert refusal(next_for, person=ana, campaign=campaign) == lacking
    assert refusal(answer, person=ana, seat=seat, answer={"preferred": "a"}) == lacking
    assert refusal(answer, person=ana, seat=seat, answer={"opt_out": "no_se"}) == lacking
    assert Judgement.objects.count() == 0


@pytest.mark.django_db
def test_a_processor_abroad_needs_transfer_too(settings) -> None:
    home = {"controller_country": "Chile", "hosting_country": "chile"}
    settings.MINKA_CONTROLLER = settings.MINKA_CONTROLLER | home
    campaign = world(line("1"))
    (ana,) = people(1)
    assert next_for(person=ana, campaign=campaign), "the same country in other letters is the same country"
    settings.MINKA_PROCESSORS = (("Correo SA", "Uruguay", "mail"),)
    consent(ana, *REQUIRED)
    assert refusal(next_for, person=ana, campaign=campaign)["purpose"] == "transfer"


def test_work_in_a_language_that_shows_origin_needs_special(creole: str) -> None:
    campaign = world(line("1", variety=creole))
    other = world(line("2", variety=creole), slug="otra", contribution_licence="CC0-1.0")
    ana = volunteer("ana", "muy-larga-y-rara", creole)
    seat = seat_at(ana, campaign)
    consent(ana, *REQUIRED, licence="CC0-1.0")
    assert not spoken_by(ana).exists(), "without it the profile does not say so any more"
    assert next_for(person=ana, campaign=other) is None

    consent(ana, *REQUIRED)
    lacking = {"licence": LICENCES[0], "purpose": "special"}
    assert refusal(answer, person=ana, seat=seat, answer={"preferred": "a"}) == lacking
    assert refusal(speak, person=ana, varieties=[Spoken("es-CL"), Spoken(creole)]) == {"purpose": "special"}
    consent(ana, *REQUIRED, "special", licence="CC0-1.0")
    speak(person=ana, varieties=[Spoken(creole)])
    assert refusal(next_for, person=ana, campaign=campaign) == lacking, "given for another campaign's licence only"
    assert seat_at(ana, other)
    assert Judgement.objects.count() == 0


def test_without_special_all_other_varieties_stay_open(creole: str) -> None:
    campaign = world(line("1", variety=creole), line("2"))
    ana = volunteer("ana", "muy-larga-y-rara", creole, "es-CL")
    seat_at(ana, campaign)
    consent(ana, *REQUIRED)
    assert seat_at(ana, campaign).judge_variety_id == "es-CL", "the seat that was held is passed over"
    assert [row.variety_id for row in spoken_by(ana)] == ["es-CL"]


def test_what_can_show_origin_is_everything_but_spanish_portuguese_and_english(seeds: None) -> None:
    plain = {
        tag for tag in Variety.objects.values_list("tag", flat=True) if not Variety.objects.get(tag=tag).shows_origin
    }
    assert {"es-PE-x-andino", "pt-BR", "en", "spq"} <= plain
    assert not plain & {"quz", "gug-PY-x-jopara", "arn", "nhe", "ht", "pap", "cab"}


def test_the_page_says_which_languages_are_at_stake(creole: str) -> None:
    ana, browser = volunteer("ana", "muy-larga-y-rara", creole, "es-CL"), Client()
    browser.force_login(ana)
    assert (
        f"El perfil dice ahora: {Variety.objects.get(tag=creole).name_es}."
        in browser.get("/join/consent/").content.decode()
    )
    consent(ana, *REQUIRED)
    assert "El perfil dice ahora" not in browser.get("/join/consent/").content.decode()


def test_withdrawing_takes_sensitive_languages_off_the_profile(creole: str) -> None:
    ana = volunteer("ana", "muy-larga-y-rara", creole, "es-CL")
    withdraw(person=ana)
    assert [row.variety_id for row in spoken_by(ana)] == ["es-CL"]


def test_a_refused_purpose_leads_to_the_page_that_asks_for_it(creole: str) -> None:
    ana, browser = volunteer("ana", "muy-larga-y-rara", "es-CL"), Client()
    browser.force_login(ana)
    way = browser.post("/join/varieties/", {"varieties": [creole], "how": "grew_up"})["Location"]
    assert way.startswith("/join/consent/?next=%2Fjoin%2Fvarieties%2F&licence=&purpose=special")
    page = browser.get(way).content.decode()
    assert re.findall(r'class="switch wanted"><input type="checkbox" name="(\w+)"', page) == ["special"]


# Age, and work that comes after a withdrawal ------------------------------------------------------------------------


@pytest.mark.parametrize("adult", ["", "false"])
def test_nobody_under_18_gets_an_account(adult: str, seeds: None) -> None:
    assert joins(Client(), adult=adult).status_code == 200
    assert not Person.objects.exists()


def test_no_table_has_room_for_a_date_of_birth(seeds: None) -> None:
    names = {field.name for field in Person._meta.get_fields()}
    assert not [name for name in names if re.search(r"birth|^age|nacim|nasc", name)]


@pytest.mark.django_db
def test_what_was_done_offline_before_a_withdrawal_is_refused_when_it_comes() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    api = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    seat = api.post(f"/api/v1/campaigns/{campaign.slug}/next/", content_type="application/json").json()["assignment"]
    withdraw(person=ana)
    late = {"assignment": seat, "answer": {"preferred": "a"}, "client_at": "2020-01-01T00:00:00Z"}
    sent = api.put(f"/api/v1/judgements/{uuid.uuid4()}/", late, content_type="application/json")
    assert (sent.status_code, sent.json()["code"]) == (403, "consent_required")
    assert Judgement.objects.count() == 0


def test_withdrawing_is_one_click_and_giving_is_more(seeds: None) -> None:
    ana, browser = volunteer("ana", "muy-larga-y-rara", "es-CL"), Client()
    browser.force_login(ana)
    assert 'action="/me/withdraw/"' in browser.get("/me/").content.decode()
    browser.post("/me/withdraw/")
    ana.refresh_from_db()
    assert ana.consent is None


def test_the_ledger_holds_yes_and_no_for_each_purpose(seeds: None) -> None:
    ana = volunteer("ana", "muy-larga-y-rara", "es-CL")
    row = consent(ana, *REQUIRED, "email")
    assert row.purposes == {name: name in (*REQUIRED, "email") for name in NAMES}
    assert (row.version, row.channel, row.language) == (consent_version(), "web", "es")
    assert row.text_sha256 == consent_text("es", LICENCES[0]).sha256
    assert set(APART) < set(NAMES)
    assert settings.MINKA_CONTROLLER["hosting_country"] in consent_text("es", LICENCES[0]).short


def test_a_submission_names_its_consent(seeds: None) -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    submit(person=ana, submission=Submission(uuid.uuid4(), seat.pk), answer={"preferred": "a"})
    ana.refresh_from_db()
    assert Judgement.objects.get().consent == ana.consent


def test_a_name_that_somebody_has_is_told_and_nobody_s_account_changes(seeds: None) -> None:
    first = join(username="ana", password="muy-larga-y-rara", language="es", adult=True)
    with pytest.raises(Refused, match="invalid") as told:
        join(username="ana", password="otra-y-larga", language="es", adult=True)
    assert told.value.errors == {"username": "taken"}
    with pytest.raises(Refused, match="invalid"):
        join(username="nina", password="otra-y-larga", language="es", adult=False)
    assert list(Person.objects.filter(username__in=["ana", "nina"])) == [first]
