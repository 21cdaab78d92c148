"""An operator's consent text takes force once two people approved it, word by word; until then the one before stays."""

import datetime as dt
import re
import shutil
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.errors import Refused
from annotations.moderation.audit.models import Change
from annotations.moderation.board.queues import board_of
from annotations.people.actions import give_consent, leave, withdraw
from annotations.people.consenting import queries
from annotations.people.consenting.actions import approve_consent_text, note_consent_text, take_approval_back
from annotations.people.consenting.models import ConsentText
from annotations.people.consenting.queries import forget, waiting
from annotations.people.consenting.rules import Line, compared
from annotations.people.demo import volunteer
from annotations.people.models import Consent, Person
from annotations.people.purposes import LICENCES, NAMES, REQUIRED
from annotations.people.queries import consent_for
from annotations.people.rights.actions import erase
from annotations.people.texts import consent_text, consent_version
from minka.security import consent_waits
from tests.cast import answer, at_once, colleague, consent_text_in_force, line, people, seat_at, world

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
APPROVED = ROOT / "tests/data/consent/2026-tests"
PAGE = "/admin/annotations/consenttext/"


@pytest.fixture
def lay(settings: Any, tmp_path: Path) -> Any:
    """Puts a text into a folder of this name and says that it is the operator's."""

    def laid(name: str, more: str = "") -> ConsentText | None:
        folder = tmp_path / name
        shutil.copytree(APPROVED, folder, dirs_exist_ok=True)
        (folder / "es.md").write_text((APPROVED / "es.md").read_text("utf-8") + more, "utf-8")
        settings.MINKA_CONSENT_DIR = str(folder)
        return note_consent_text()

    return laid


def who_may(name: str) -> Person:
    return colleague(name, "approve_consenttext")


@pytest.fixture
def elisa(seeds: None) -> Person:
    return who_may("elisa")


@pytest.fixture
def dora(seeds: None) -> Person:
    return who_may("dora")


def approved(by: Person, text: ConsentText) -> ConsentText:
    return approve_consent_text(by=by, text=text, sha256=text.sha256)


def in_a_minute() -> None:
    """As if it had passed."""
    ConsentText.objects.filter(in_force_at__isnull=False).update(in_force_at=F("second_at"))
    forget()


def name_in_force() -> str:
    return consent_version().partition("+")[0]


# By two -------------------------------------------------------------------------------------------------------------


def test_the_one_before_stays_until_two_approved_the_new_one(lay: Any, elisa: Person, dora: Person) -> None:
    lay("2027-01")
    consent_text_in_force()
    text, before = lay("2027-02", "Una frase más."), consent_version()
    assert (name_in_force(), text.state) == ("2027-01", "waits")
    assert "Una frase más." not in consent_text("es", LICENCES[0]).markdown
    approved(elisa, text)
    in_a_minute()
    assert consent_version() == before
    with pytest.raises(Refused, match="forbidden"):
        approved(elisa, text)
    done = approved(dora, text)
    forget()
    assert (done.in_force_at - done.second_at, consent_version()) == (dt.timedelta(minutes=1), before), "in a minute"
    in_a_minute()
    assert (name_in_force(), "Una frase más." in consent_text("es", LICENCES[0]).markdown) == ("2027-02", True)
    with pytest.raises(Refused, match="not_open"):
        approved(who_may("eva"), text)


