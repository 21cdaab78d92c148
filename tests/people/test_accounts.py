"""Accounts: joining, getting in and back in, and what keeps everybody else out."""

import base64
import datetime as dt
import json
import re
import unicodedata
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.assignments.doors import prove
from annotations.assignments.models import Cell, Judgement
from annotations.errors import Refused
from annotations.people.accounts import proof
from annotations.people.accounts.actions import agree_to_help, ask_for_help, come_back, new_codes
from annotations.people.accounts.devices import device
from annotations.people.accounts.models import Help, Session, WayBack
from annotations.people.actions import Spoken, give_consent, new_token, speak
from annotations.people.models import Person
from annotations.people.purposes import LICENCES, REQUIRED
from tests.cast import answer, at_once, colleague, joins, line, people, proves, seat_at, solved, work_off, world

pytestmark = pytest.mark.django_db
PASSWORD = "muy-larga-y-rara"


@pytest.fixture(autouse=True)
def _fresh_counts(db: None) -> None:
    cache.clear()


def logs_in(login: str, password: str = PASSWORD, **headers: str) -> Client:
    client = Client(headers=headers)
    client.post("/login/", {"login": login, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# Joining ------------------------------------------------------------------------------------------------------------


def test_one_joins_with_a_name_alone_or_an_address_alone(mailoutbox: list) -> None:
    with_name, with_mail = Client(), Client()
    assert joins(with_name, "ana").status_code == 302
    assert joins(with_mail, "", email="bruno@example.org").status_code == 302
    assert [is_in(client) for client in (with_name, with_mail)] == [True, True]
    assert Person.objects.get(email="bruno@example.org").username.startswith("persona-")
    assert [message.to for message in mailoutbox] == [["bruno@example.org"]]


def test_who_joins_with_an_address_is_told_at_once_that_a_mail_was_sent() -> None:
    client = Client()
    page = client.get(joins(client, "", email="bruno@example.org")["Location"]).content.decode()
    assert "Se envió un mensaje a bruno@example.org" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"adult": ""}, {"username": ""}, {"username": "a@b"}, {"username": "a b"}, {"username": "a" * 61},
        {"password1": "12345678"}, {"password1": "short"}, {"email": "no address"}, {"email": "a" * 300 + "@b.cl"},
    ],
)  # fmt: skip
def test_what_is_wrong_makes_no_account(wrong: dict[str, str]) -> None:
    assert joins(Client(), **wrong).status_code == 200
    assert Person.objects.count() == 0


def test_a_name_in_two_words_is_told_what_is_wrong_with_it() -> None:
    """What people type first; Django's own sentence allows a sign that ours does not."""
    page = joins(Client(), username="rosa quispe").content.decode()
    assert "como rosa_quispe: sin espacios" in page


def test_nobody_gives_themselves_more_than_the_form_asks() -> None:
    joins(Client(), "ana", is_staff="on", is_superuser="on", is_proven="on", standing="good", is_demo="on", groups="1")
    ana = Person.objects.get()
    assert (ana.is_staff, ana.is_superuser, ana.is_demo) == (False, False, False)


def test_a_proof_opens_once() -> None:
    once = solved()
    assert joins(Client(), "ana", proof=once).status_code == 302
    assert joins(Client(), "bea", proof=once).status_code == 200
    assert Person.objects.count() == 1


@pytest.mark.parametrize("made_up", ["", "x", "e30=", "W10=", "bnVsbA==", "eyJhbGdvcml0aG0iOjF9", "ñ" * 50])
def test_a_made_up_proof_opens_nothing(made_up: str) -> None:
    assert not proof.is_proof(made_up)


def test_a_proof_for_an_easier_task_of_ones_own_opens_nothing() -> None:
    forged = proof.challenge() | {"number": 1}
    assert not proof.is_proof(base64.b64encode(json.dumps(forged).encode()).decode())


