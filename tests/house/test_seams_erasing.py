"""Whoever is erased while they are still at it: in another tab, on another phone, by a program with their token.

An erasure is put into the middle of everything one can do, at the moments at which it does most harm: when the account
was just looked up, when the password was just found right, when the visit is about to be written down. Whatever it
meets is told so in words, nothing is a fault of ours, and nothing of the person is left.
"""

import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import SESSION_KEY, middleware
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from knox.auth import TokenAuthentication

from annotations.admin.people import PersonAdmin
from annotations.assignments.actions import Submission
from annotations.assignments.guests.actions import answer as give
from annotations.assignments.guests.actions import begin, next_turn
from annotations.assignments.guests.models import Guest
from annotations.assignments.guests.views import GUEST
from annotations.assignments.models import Campaign, Cell
from annotations.people.accounts import signals
from annotations.people.accounts.adapter import Backend
from annotations.people.accounts.sessions import SessionStore
from annotations.people.actions import new_token
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import NAMES
from annotations.people.rights.actions import erase
from tests.cast import at_once, left_of, line, people, proves, seat_at, work_off, world
from tests.house.test_routes import GUARDED, OWN, TOKEN, filled

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "muy-larga-y-rara"
NAME = "canaria"


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


@pytest.fixture
def campaign(db: None) -> Campaign:
    return world(*(line(str(number)) for number in range(8)))


class Vanishing:
    """Erases a person once, when it is called for the `at`th time."""

    def __init__(self) -> None:
        self.person: Person | None = None
        self.at = 1

    def __call__(self, at: int = 0) -> None:
        self.at = at or self.at - 1
        if self.person and self.at <= 0:
            self.now()

    def now(self) -> None:
        person, self.person = self.person, None
        if person and Person.objects.filter(pk=person.pk).exists():
            (fault,) = at_once(partial(erase, person=person, contributions=True))  # from elsewhere
            assert fault is None, fault


@pytest.fixture
def vanishing() -> Vanishing:
    return Vanishing()


def before(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Callable[[], None]) -> None:
    real = getattr(place, name)

    def patched(*args: Any, **named: Any) -> Any:
        act()
        return real(*args, **named)

    monkeypatch.setattr(place, name, patched)


def after(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Callable[[], None]) -> None:
    real = getattr(place, name)

    def patched(*args: Any, **named: Any) -> Any:
        outcome = real(*args, **named)
        act()
        return outcome

    monkeypatch.setattr(place, name, patched)


def logged_in(name: str, campaign: Campaign) -> tuple[Person, Client, dict[str, Any]]:
    """Somebody at work, and what they could send."""
    person = volunteer(name, PASSWORD, "es-CL")
    person.user_permissions.set(Permission.objects.filter(codename__in=["help_back_in", "count_sensitivefacts"]))
    client = Client()
    client.post("/login/", {"login": name, "password": PASSWORD})
    assert client.session[SESSION_KEY] == str(person.pk)
    seat = seat_at(person, campaign)
    form = {
        "assignment": seat.pk, "key": uuid.uuid4(), "choice": "tie", "knowledge": "place", "text": "x", "kind": "other",
        "username": "persona-es-CL-0", "reason": "La conozco.", "why": "Enseña.", "varieties": ["es-CL"],
        "how": "grew_up", "password": PASSWORD, "oldpassword": PASSWORD, "password1": "otra-y-larga",
        "password2": "otra-y-larga", "contributions": "leave", "action_add": "", "email": f"{name}@example.org",
        "name": "x", "place": "y", "gender": "woman", "own_words": name,
    } | dict.fromkeys(NAMES, "on")  # fmt: skip
    return person, client, form


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("moment", ["looked up", "about to be written down"])
def test_erased_in_the_middle_of_anything_one_is_told_so_and_nothing_is_left(
    campaign: Campaign, vanishing: Vanishing, monkeypatch: pytest.MonkeyPatch, moment: str, method: str
) -> None:
    """Every page that is one's own, with a form that is right for many of them."""
    people(1)
    if moment == "looked up":
        after(monkeypatch, middleware, "get_user", vanishing)
    else:
        before(monkeypatch, SessionStore, "save", vanishing)
    wrong = []
    for number, address in enumerate([*OWN, *GUARDED]):
        cache.clear()
        person, client, form = logged_in(f"{NAME}-{number}", campaign)
        path = filled(address).replace("0" * 8 + "-0000-4000-8000-" + "0" * 12, str(form["assignment"]))
        vanishing.person = person
        client.raise_request_exception = False
        answer = getattr(client, method)(path, form if method == "post" else {})
        vanishing.now()
        wrong += [(address, answer.status_code, left)] if (left := left_of(person)) or answer.status_code >= 500 else []
    assert not wrong, "\n".join(map(str, wrong))


