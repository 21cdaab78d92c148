"""Where rights, rests, periods and other people's powers meet: each rule holds while another is at work."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from annotations.assignments.actions import Submission
from annotations.assignments.guests.actions import answer as give
from annotations.assignments.guests.actions import begin, claim, delete_unclaimed, next_turn
from annotations.assignments.guests.models import Guest, GuestJudgement
from annotations.assignments.inquiries.models import Inquiry
from annotations.assignments.models import Campaign, Draft, Item, Judgement
from annotations.assignments.notes.models import Note
from annotations.assignments.packs.models import Pack
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.moderation.purges.models import Purge
from annotations.moderation.sanctions.models import Sanction
from annotations.people.accounts.actions import agree_to_help, ask_for_help, new_codes
from annotations.people.accounts.models import Help, WayBack
from annotations.people.actions import new_token, withdraw
from annotations.people.competence.models import VouchCode
from annotations.people.demo import volunteer
from annotations.people.mail import forget_mail
from annotations.people.models import Person, SpokenVariety, Variety
from annotations.people.rights import retention
from annotations.people.rights.actions import answer as answer_request
from annotations.people.rights.actions import ask, erase, pause
from annotations.people.rights.retention import PERIODS, Period, empty_what_is_over, warn_and_rest
from annotations.people.stewards import actions as stewards
from annotations.people.stewards.queries import current_stewards
from annotations.quality.signals.models import Signal
from tests.cast import answer, at_once, govern, in_days, lead, line, people, seat_at, world

pytestmark = pytest.mark.django_db
PASSWORD = "muy-larga-y-rara"
NOW = timezone.now()
LONG_AGO = NOW - dt.timedelta(days=800)


@pytest.fixture(autouse=True)
def _fresh_counts(db: None) -> None:
    cache.clear()


def helpers(*names: str) -> list[Person]:
    right = Permission.objects.get(codename="help_back_in")
    for name in names:
        Person.objects.create_user(name, PASSWORD).user_permissions.add(right)
    return [Person.objects.get(username=name) for name in names]


# A lead's help ------------------------------------------------------------------------------------------------------


def test_asked_twice_it_is_one_wish_and_one_code() -> None:
    elisa, fabio = helpers("elisa", "fabio")
    Person.objects.create_user("ana", PASSWORD)
    first = ask_for_help(lead=elisa, username="ana", reason="La conozco.")
    again = [ask_for_help(lead=each, username="ANA", reason="Otra vez.") for each in (elisa, fabio)]
    assert {wish.pk for wish in again} == {first.pk}
    assert Help.objects.get().reason == "La conozco."
    with pytest.raises(Refused, match="forbidden"):
        agree_to_help(lead=elisa, wish=first.pk)
    agree_to_help(lead=fabio, wish=first.pk)
    assert ask_for_help(lead=fabio, username="ana", reason="La perdió.").pk != first.pk
    assert WayBack.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_ask_at_once_have_one_wish() -> None:
    both = helpers("elisa", "fabio")
    Person.objects.create_user("ana", PASSWORD)
    wishes = at_once(*[partial(ask_for_help, lead=each, username="ana", reason="Sí.") for each in both * 2])
    assert len({wish.pk for wish in wishes}) == 1


@pytest.mark.parametrize("became", ["is_staff", "is_superuser", "closed"])
def test_a_wish_opens_no_account_that_became_more_than_a_volunteer_s(became: str) -> None:
    elisa, fabio = helpers("elisa", "fabio")
    Person.objects.create_user("ana", PASSWORD)
    wish = ask_for_help(lead=elisa, username="ana", reason="La conozco.")
    Person.objects.filter(username="ana").update(**({"is_active": False} if became == "closed" else {became: True}))
    with pytest.raises(Refused, match="not_found"):
        agree_to_help(lead=fabio, wish=wish.pk)
    with pytest.raises(Refused, match="not_found"):
        ask_for_help(lead=fabio, username="ana", reason="x")
    assert not WayBack.objects.exists()


def test_a_lead_whom_moderators_paused_lets_nobody_in() -> None:
    elisa, fabio = helpers("elisa", "fabio")
    Person.objects.create_user("ana", PASSWORD)
    wish = ask_for_help(lead=elisa, username="ana", reason="La conozco.")
    Person.objects.filter(username="fabio").update(standing="paused")
    fabio.refresh_from_db()
    for act in (
        partial(agree_to_help, lead=fabio, wish=wish.pk),
        partial(ask_for_help, lead=fabio, username="ana", reason="x"),
    ):
        with pytest.raises(Refused, match="suspended"):
            act()


# What tells whether a name is there ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/account/help/", "/v/quz/propose-steward/", "/me/data/correct/"])
def test_who_is_in_cannot_try_names_without_end(seeds: None, settings: Any, path: str) -> None:
    settings.MINKA_RATES = settings.MINKA_RATES | {"names": "3/h/key"}
    (elisa,) = helpers("elisa")
    codes = []
    for number in range(5):
        client = Client()
        client.force_login(elisa)
        form = {"username": f"nadie {number}", "reason": "x", "why": "x"}
        codes.append(client.post(path, form).status_code)
    assert (codes[3:], 429 in codes[:3]) == ([429, 429], False)


def test_nor_can_who_is_not_in(settings: Any) -> None:
    """At the door a taken name is said to be taken, so that the door counts, proof of work or not."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "3/h/ip"}
    Person.objects.create_user("ana", PASSWORD)
    form = {"username": "ana", "password1": PASSWORD, "adult": "on"}
    assert [Client().post("/join/", form).status_code for _ in range(5)] == [200] * 3 + [429] * 2


