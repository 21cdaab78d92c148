"""Every personal table has a period, what is over goes, and accounts nobody uses are warned and rest."""

import datetime as dt
import os

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from annotations.assignments.models import Judgement
from annotations.people.accounts.models import Session
from annotations.people.actions import give_consent, new_token
from annotations.people.models import Person, SpokenVariety
from annotations.people.purposes import NAMES
from annotations.people.rights import jobs
from annotations.people.rights.actions import answer as answer_request
from annotations.people.rights.actions import ask, resume, tell_facts
from annotations.people.rights.models import Request, RequestText, SensitiveFacts
from annotations.people.rights.retention import empty_what_is_over, warn_and_rest
from tests.cast import answer, line, people, seat_at, world

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LONG_AGO = NOW - dt.timedelta(days=800)


def days(number: int) -> dt.datetime:
    return NOW + dt.timedelta(days=number)


def forgotten(**facts: object) -> Person:
    """Somebody who came long ago and was not seen again."""
    world()
    (ana,) = people(1)
    SpokenVariety.objects.update(since=LONG_AGO)
    Person.objects.update(date_joined=LONG_AGO, **facts)
    ana.refresh_from_db()
    return ana


def test_words_of_a_request_go_thirty_days_after_the_answer_and_the_entry_after_five_years() -> None:
    world()
    (ana,) = people(1)
    done, waiting = (ask(person=ana, kind="other", text="palabras") for _time in range(2))
    answer_request(request=done, outcome="done", reason="by_hand")
    assert empty_what_is_over(now=days(29)) == 0
    assert empty_what_is_over(now=days(31)) == 1
    assert list(RequestText.objects.values_list("request", flat=True)) == [waiting.pk]
    assert empty_what_is_over(now=days(5 * 365 + 1)) == 1
    assert list(Request.objects.all()) == [waiting], "what nobody answered waits"


def test_visits_that_ran_out_go() -> None:
    world()
    (ana,) = people(1)
    Client().force_login(ana)
    assert list(Session.objects.values_list("person", flat=True)) == [ana.pk]
    assert empty_what_is_over(now=days(29)) == 0
    assert empty_what_is_over(now=days(31)) == 1


@pytest.mark.parametrize(("folder", "period"), [("logs", 90), ("mail", 30)])
def test_files_nobody_writes_to_any_more_go(folder: str, period: int) -> None:
    place = settings.MINKA_HOME / folder
    place.mkdir(exist_ok=True)
    old, young = place / "old.log", place / "young.log"
    for path, age in ((old, period + 1), (young, period - 1)):
        path.touch()
        moment = (NOW - dt.timedelta(days=age)).timestamp()
        os.utime(path, (moment, moment))
    assert empty_what_is_over(now=NOW) == 1
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()


def test_an_account_without_a_sign_is_warned_once_and_rests_sixty_days_later() -> None:
    ana = forgotten(email="ana@example.org")
    give_consent(person=ana, purposes=dict.fromkeys(NAMES, True), language="es", licence="CC-BY-4.0")
    tell_facts(person=ana, facts={"gender": "woman"})
    new_token(person=ana)
    AuthToken.objects.update(created=LONG_AGO)
    assert warn_and_rest(now=NOW) == (1, 0)
    assert warn_and_rest(now=days(59)) == (0, 0)
    (letter,) = mail.outbox
    assert letter.to == ["ana@example.org"]
    assert ana.username not in letter.subject + letter.body
    assert warn_and_rest(now=days(61)) == (0, 1)
    assert warn_and_rest(now=days(62)) == (0, 0)
    ana.refresh_from_db()
    assert (bool(ana.paused_at), ana.email, ana.standing, ana.is_active) == (True, "", "good", True)
    assert not AuthToken.objects.exists()
    assert not SensitiveFacts.objects.exists()
    assert Client().login(username=ana.username, password="muy-larga-y-rara"), "whoever comes back can wake it"
    assert resume(person=ana).paused_at is None
    assert warn_and_rest(now=days(63)) == (0, 0)


def test_without_an_address_nobody_is_written_to_and_the_account_rests_all_the_same() -> None:
    forgotten()
    assert warn_and_rest(now=NOW) == (1, 0)
    assert mail.outbox == []
    assert warn_and_rest(now=days(61)) == (0, 1)


def test_one_whose_mail_cannot_be_sent_is_told_another_night_and_the_others_tonight(settings) -> None:
    ana = forgotten(email="ana@example.org")
    bruno = Person.objects.create_user("bruno", "muy-larga-y-rara", date_joined=LONG_AGO)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    assert warn_and_rest(now=NOW) == (1, 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert list(Person.objects.exclude(warned_at=None)) == [bruno]
    assert warn_and_rest(now=days(61)) == (1, 1)
    assert [letter.to for letter in mail.outbox] == [[ana.email]]


def test_whoever_gives_a_sign_is_no_longer_warned() -> None:
    ana = forgotten()
    warn_and_rest(now=NOW)
    assert Client().login(username=ana.username, password="muy-larga-y-rara")
    assert warn_and_rest(now=days(61)) == (0, 0)
    ana.refresh_from_db()
    assert ana.warned_at is None


def test_work_is_a_sign() -> None:
    ana = forgotten()
    campaign = world(line("1"), slug="otra")
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    assert warn_and_rest(now=NOW) == (0, 0)
    ana.assignments.update(claimed_at=LONG_AGO)
    assert warn_and_rest(now=NOW) == (0, 0)
    Judgement.objects.update(received_at=LONG_AGO)
    assert warn_and_rest(now=NOW) == (1, 0)


def test_the_jobs_run_twice_as_well_as_once() -> None:
    forgotten()
    for _time in range(2):
        jobs.keep_periods()
        jobs.remind()
    assert Person.objects.exclude(warned_at=None).count() == 1


# Whose data were there ----------------------------------------------------------------------------------------------


def listed(capsys: pytest.CaptureFixture[str], start: dt.datetime, end: dt.datetime) -> list[list[str]]:
    capsys.readouterr()
    call_command("affected_people", "--from", start.isoformat(), "--to", end.isoformat())
    return [row.split(",") for row in capsys.readouterr().out.splitlines()]


def test_a_window_lists_whose_data_were_there_with_countries_and_whether_they_were(capsys) -> None:
    campaign = world(line("1"))
    ana, bruno = people(2)
    Person.objects.filter(pk=ana.pk).update(date_joined=LONG_AGO, email="ana@example.org")
    Person.objects.filter(pk=bruno.pk).update(date_joined=LONG_AGO)
    SpokenVariety.objects.update(since=LONG_AGO)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    head, *rows = listed(capsys, days(-1), days(1))
    assert head == ["username", "email", "language", "countries", "joined", "active"]
    joined = LONG_AGO.isoformat()
    assert rows == [
        [ana.username, "ana@example.org", "es", "CL", joined, "yes"],
        [bruno.username, "", "es", "CL", joined, "no"],
    ]
    assert [row[-1] for row in listed(capsys, days(-20), days(-10))[1:]] == ["no", "no"]
    assert listed(capsys, days(-900), days(-850))[1:] == [], "nobody had come yet"


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(CommandError, match="before it begins"):
        call_command("affected_people", "--from", "2026-02-01", "--to", "2026-01-01T00:00Z")