# Getting in ----------------------------------------------------------------------------------------------------------


def a_guest_s(client: Client) -> None:
    """As if ten minutes of trying lay behind this browser: an answer waits to be claimed."""
    guest = begin(guest=None, variety="es-CL", adult=True, language="es")
    turn = next_turn(guest=guest)
    assert turn
    give(guest=guest, submission=Submission(uuid.uuid4(), turn.pk), answer={"preferred": "a"})
    session = client.session
    session[GUEST] = str(guest.pk)
    session.save()
    client.cookies["sessionid"] = session.session_key or ""


@pytest.mark.parametrize("tried_before", [True, False])
@pytest.mark.parametrize("moment", ["password found right", "visit written 1", "visit written 2", "greeted"])
def test_erased_while_logging_in_one_is_not_in_and_nothing_is_left(
    campaign: Campaign, vanishing: Vanishing, monkeypatch: pytest.MonkeyPatch, moment: str, tried_before: bool
) -> None:
    person, client = volunteer(NAME, PASSWORD, "es-CL"), Client()
    if tried_before:
        a_guest_s(client)
    if moment == "password found right":
        after(monkeypatch, Backend, "authenticate", vanishing)
    elif moment == "greeted":
        before(monkeypatch, signals, "device", vanishing)
    else:
        before(monkeypatch, SessionStore, "save", partial(vanishing))
        vanishing.at = int(moment[-1])
    vanishing.person = person
    answer = client.post("/login/", {"login": NAME, "password": PASSWORD})
    assert vanishing.person is None, "the moment was met"
    assert answer.status_code in (302, 404), answer.content.decode()
    assert client.get("/me/").status_code == 302, "nobody is in"
    assert left_of(person) == set()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("moment", ["looked up", "about to be written down"])