@pytest.mark.parametrize("login", ["ana", "ANA", "ana@example.org", "nadie", "nadie@example.org", "sin", "cerrada"])
def test_a_log_in_that_fails_takes_one_hash_whoever_it_is_for(login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is in the hash, a third of a second with the real one."""
    ana = Person.objects.create_user("ana", PASSWORD)
    EmailAddress.objects.create(user=ana, email="ana@example.org", verified=True, primary=True)
    Person.objects.create_user("sin")
    Person.objects.create_user("cerrada", PASSWORD, is_active=False)
    hashed: list[int] = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: (hashed.append(1), real(*args))[1])
    Client().post("/login/", {"login": login, "password": "no es"})
    assert len(hashed) == 1


def test_the_way_back_says_the_same_and_hashes_as_often_for_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    new_codes(person=Person.objects.create_user("ana", PASSWORD))
    Person.objects.create_user("cerrada", PASSWORD, is_active=False)
    pages = set()
    for name in ("ana", "nadie", "cerrada"):
        form = {"username": name, "code": "AAAA-AAAA-AAAA", "password": "otra-y-larga"}
        page = Client().post("/back/", form).content.decode()
        pages.add(re.sub(r'value="[^"]*"', "", page))
    assert len(pages) == 1


# Stewards and consent -----------------------------------------------------------------------------------------------


def test_an_erased_steward_s_yes_under_way_counts_no_more_and_what_was_decided_holds() -> None:
    several = govern("quz", count=4)
    quz = Variety.objects.get(tag="quz")
    done, waiting = (
        stewards.propose(person=several[0], variety=quz, kind="export", reason="Sí", expires_at=in_days(9))
        for _ in range(2)
    )
    stewards.answer(person=several[1], decision=done, approves=True)
    erase(person=several[0], contributions=True)
    done.refresh_from_db()
    assert done.in_force_at
    assert done.revoked_at is None
    assert stewards.answer(person=several[1], decision=waiting, approves=True).in_force_at is None
    assert stewards.answer(person=several[2], decision=waiting, approves=True).in_force_at


@pytest.mark.parametrize("contributions", [True, False])
def test_the_last_steward_but_one_who_leaves_closes_the_variety_at_once(contributions: bool) -> None:
    several = govern("quz", shows_anonymous=True)
    campaign = world(line("1", variety="quz"), line("2", variety="quz"))
    (ana,) = people(1, "quz")
    seat = seat_at(ana, campaign)
    guest = begin(guest=None, variety="quz", adult=True, language="es")
    turn = next_turn(guest=guest)
    assert turn
    give(guest=guest, submission=Submission(uuid.uuid4(), turn.pk), answer={"preferred": "a"})
    erase(person=several[0], contributions=contributions)
    assert next_for(person=ana, campaign=campaign) is None
    assert next_turn(guest=guest) is None
    with pytest.raises(Refused, match="invalid"):
        begin(guest=None, variety="quz", adult=True, language="es")
    assert claim(person=ana, guest_id=guest.pk) == 0
    assert answer(ana, seat, {"preferred": "tie"}).is_new, "what was given is kept"


def test_a_steward_who_takes_consent_back_decides_on_and_their_work_leaves() -> None:
    """Consent is to the use of one's own work. Speaking for a community rests on its letter."""
    several = govern("quz")
    withdraw(person=several[0])
    assert current_stewards(Variety.objects.get(tag="quz")).count() == 2
    quz = Variety.objects.get(tag="quz")
    waiting = stewards.propose(person=several[0], variety=quz, kind="export", reason="Sí", expires_at=in_days(9))
    assert stewards.answer(person=several[1], decision=waiting, approves=True).in_force_at
    with pytest.raises(Refused, match="consent_required"):
        next_for(person=several[0], campaign=world(line("1"), slug="otra"))


def test_a_program_of_somebody_who_rests_is_told_so_and_keeps_what_it_sends() -> None:
    world(line("1"), line("2"))
    (ana,) = people(1)
    program = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    send = partial(program.post, "/api/v1/campaigns/prueba/next/", content_type="application/json")
    turn = send().json()
    pause(person=ana)
    assert (send().status_code, send().json()["code"]) == (409, "paused")
    body = {"assignment": turn["assignment"], "answer": {"preferred": "tie"}}
    kept = program.put(f"/api/v1/judgements/{uuid.uuid4()}/?next=1", body, content_type="application/json")
    assert (kept.status_code, kept.json()["next"]) == (201, None)
    assert Judgement.objects.get().counted


def test_a_proposal_whose_person_was_erased_is_not_there_for_the_lead_who_has_it_open(seeds: None) -> None:
    ana = volunteer("ana", None, "es-CL")
    proposal = stewards.propose_variety(person=ana, name="x", place="y", why="z")
    erase(person=ana, contributions=False)
    with pytest.raises(Refused, match="not_found"):
        stewards.decide_variety(lead=lead(), proposal=proposal, state="declined", note="x")


# Periods ------------------------------------------------------------------------------------------------------------


def a_request(ana: Person) -> Any:
    return answer_request(request=ask(person=ana, kind="other", text="x"), outcome="done", reason="by_hand")


def a_session(ana: Person) -> Any:
    Client().force_login(ana)
    return ana.sessions.latest("expire_date")


def a_code(ana: Person) -> WayBack:
    return WayBack.objects.create(person=ana, digest=uuid.uuid4().hex, expires_at=NOW)


def an_entry(ana: Person) -> Any:
    LogEntry.objects.log_actions(ana.pk, Person.objects.filter(pk=ana.pk), CHANGE, "x")
    return LogEntry.objects.latest("pk")


def a_draft(ana: Person) -> Draft:
    name = str(Item.objects.count())
    campaign = world(line(name), slug=f"c{name}")
    return Draft.objects.create(person=ana, assignment=seat_at(ana, campaign), fields={"reason": "x"})


def a_note(ana: Person) -> Note:
    slug = f"n{Note.objects.count()}"
    return Note.objects.create(person=ana, campaign=Campaign.objects.create(slug=slug, name=slug))


def a_pack(ana: Person) -> Pack:
    campaign = Campaign.objects.create(slug=f"p{Pack.objects.count()}", name="x")
    return Pack.objects.create(person=ana, campaign=campaign, expires_at=NOW, ended_at=NOW)


def a_code_for_speakers(ana: Person) -> VouchCode:
    tag = ("es-CL", "es-AR", "es-CO")[VouchCode.objects.count()]
    later = NOW + dt.timedelta(days=1)
    return VouchCode.objects.create(person=ana, variety_id=tag, digest=tag, expires_at=later)


def a_signal(ana: Person) -> Signal:
    campaign = Campaign.objects.create(slug=f"s{Signal.objects.count()}", name="x")
    facts = {"kind": "fast", "work": "vote", "part": 20, "whole": 20, "strength": 0.8, "last": 1, "last_at": NOW}
    return Signal.objects.create(person=ana, campaign=campaign, **facts)


MADE: dict[str, Callable[[Person], Any]] = {
    "annotations.Draft": a_draft,
    "annotations.Note": a_note,
    "annotations.Pack": a_pack,
    "annotations.Signal": a_signal,
    "annotations.Session": a_session,
    "annotations.Request": a_request,
    "annotations.RequestText": lambda ana: a_request(ana).words,
    "annotations.WayBack": a_code,
    "annotations.VouchCode": a_code_for_speakers,
    "annotations.Inquiry": lambda ana: Inquiry.objects.create(
        person=ana, kind="vote", text="x", answer="x", answered_at=NOW
    ),
    "annotations.Help": lambda ana: Help.objects.create(person=ana, reason="x"),
    "admin.LogEntry": an_entry,
    "annotations.Purge": lambda ana: Purge.objects.create(person=ana, code="other", words="x", dropped_at=NOW),
    "annotations.Sanction": lambda ana: Sanction.objects.create(person=ana, kind="notice", code="other", words="x"),
}


BY_THE_DATABASE = ("annotations.Change",)
"""Nobody can make such a row here: `tests/moderation/test_audit.py` has its period."""


@pytest.mark.parametrize(
    "period", [each for each in PERIODS if each.days is not None and each.table not in BY_THE_DATABASE],
    ids=lambda each: each.table,
)  # fmt: skip
def test_a_period_takes_what_is_past_it_and_nothing_newer(seeds: None, period: Period) -> None:
    ana = volunteer("ana", None, "es-CL")
    old, young, unborn = (MADE[period.table](ana) for _ in range(3))
    model: Any = apps.get_model(period.table)
    owner, _sep, field = period.since.rpartition("__")
    holder = model._meta.get_field(owner).related_model if owner else model
    edge = NOW - dt.timedelta(days=period.days or 0)
    for row, moment in ((old, edge - dt.timedelta(seconds=1)), (young, edge + dt.timedelta(seconds=1))):
        holder.objects.filter(pk=row.pk).update(**{field: moment})
    if holder._meta.get_field(field).null:
        empty = {"done_at": {"outcome": "", "reason": ""}, "answered_at": {"answer": ""}}
        kept = {field: None} | empty.get(field, {})
        holder.objects.filter(pk=unborn.pk).update(**kept)
    before = {each.table: set(apps.get_model(each.table).objects.values_list("pk", flat=True)) for each in PERIODS}
    empty_what_is_over(now=NOW)
    assert empty_what_is_over(now=NOW) == 0, "again, nothing is left to do"
    after = {each.table: set(apps.get_model(each.table).objects.values_list("pk", flat=True)) for each in PERIODS}
    gone = {table: rows - after[table] for table, rows in before.items() if rows - after[table]}
    assert gone.pop(period.table) == {old.pk}
    if period.table == "annotations.Request":
        assert gone.pop("annotations.RequestText") == {old.pk, young.pk}, "words go long before their entry"
    assert gone == {}


def test_what_guests_left_goes_after_its_thirty_days_and_nothing_newer() -> None:
    world(*(line(str(number)) for number in range(4)))
    guests = [begin(guest=None, variety="es-CL", adult=True, language="es") for _ in range(3)]
    for guest in guests:
        assert next_turn(guest=guest)
    edge = NOW - dt.timedelta(days=30)
    for guest, turn_at, guest_at in zip(guests, (-1, 1, 1), (-1, 1, -1), strict=True):
        Guest.objects.filter(pk=guest.pk).update(agreed_at=edge + dt.timedelta(seconds=guest_at))
        GuestJudgement.objects.filter(guest=guest).update(shown_at=edge + dt.timedelta(seconds=turn_at))
    assert [delete_unclaimed(now=NOW), delete_unclaimed(now=NOW)] == [1, 0]
    assert set(Guest.objects.values_list("pk", flat=True)) == {guests[1].pk, guests[2].pk}


# Unused accounts ----------------------------------------------------------------------------------------------------


def forgotten(name: str = "ana", **facts: Any) -> Person:
    """Somebody who came long ago and was not seen again."""
    person = volunteer(name, PASSWORD, "es-CL")
    SpokenVariety.objects.update(since=LONG_AGO)
    Person.objects.filter(pk=person.pk).update(date_joined=LONG_AGO, **facts)
    return Person.objects.get(pk=person.pk)


def days(number: int) -> dt.datetime:
    return NOW + dt.timedelta(days=number)


@pytest.mark.parametrize("rests", ["by themselves", "by the clock"])
def test_who_rested_and_came_back_is_warned_again_before_their_address_goes(seeds: None, rests: str) -> None:
    """A warning of years ago, after which somebody was there, is no warning."""
    ana = forgotten(email="ana@example.org")
    if rests == "by themselves":
        pause(person=ana)
        Person.objects.update(paused_at=LONG_AGO)
    assert warn_and_rest(now=NOW) == (1, 0)
    if rests == "by the clock":
        assert warn_and_rest(now=days(61)) == (0, 1)
    Person.objects.update(last_login=days(70), email="ana@example.org")  # here again, without a word on going on
    assert warn_and_rest(now=days(71)) == (0, 0)
    assert warn_and_rest(now=days(70 + 740)) == (1, 0), "told first"
    assert Person.objects.get().email
    assert [warn_and_rest(now=days(70 + 740 + 61)), warn_and_rest(now=days(70 + 740 + 62))] == [(0, 1), (0, 0)]


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_while_the_job_is_at_it_keeps_visit_token_and_address(
    seeds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten(email="ana@example.org")
    assert warn_and_rest(now=NOW) == (1, 0)
    browser, real = Client(), retention._rest

    def come_back_first(*args: Any) -> Any:
        (page,) = at_once(partial(browser.post, "/login/", {"login": "ana", "password": PASSWORD}))
        assert page.status_code == 302
        return real(*args)

    monkeypatch.setattr(retention, "_rest", come_back_first)
    assert warn_and_rest(now=days(61)) == (0, 0)
    ana = Person.objects.get()
    assert (ana.email, ana.paused_at) == ("ana@example.org", None)
    assert browser.get("/me/").status_code == 200


def test_a_file_that_goes_while_one_looks_is_no_fault(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.MINKA_HOME = tmp_path
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "gone.log").symlink_to(tmp_path / "nothing")
    (tmp_path / "mail" / "hers.log").write_text("canaria@example.org")
    forget_mail("canaria@example.org")
    empty_what_is_over(now=NOW)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["gone.log"]