def test_the_database_takes_nobody_s_two_approvals_and_no_force_without_two(lay: Any, elisa: Person) -> None:
    lay("2027-01")
    now = timezone.now()
    for wrong in (
        {"first_by": elisa, "first_at": now, "second_by": elisa, "second_at": now, "in_force_at": now},
        {"first_by": elisa, "first_at": now, "in_force_at": now}, {"second_by": elisa, "second_at": now},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            ConsentText.objects.update(**wrong)


def test_who_may_not_and_who_is_suspended_approves_nothing(lay: Any, elisa: Person, dora: Person) -> None:
    somebody, text = volunteer("otra", None), lay("2027-01")
    Person.objects.filter(pk=dora.pk).update(standing="paused")
    for by, why in ((somebody, "forbidden"), (dora, "suspended")):
        with pytest.raises(Refused, match=why):
            approved(by, text)
    approved(elisa, text)
    with pytest.raises(Refused, match="forbidden"):
        take_approval_back(by=Person.objects.create_superuser("raiz", None), text=text)
    assert waiting().get().first_by == elisa


def test_who_approved_first_can_take_that_back_before_the_second(lay: Any, elisa: Person, dora: Person) -> None:
    text = lay("2027-01")
    approved(elisa, text)
    take_approval_back(by=elisa, text=text)
    approved(dora, text)
    assert (waiting().get().first_by, waiting().get().second_by) == (dora, None)
    approved(elisa, text)
    with pytest.raises(Refused, match="not_open"):
        take_approval_back(by=dora, text=text)


def test_what_is_approved_are_these_words_and_no_others(lay: Any, elisa: Person, dora: Person) -> None:
    text = lay("2027-01")
    with pytest.raises(Refused, match="invalid"):
        approve_consent_text(by=elisa, text=text, sha256="0" * 64)
    approved(elisa, text)
    ConsentText.objects.update(texts={**text.texts, "es": "Otra cosa."})
    with pytest.raises(Refused, match="invalid"):
        approved(dora, text)
    assert consent_version() == ""


def test_words_that_were_changed_behind_the_two_are_not_used(lay: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Sabotage in the database: nobody is asked what two people did not approve."""
    lay("2027-01")
    consent_text_in_force()
    lay("2027-02", "Más.")
    consent_text_in_force()
    newest = ConsentText.objects.get(name="2027-02")
    ConsentText.objects.filter(pk=newest.pk).update(texts={**newest.texts, "es": "Todo es nuestro."})
    forget()
    assert name_in_force() == "2027-01"
    assert "is not the one that was approved" in caplog.text


def test_an_edit_in_the_folder_after_the_first_approval_needs_two_again(lay: Any, elisa: Person, dora: Person) -> None:
    first = lay("2027-01")
    approved(elisa, first)
    second = lay("2027-01", "Una palabra.")
    first.refresh_from_db()
    assert (first.state, second.state, second.first_by) == ("dropped", "waits", None)
    with pytest.raises(Refused, match="not_open"):
        approved(dora, first)
    approved(dora, second)
    assert consent_version() == ""
    assert lay("2027-01", "Una palabra.") == second, "noted once, however often the house starts"


def test_back_to_the_one_in_force_nothing_waits_and_back_to_an_older_one_two_approve_again(lay: Any) -> None:
    lay("2027-01")
    consent_text_in_force()
    lay("2027-02", "Más.")
    assert (lay("2027-01"), waiting().exists()) == (None, False)
    lay("2027-02", "Más.")
    consent_text_in_force()
    assert (lay("2027-01").state, name_in_force()) == ("waits", "2027-02")


def test_a_text_that_lacks_what_it_must_say_is_not_even_noted(lay: Any, settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "2027-05"
    shutil.copytree(APPROVED, folder)
    (folder / "en.md").write_text("Yes.\n---\nYes.", "utf-8")
    settings.MINKA_CONSENT_DIR = str(folder)
    assert note_consent_text() is None
    (folder / "en.md").unlink()
    assert (note_consent_text(), ConsentText.objects.count()) == (None, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_are_first_and_second(lay: Any, elisa: Person, dora: Person) -> None:
    text = lay("2027-01")
    assert [type(each) for each in at_once(*(partial(approved, by, text) for by in (elisa, dora)))] == [ConsentText] * 2
    row = ConsentText.objects.get()
    assert ({row.first_by, row.second_by}, row.state) == ({elisa, dora}, "approved")


@pytest.mark.django_db(transaction=True)
def test_one_who_approves_twice_at_once_is_still_one(lay: Any, elisa: Person) -> None:
    text = lay("2027-01")
    outcomes = at_once(*(partial(approved, elisa, text) for _time in range(2)))
    assert sorted(type(each).__name__ for each in outcomes) == ["ConsentText", "Refused"]
    assert ConsentText.objects.get().second_at is None


def test_what_was_approved_stays_in_force_when_who_approved_it_is_gone(lay: Any, elisa: Person, dora: Person) -> None:
    text = lay("2027-01")
    approved(elisa, text)
    erase(person=elisa, contributions=True)
    approved(dora, text)
    in_a_minute()
    erase(person=dora, contributions=True)
    forget()
    assert name_in_force() == "2027-01"


# What follows -------------------------------------------------------------------------------------------------------


def test_before_the_first_one_nobody_is_asked_and_nobody_is_locked_in(lay: Any, settings: Any) -> None:
    world(line("1"))
    (ana,) = people(1)
    given, version = ana.consent, consent_version()
    lay("2027-01")
    client = Client()
    client.force_login(ana)
    assert (consent_version(), consent_for(ana, LICENCES[0])) == ("", None)
    assert client.get("/join/consent/").status_code == 409
    assert client.post("/join/consent/", dict.fromkeys(REQUIRED, "on")).status_code == 409
    assert "falta aprobar" in client.get("/privacy/processing/").content.decode()
    with pytest.raises(Refused, match="not_open"):
        give_consent(person=ana, purposes=dict.fromkeys(NAMES, True), language="es", licence=LICENCES[0])
    assert client.get("/me/").status_code == 200
    withdraw(person=ana)
    taken = Consent.objects.latest("id")
    assert (taken.act, taken.version, taken.text_sha256) == ("withdraw", version, given.text_sha256), "always open"
    settings.MINKA_CONSENT_DIR = ""
    (bruno,) = people(1, "es-MX")
    lay("2027-01")
    assert leave(person=bruno).version == version


def test_a_new_text_asks_again_and_old_work_keeps_its_own(lay: Any) -> None:
    lay("2027-01")
    consent_text_in_force()
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    seat, before = seat_at(ana, campaign), consent_version()
    lay("2027-02", "Más.")
    assert consent_for(ana, LICENCES[0]), "one that waits asks nobody"
    consent_text_in_force()
    with pytest.raises(Refused, match="consent_required"):
        answer(ana, seat, {"preferred": "a"})
    assert (ana.consent.version, consent_version() != before) == (before, True)


def test_whoever_read_the_one_before_is_shown_the_new_one_and_agrees_to_nothing_unread(lay: Any, seeds: None) -> None:
    lay("2027-01")
    consent_text_in_force()
    (ana,) = people(1)
    client, rows = Client(), Consent.objects.count()
    client.force_login(ana)
    page = client.get("/join/consent/")
    shown = {"text": page.context["sum"], **dict.fromkeys(REQUIRED, "on")}
    lay("2027-02", "Una frase más.")
    consent_text_in_force()
    again = client.post("/join/consent/", shown)
    assert ("Una frase más." in again.content.decode(), Consent.objects.count()) == (True, rows)
    shown["text"] = again.context["sum"]
    assert client.post("/join/consent/", shown).status_code == 302
    assert Consent.objects.latest("id").version == consent_version()


def test_an_answer_costs_no_question_about_the_text(lay: Any, seeds: None, monkeypatch: pytest.MonkeyPatch) -> None:
    lay("2027-01")
    consent_text_in_force()
    (ana,) = people(1)
    consent_version()

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            for _time in range(20):
                assert consent_for(ana, LICENCES[0])
        return sum("annotations_consenttext" in query["sql"] for query in captured)

    assert asked() == 0
    monkeypatch.setattr(queries, "READ_EVERY", -1.0)
    assert asked() == 20, "the twin: what a process knows is what spares it"


def test_another_process_knows_of_it_before_it_is_in_force(lay: Any, elisa: Person, dora: Person) -> None:
    lay("2027-01")
    consent_text_in_force()
    text = lay("2027-02", "Más.")
    approved(elisa, text)
    approved(dora, text)
    ConsentText.objects.filter(pk=text.pk).update(in_force_at=timezone.now() + dt.timedelta(seconds=1))
    forget()
    assert name_in_force() == "2027-01"
    found = queries._known
    assert found
    assert [words.name for _since, words in found[1]] == ["2027-02", "2027-01"], "it changes over by the clock alone"
    assert queries.READ_EVERY * 2 < 60


def test_the_draft_of_a_demo_needs_nobody(settings: Any) -> None:
    settings.MINKA_CONSENT_DIR = ""
    with CaptureQueriesContext(connection) as captured:
        assert name_in_force() == "2026-11-draft"
    assert (len(captured), note_consent_text(), consent_waits(None)) == (0, None, [])


def test_what_took_force_between_the_page_and_the_ledger_is_read_first(seeds: None) -> None:
    """The page looked already; the text may change while somebody's row is waited for."""
    ana, purposes = volunteer("ana", None), dict.fromkeys(NAMES, True)
    before = Consent.objects.count()
    with pytest.raises(Refused, match="not_open"):
        give_consent(person=ana, purposes=purposes, language="es", licence=LICENCES[0], shown="0" * 64)
    assert Consent.objects.count() == before
    read = consent_text("es", LICENCES[0]).sha256
    assert give_consent(person=ana, purposes=purposes, language="es", licence=LICENCES[0], shown=read)


# Where it is said ---------------------------------------------------------------------------------------------------


def test_the_start_says_what_waits_and_that_nobody_can_be_asked(lay: Any) -> None:
    lay("2027-01")
    (told,) = consent_waits(None)
    assert (told.id, told.is_serious(), "nobody can be asked" in told.msg) == ("minka.W002", False, True)
    consent_text_in_force()
    assert consent_waits(None) == []
    lay("2027-02", "Más.")
    (told,) = consent_waits(None)
    assert ("2027-02" in told.msg, "people are asked 2027-01" in told.msg) == (True, True)


def test_a_text_that_waits_keeps_no_machine_from_starting_or_from_a_new_version(lay: Any) -> None:
    """As `start` and `upgrade` of `deploy/one-machine` ask; the same question without its tag stops at the text."""
    lay("2027-01")
    for name in ("start", "upgrade"):
        script = (ROOT / "deploy/one-machine" / name).read_text("utf-8")
        assert re.findall("minka check (.*)", script) == [
            "--deploy --tag security --fail-level WARNING", "--database default --tag database",
        ]  # fmt: skip
    found = {check.id for check in run_checks(tags=["security"], include_deployment_checks=True)}
    assert "minka.W002" not in found
    assert "minka.W002" in {check.id for check in run_checks(include_deployment_checks=True)}
    call_command("check", databases=["default"], tags=["database"])


def test_the_start_notes_what_lies_there(settings: Any) -> None:
    settings.MINKA_CONSENT_DIR = str(APPROVED)
    call_command("load_seeds", stdout=StringIO())
    assert waiting().get().name == "2026-tests"


def test_a_demo_with_a_text_of_its_own_starts_too_and_waits(lay: Any, seeds: None) -> None:
    lay("2027-01")
    said = StringIO()
    call_command("seed_demo", if_empty=True, stdout=said)
    assert ("waits for two" in said.getvalue(), Person.objects.exists()) == (True, False)


def test_the_command_opens_a_fresh_house_with_two_names(settings: Any, elisa: Person, dora: Person) -> None:
    volunteer("otra", None)
    settings.MINKA_CONSENT_DIR = str(APPROVED)
    said = StringIO()
    for wrong, why in (("nadie", "nobody"), ("otra", "forbidden")):
        with pytest.raises(CommandError, match=why):
            call_command("approve_consent", "--by", wrong)
    call_command("approve_consent", "--by", "elisa", stdout=said)
    with pytest.raises(CommandError, match="forbidden"):
        call_command("approve_consent", "--by", "elisa")
    call_command("approve_consent", "--by", "dora", stdout=said)
    lines = said.getvalue().splitlines()
    assert ["a second person is needed" in lines[0], "in force from" in lines[1]] == [True, True]
    in_a_minute()
    assert name_in_force() == "2026-tests"
    with pytest.raises(CommandError, match="no consent text waits"):
        call_command("approve_consent", "--by", "dora")
    settings.MINKA_CONSENT_DIR = ""
    with pytest.raises(CommandError, match="draft"):
        call_command("approve_consent", "--by", "dora")


def client(person: Person) -> Client:
    panel = Client()
    panel.force_login(person)
    return panel


def test_the_panel_shows_both_line_by_line_and_two_approve_what_they_saw(lay: Any, elisa: Person, dora: Person) -> None:
    lay("2027-01")
    consent_text_in_force()
    text = lay("2027-02", "<script>Una frase más.</script>")
    page = f"{PAGE}{text.pk}/change/"
    waits = {each.queue.code: each.number for each in board_of(elisa)}
    assert waits["consent"] == 1
    assert page in client(elisa).get("/admin/queue/consent/").content.decode()
    shown = client(elisa).get(page)
    body = shown.content.decode()
    assert "<ins>&lt;script&gt;Una frase más.&lt;/script&gt;</ins>" in body
    assert (text.sha256 in body, shown.context["before"].name) == (True, "2027-01")
    assert client(elisa).post(page, {"agrees": "on", "seen": "0" * 64}).status_code in (400, 409)
    assert waiting().get().first_by is None
    form = {"agrees": "on", "seen": shown.context["seen_now"]}
    assert client(elisa).post(page, form).status_code == 302
    assert set(client(elisa).get(page).context["adminform"].form.fields) == {"takes_back"}
    assert {each.queue.code: each.number for each in board_of(elisa)}["consent"] == 0
    client(elisa).post(page, form)
    assert ConsentText.objects.get(pk=text.pk).second_at is None, "nobody approves it twice"
    assert client(dora).post(page, form).status_code == 302
    assert ConsentText.objects.get(pk=text.pk).second_by == dora
    assert client(dora).post(page, form).status_code == 403, "it is only looked at now"
    assert set(Change.objects.filter(what="consent_text", by__isnull=False).values_list("by", flat=True)) == {
        elisa.pk, dora.pk,
    }  # fmt: skip


def test_in_the_panel_who_may_not_approve_looks_or_sees_nothing(lay: Any, seeds: None) -> None:
    looks, text = volunteer("mira", None), lay("2027-01")
    page = f"{PAGE}{text.pk}/change/"
    looks.user_permissions.set(Permission.objects.filter(codename="view_consenttext"))
    Person.objects.filter(pk=looks.pk).update(is_staff=True)
    form = {"agrees": "on", "seen": text.sha256}
    assert (client(looks).get(page).status_code, client(looks).post(page, form).status_code) == (200, 403)
    looks.user_permissions.clear()
    assert client(looks).get(page).status_code == 403
    assert "consent" not in {each.queue.code for each in board_of(Person.objects.get(pk=looks.pk))}
    assert waiting().get().first_by is None


def test_two_texts_line_by_line() -> None:
    assert compared("a\nb\nc", "a\nB\nc\nd") == [
        Line("same", "a", "a"), Line("changed", "b", "B"), Line("same", "c", "c"), Line("new", "", "d"),
    ]  # fmt: skip
    assert compared("a\nb", "a") == [Line("same", "a", "a"), Line("gone", "b", "")]
    assert compared("", "") == []