def test_a_new_password_brings_nobody_back_who_was_erased(
    campaign: Campaign, vanishing: Vanishing, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A password is changed by writing the whole row of the account, and then a new visit of it."""
    person, client, form = logged_in(NAME, campaign)
    if moment == "looked up":
        after(monkeypatch, middleware, "get_user", vanishing)
    else:
        before(monkeypatch, SessionStore, "save", vanishing)
    vanishing.person = person
    client.post("/account/password/", form)
    assert left_of(person) == set()
    assert not Person.objects.filter(username=NAME).exists()


def test_the_panel_brings_nobody_back_who_was_erased_while_it_was_filled_in(
    campaign: Campaign, admin_client: Client, vanishing: Vanishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = people(1)
    form = {"language": "es", "standing": "good", "is_active": "on"}
    inline = {f"spoken-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    before(monkeypatch, PersonAdmin, "save_model", vanishing)
    vanishing.person = person
    answer = admin_client.post(f"/admin/annotations/person/{person.pk}/change/", form | inline)
    assert (answer.status_code, vanishing.person, left_of(person)) == (404, None, set())


def test_who_owes_the_second_step_and_is_erased_leaves_no_half_a_visit(campaign: Campaign) -> None:
    person, half = volunteer(NAME, PASSWORD, "es-CL"), Client()
    TOTP.activate(person, generate_totp_secret())
    page = half.post("/login/", {"login": NAME, "password": PASSWORD})
    assert page["Location"].startswith("/account/second/authenticate/")
    assert left_of(person) >= {"annotations.Session"}
    erase(person=person, contributions=True)
    assert left_of(person) == set()
    assert half.get("/account/second/authenticate/").status_code == 302
    assert half.post("/account/second/authenticate/", {"code": "123456"}).status_code == 302


@pytest.mark.parametrize("kind", ["reset", "confirm"])
def test_a_link_in_a_mail_opens_nothing_once_its_account_is_erased(mailoutbox: list, seeds: None, kind: str) -> None:
    person = volunteer(NAME, PASSWORD, "es-CL")
    client = Client()
    if kind == "reset":
        person.email = "ana@example.org"
        person.save()
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        client.post("/back/mail/", {"email": person.email})
        work_off()
    else:
        client.post("/login/", {"login": NAME, "password": PASSWORD})
        proves(client, PASSWORD).post("/account/email/", {"action_add": "", "email": "ana@example.org"})
    path = re.search(r"https?://testserver(/\S+)", mailoutbox[-1].body)
    assert path
    opened, late = Client(), Client()
    form = opened.get(path.group(1)).get("Location", path.group(1))
    erase(person=person, contributions=True)
    passwords = {"password1": "otra-y-larga", "password2": "otra-y-larga"}
    for browser in (opened, late):
        for answer in (browser.get(path.group(1), follow=True), browser.post(form, passwords, follow=True)):
            assert answer.status_code in (200, 404)
    assert left_of(person) == set()
    assert not Person.objects.filter(username=NAME).exists()


# Programs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", TOKEN)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_a_program_whose_person_was_erased_under_it_is_told_so(
    campaign: Campaign, vanishing: Vanishing, monkeypatch: pytest.MonkeyPatch, address: str, method: str
) -> None:
    (person,) = people(1)
    person.user_permissions.set(Permission.objects.filter(codename="add_item"))
    seat, key = seat_at(person, campaign), str(uuid.uuid4())
    program = Client(headers={"Authorization": f"Token {new_token(person=person)}"})
    answered = {"assignment": str(seat.pk), "answer": {"preferred": "tie"}}
    flagged = {"assignment": str(seat.pk), "output": "a", "answer": {"categories": ["genero"]}}
    bodies: dict[str, Any] = {"items": line("9"), "next": {}, "judgements": answered, "flags": flagged}
    body = next((each for name, each in bodies.items() if name in address), None)
    path = filled(address).replace("0" * 8 + "-0000-4000-8000-" + "0" * 12, key)
    if method == "delete" and "judgements" in address:
        assert program.put(path, body, content_type="application/json").status_code == 201
    after(monkeypatch, TokenAuthentication, "authenticate", vanishing)
    vanishing.person = person
    answer = getattr(program, method)(
        path, **({"data": body, "content_type": "application/json"} if body is not None else {})
    )
    assert vanishing.person is None
    assert answer.status_code in (200, 201, 403, 404, 405), answer.content
    assert left_of(person) == set()
    assert getattr(program, method)(path).status_code == 401


# At once -------------------------------------------------------------------------------------------------------------


def test_all_of_it_at_once_ends_with_nobody_there(campaign: Campaign) -> None:
    for number in range(4):
        person, client, form = logged_in(f"{NAME}-{number}", campaign)
        other, program = Client(), Client(headers={"Authorization": f"Token {new_token(person=person)}"})
        a_guest_s(other)
        proves(client, PASSWORD)
        form |= {"login": person.username}
        answers = at_once(
            partial(other.post, "/login/", form), partial(client.post, "/rate/send/", form),
            partial(client.post, "/account/codes/"), partial(client.post, "/varieties/propose/", form),
            partial(program.post, "/api/v1/campaigns/prueba/next/", content_type="application/json"),
            partial(client.post, "/account/email/", form), partial(erase, person=person, contributions=True),
            partial(client.post, "/join/consent/", form), partial(other.get, "/try/"),
        )  # fmt: skip
        assert answers.pop(6) is None
        assert [str(each) for each in answers if isinstance(each, Exception) or each.status_code >= 500] == []
        assert left_of(person) == set()
        assert {cell.held for cell in Cell.objects.all()} <= {0}
        Guest.objects.all().delete()