@pytest.fixture
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everybody had waited."""
    monkeypatch.setattr(proof, "AT_LEAST", dt.timedelta(seconds=-1))


def test_who_is_quicker_than_a_person_does_not_come_in() -> None:
    page = joins(Client(), "ana", proof="", opened=proof.seal())
    assert (page.status_code, Person.objects.count()) == (200, 0)
    assert joins(Client(), "ana", proof="", opened="made:up:seal").status_code == 200


@pytest.mark.usefixtures("_patience")
def test_without_javascript_who_waits_a_moment_comes_in_and_counts_once_looked_at() -> None:
    campaign = world(line("1"), needed=1)
    opened = re.search(r'name="opened" value="([^"]+)"', Client().get("/join/").content.decode())
    assert opened
    seal = {"proof": "", "opened": opened.group(1)}
    assert joins(Client(), "ana", **seal).status_code == 302
    assert joins(Client(), "bea", **seal).status_code == 200, "a form is sent once"
    ana = Person.objects.get()
    assert not ana.is_proven
    speak(person=ana, varieties=[Spoken("es-CL")])
    give_consent(person=ana, purposes=dict.fromkeys(REQUIRED, True), language="es", licence=LICENCES[0])
    judgement = answer(ana, seat_at(ana, campaign), {"preferred": "tie"}).judgement
    assert (judgement.counted, judgement.not_counted, Cell.objects.get().done) == (False, "unproven", 0)
    assert prove(person=ana) == 1
    assert (Judgement.objects.get().counted, Cell.objects.get().done) == (True, 1)
    assert prove(person=ana) == 0


def test_what_waited_for_a_look_takes_nobody_s_place() -> None:
    campaign = world(line("1"), needed=1)
    ana, bea = people(2)
    Person.objects.filter(pk=ana.pk).update(is_proven=False)
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    held = seat_at(bea, campaign)
    assert prove(person=ana) == 0
    assert Judgement.objects.get().not_counted == "no_room"
    answer(bea, held, {"preferred": "a"})
    assert Cell.objects.get().done == 1


@pytest.mark.usefixtures("_patience")
def test_without_proof_only_so_many_join_from_one_place(settings: Any) -> None:
    settings.MINKA_RATES = settings.MINKA_RATES | {"join_unproven": "3/h/ip"}
    codes = [joins(Client(), f"p{n}", proof="", opened=proof.seal()).status_code for n in range(5)]
    assert codes == [302, 302, 302, 429, 429]
    assert Person.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_name_wanted_by_many_at_once_is_one_account() -> None:
    proofs = [solved() for _ in range(6)]
    answers = at_once(*[partial(joins, Client(), name, proof=each) for name, each in zip(("ana", "ANA") * 3, proofs)])  # noqa: B905
    assert [each.status_code for each in answers].count(302) == 1
    assert all(each.status_code < 500 for each in answers)
    assert Person.objects.count() == 1


# Getting in ---------------------------------------------------------------------------------------------------------


def test_one_gets_in_by_name_in_any_writing_and_by_a_confirmed_address() -> None:
    person = Person.objects.create_user("josé", PASSWORD)
    EmailAddress.objects.create(user=person, email="jose@example.org", verified=True, primary=True)
    for login in ("josé", "JOSÉ", unicodedata.normalize("NFD", "josé"), "jose@example.org", "Jose@Example.org"):
        assert is_in(logs_in(login)), login


def test_log_in_says_the_same_whether_the_name_or_the_password_is_wrong() -> None:
    Person.objects.create_user("ana", PASSWORD)
    pages = [
        re.sub(r'value="[^"]*"', "", Client().post("/login/", {"login": login, "password": "x"}).content.decode())
        for login in ("ana", "nadie")
    ]
    assert pages[0] == pages[1]


def test_the_session_is_a_new_one_after_log_in() -> None:
    Person.objects.create_user("ana", PASSWORD)
    client = Client()
    client.session["planted"] = 1
    session = client.session
    session.save()
    client.cookies["sessionid"] = before = session.session_key or ""
    client.post("/login/", {"login": "ana", "password": PASSWORD})
    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_tries_are_counted_under_one_name_and_no_header_makes_a_fresh_count() -> None:
    Person.objects.create_user("josé", PASSWORD)
    writings = ["josé", "JOSÉ", unicodedata.normalize("NFD", "josé")]
    for number in range(50):
        client = Client(headers={"X-Forwarded-For": f"10.0.0.{number}"})
        client.post("/login/", {"login": writings[number % 3], "password": f"wrong-{number}"})
    assert not is_in(logs_in("josé", **{"X-Forwarded-For": "10.9.9.9"})), "the right password waits too"


@pytest.mark.django_db(transaction=True)
def test_a_hundred_tries_at_once_pass_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person.objects.create_user("ana", PASSWORD)
    checked: list[int] = []
    monkeypatch.setattr(Person, "check_password", lambda self, raw: bool(checked.append(1)))
    try_once = partial(Client().post, "/login/", {"login": "ana", "password": "x"})
    for _ in range(10):
        at_once(*[try_once] * 10)
    assert person.is_active
    assert 0 < len(checked) <= 10


def test_no_address_is_given_away_at_joining_or_resetting() -> None:
    ana = Person.objects.create_user("ana", PASSWORD, email="ana@example.org")
    EmailAddress.objects.create(user=ana, email="ana@example.org", verified=True, primary=True)
    assert joins(Client(), "otra", email="ana@example.org").status_code == 302
    assert not is_in(logs_in("ana@example.org", "otra-clave")), "only the confirmed owner logs in by it"
    pages = [
        Client().post("/back/mail/", {"email": address}, follow=True).content.decode()
        for address in ("ana@example.org", "nobody@example.org")
    ]
    assert re.sub(r"next=[^\"]*", "", pages[0]) == re.sub(r"next=[^\"]*", "", pages[1])
    assert [path in pages[0] for path in ('"/back/mail/"', '"/back/"')] == [True, True], "one can go on from there"


# Getting back in ----------------------------------------------------------------------------------------------------


def test_a_mail_sets_a_new_password_and_ends_what_was_open(mailoutbox: list) -> None:
    ana = Person.objects.create_user("ana", PASSWORD, email="ana@example.org")
    EmailAddress.objects.create(user=ana, email="ana@example.org", verified=True, primary=True)
    thief, token = logs_in("ana"), new_token(person=ana)
    client = Client()
    client.post("/back/mail/", {"email": "ana@example.org"})
    work_off()
    link = re.search(r"https?://testserver(/back/mail/\S+)", mailoutbox[0].body)
    assert link
    form = client.get(link.group(1))
    done = client.post(form["Location"], {"password1": "nueva-y-larga", "password2": "nueva-y-larga"})
    assert 'class="button" href="/login/"' in client.get(done["Location"]).content.decode()
    assert not is_in(thief)
    assert Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/me/").status_code == 401
    assert is_in(logs_in("ana", "nueva-y-larga"))
    assert "http" in mailoutbox[0].body
    assert "Minka" in mailoutbox[0].subject


def test_a_code_on_paper_works_once_in_any_writing_and_ends_what_was_open() -> None:
    ana = Person.objects.create_user("ana", PASSWORD)
    codes, thief = new_codes(person=ana), logs_in("ana")
    page = Client().post("/back/", {"username": "ANA", "code": codes[0].lower(), "password": "nueva-y-larga"})
    assert page.status_code == 302
    assert not is_in(thief)
    with pytest.raises(Refused):
        come_back(username="ana", code=codes[0], password="otra-mas-larga")
    assert WayBack.objects.count() == 7
    assert codes[1] not in str(list(WayBack.objects.values())), "of a code only its hash is kept"


@pytest.mark.parametrize(("username", "code"), [("ana", "AAAA-AAAA-AAAA"), ("nadie", "AAAA-AAAA-AAAA"), ("ana", "")])
def test_a_wrong_code_and_a_wrong_name_are_told_the_same(username: str, code: str) -> None:
    new_codes(person=Person.objects.create_user("ana", PASSWORD))
    with pytest.raises(Refused, match="invalid"):
        come_back(username=username, code=code, password="nueva-y-larga")


def test_codes_cannot_be_guessed_by_trying(settings: Any) -> None:
    new_codes(person=Person.objects.create_user("ana", PASSWORD))
    form = {"username": "ana", "code": "AAAA-AAAA-AAAA", "password": "nueva-y-larga"}
    assert [Client().post("/back/", form).status_code for _ in range(7)] == [200] * 5 + [429] * 2


@pytest.mark.django_db(transaction=True)
def test_a_code_used_by_two_at_once_works_once() -> None:
    (code, *_rest) = new_codes(person=Person.objects.create_user("ana", PASSWORD))
    outcomes = at_once(*[partial(come_back, username="ana", code=code, password="nueva-y-larga")] * 4)
    assert sum(isinstance(outcome, Person) for outcome in outcomes) == 1


def lead(name: str) -> Person:
    person = Person.objects.create_user(name, PASSWORD)
    person.user_permissions.add(Permission.objects.get(codename="help_back_in"))
    return person


def test_a_lead_lets_somebody_back_in_with_a_second_person_s_word() -> None:
    elisa, fabio, ana = lead("elisa"), lead("fabio"), Person.objects.create_user("ana", PASSWORD)
    wish = ask_for_help(lead=elisa, username="ana", reason="La conozco.")
    with pytest.raises(Refused, match="forbidden"):
        agree_to_help(lead=elisa, wish=wish.pk)
    assert not WayBack.objects.exists()
    client = Client()
    client.force_login(fabio)
    page = client.post("/account/help/", {"agree": wish.pk}).content.decode()
    code = re.search(r'<code class="once">([A-Z2-9-]+)</code>', page)
    assert code
    come_back(username="ana", code=code.group(1), password="nueva-y-larga")
    ana.refresh_from_db()
    assert ana.check_password("nueva-y-larga")
    with pytest.raises(Refused, match="not_open"):
        agree_to_help(lead=fabio, wish=wish.pk)


def test_a_lead_finds_the_help_page_and_a_name_nobody_has_keeps_what_was_written() -> None:
    client = Client()
    client.force_login(lead("elisa"))
    assert [client.get(path).content.decode().count('"/account/help/"') for path in ("/me/", "/account/")] == [1, 1]
    page = client.post("/account/help/", {"username": "nadie", "reason": "La conozco."})
    assert page.status_code == 200
    assert "No hay una cuenta así" in page.content.decode()
    assert 'value="La conozco."' in page.content.decode()
    client.force_login(Person.objects.create_user("ana", PASSWORD))
    assert [client.get(path).content.decode().count("/account/help/") for path in ("/me/", "/account/")] == [0, 0]


@pytest.mark.parametrize("path", ["/account/password/", "/account/again/", "/account/email/", "/account/second/"])
@pytest.mark.parametrize("language", ["es", "pt-br"])
def test_the_library_s_pages_speak_in_the_house_s_voice(path: str, language: str) -> None:
    client = Client()
    client.force_login(Person.objects.create_user("ana", PASSWORD))
    client.cookies["django_language"] = language
    page = client.get(path).content.decode()
    assert not re.search(r"\b(usted|su contraseña|sua senha|Introduzca|Advertencia|Aviso|Por favor)\b", page)
    assert "placeholder=" not in page


def test_help_goes_to_nobody_s_own_account_and_to_no_staff_and_from_nobody_without_the_right() -> None:
    elisa, ana = lead("elisa"), Person.objects.create_user("ana", PASSWORD)
    Person.objects.create_superuser("jefa", PASSWORD)
    for who, whom in ((elisa, "elisa"), (elisa, "jefa"), (elisa, "nadie"), (ana, "elisa")):
        with pytest.raises(Refused):
            ask_for_help(lead=who, username=whom, reason="x")
    for facts in ({"agreed_by": elisa}, {"person": elisa}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Help.objects.create(**{"person": ana, "asked_by": elisa, "reason": "x"} | facts)


# What is open -------------------------------------------------------------------------------------------------------


def test_a_new_password_ends_every_other_session_and_every_token() -> None:
    ana = Person.objects.create_user("ana", PASSWORD)
    here, there, token = logs_in("ana"), logs_in("ana"), new_token(person=ana)
    done = here.post(
        "/account/password/",
        {"oldpassword": PASSWORD, "password1": "nueva-y-larga", "password2": "nueva-y-larga"},
    )
    assert done.status_code == 302
    assert [is_in(here), is_in(there)] == [True, False]
    assert Session.objects.filter(person=ana).count() == 1
    assert Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/me/").status_code == 401


def test_a_second_step_ends_every_other_session_is_asked_for_and_lies_encrypted(
    django_capture_on_commit_callbacks: Any,
) -> None:
    Person.objects.create_user("ana", PASSWORD)
    here, there = logs_in("ana"), logs_in("ana")
    page = here.get("/account/second/totp/activate/", follow=True)
    assert "/account/again/" in page.redirect_chain[-1][0], "the password is asked for once more"
    page = here.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    assert b"<svg" in page.content
    assert b"placeholder=" not in page.content, "it would say the label again"
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    code = f"{hotp_value(secret, counter):06d}"
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post("/account/second/totp/activate/", {"code": code}).status_code == 302
    assert [is_in(here), is_in(there)] == [True, False]
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    assert not is_in(logs_in("ana")), "the password alone opens no longer"


def test_sessions_and_tokens_are_listed_and_ended_by_their_owner_alone() -> None:
    ana, bea = (Person.objects.create_user(name, PASSWORD) for name in ("ana", "bea"))
    phone = logs_in("ana", **{"User-Agent": "Mozilla/5.0 (Linux; Android 10) Chrome/90.0 Mobile"})
    desk, stranger = logs_in("ana"), logs_in("bea")
    new_token(person=ana)
    page = desk.get("/account/").content.decode()
    assert "Chrome · Android" in page
    names = re.findall(r'name="name" value="(\w+)"', page)
    assert len(names) == 2
    for name in names:
        stranger.post("/account/sessions/end/", {"name": name})
        stranger.post("/account/tokens/end/", {"name": name})
    assert is_in(phone)
    for key in Session.objects.values_list("pk", flat=True):
        assert key not in page, "a session's key opens it"
    desk.post("/account/sessions/end/", {"name": names[0]})
    desk.post("/account/tokens/end/", {"name": names[1]})
    assert [is_in(phone), is_in(desk), ana.auth_token_set.count()] == [False, True, 0]
    assert bea.sessions.count() == 1


def test_an_address_changes_only_once_it_is_confirmed(mailoutbox: list) -> None:
    ana = Person.objects.create_user("ana", PASSWORD, email="ana@example.org")
    EmailAddress.objects.create(user=ana, email="ana@example.org", verified=True, primary=True)
    client = logs_in("ana")
    client.post("/account/email/", {"action_add": "", "email": "de-quien-robo@example.org"})
    assert not mailoutbox, "an open session of somebody is no way into their account"
    proves(client).post("/account/email/", {"action_add": "", "email": "nueva@example.org"})
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"
    (told,) = (message.body for message in mailoutbox if "nueva@example.org" in message.to)
    link = re.search(r"https?://testserver(/account/email/confirm/\S+)", told)
    assert link
    assert client.post(link.group(1))["Location"] == "/account/"
    assert "nueva@example.org está confirmado" in client.get("/account/").content.decode()
    ana.refresh_from_db()
    assert ana.email == "nueva@example.org"
    token = Client(headers={"Authorization": f"Token {new_token(person=ana)}"})
    for method in ("PUT", "PATCH", "POST", "DELETE"):
        assert token.generic(method, "/api/v1/me/", '{"email": "x@y.cl"}').status_code == 405


def test_in_production_staff_need_a_second_step_for_the_panel(settings: Any) -> None:
    jefa = Person.objects.create_superuser("jefa", PASSWORD)
    client = Client()
    client.force_login(jefa)
    assert client.get("/admin/").status_code == 200
    settings.PRODUCTION = True
    assert client.get("/admin/", secure=True)["Location"] == reverse("mfa_index")
    TOTP.activate(jefa, generate_totp_secret())
    assert client.get("/admin/", secure=True).status_code == 200


def test_in_production_the_panel_asks_again_after_half_a_day_and_takes_what_was_written(settings: Any) -> None:
    settings.PRODUCTION = True
    jefa = Person.objects.create_superuser("jefa", PASSWORD)
    TOTP.activate(jefa, generate_totp_secret())
    client = Client()
    client.force_login(jefa)

    def begun(hours: float) -> None:
        session = client.session
        session["begun"] = (timezone.now() - dt.timedelta(hours=hours)).isoformat()
        session.save()

    asked_again = f"{reverse('account_reauthenticate')}?next=%2Fadmin%2F"
    begun(11.9)
    assert client.get("/admin/", secure=True).status_code == 200
    begun(12.1)
    assert client.get("/admin/", secure=True)["Location"] == asked_again
    assert client.post("/admin/", secure=True).status_code == 200
    assert client.get("/me/standing/", secure=True).status_code == 200
    begun(13.1)
    assert client.get("/admin/", SCRIPT_NAME="/x", secure=True).status_code == 302
    assert client.post("/admin/annotations/release/now/", secure=True)["Location"] == asked_again
    assert client.put("/admin/", secure=True)["Location"] == asked_again
    assert client.post(asked_again, {"password": PASSWORD}, secure=True)["Location"] == "/admin/"
    assert client.get("/admin/", secure=True).status_code == 200
    session = client.session
    session["begun"], session["account_authentication_methods"] = "", []
    session.save()
    assert client.get("/admin/", secure=True)["Location"] == asked_again
    assert client.post("/admin/logout/", secure=True)["Location"] == "/"
    assert client.get("/admin/", secure=True)["Location"].startswith("/admin/login/")


def test_a_visit_ends_a_month_after_it_began_however_much_it_was_used() -> None:
    Person.objects.create_user("ana", PASSWORD)
    client = logs_in("ana")
    session = client.session
    session["begun"] = (timezone.now() - dt.timedelta(days=29, hours=23)).isoformat()
    session.save()
    assert is_in(client)
    session["begun"] = (timezone.now() - dt.timedelta(days=30, hours=1)).isoformat()
    session.save()
    assert session.get_expiry_age() > 29 * 24 * 3600, "as it was written a moment ago"
    assert not is_in(client)
    assert not Session.objects.filter(person__username="ana").exists()


def test_an_administrator_logs_somebody_out_everywhere_and_a_moderator_nobody_of_the_team(seeds: None) -> None:
    ana, jefa = Person.objects.create_user("ana", password=PASSWORD), Person.objects.create_superuser("jefa", PASSWORD)
    second = Person.objects.create_superuser("segunda", PASSWORD)
    new_token(person=ana)
    inside, hers = logs_in("ana"), logs_in("segunda")
    panel = logs_in("jefa")
    body = {"action": "end_visits", "_selected_action": [ana.pk, jefa.pk]}
    panel.post(reverse("admin:annotations_person_changelist"), body)
    assert [is_in(inside), is_in(panel), is_in(hers)] == [False, True, True]
    assert not ana.auth_token_set.exists()
    assert LogEntry.objects.filter(user=jefa, object_id=str(ana.pk)).count() == 1
    carmen = colleague("carmen", "change_person", "view_person")
    inside, carmens = logs_in("ana"), Client()
    carmens.force_login(carmen)
    body["_selected_action"] = [ana.pk, second.pk]
    Person.objects.filter(pk=carmen.pk).update(standing=Person.Standing.PAUSED)
    assert carmens.post(reverse("admin:annotations_person_changelist"), body).status_code == 403
    Person.objects.filter(pk=carmen.pk).update(standing=Person.Standing.GOOD)
    carmens.post(reverse("admin:annotations_person_changelist"), body)
    assert [is_in(inside), is_in(hers)] == [False, True]


def test_the_panel_has_no_log_in_of_its_own() -> None:
    assert Client().get("/admin/login/?next=/admin/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Linux; Android 13; SM-A065) AppleWebKit/537.36 Chrome/120 Mobile", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", "Firefox · Linux"),
        ("curl/8", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_two_words(agent: str, said: str) -> None:
    assert device(agent) == said
