"""Whether an address has an account is told by no page, no mail of the request's own, and no statement it makes.

Wall time is not measured: a request that sends the same statements, mails nothing and leaves the same job to the worker
has nothing to take longer with.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from celery import Task
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from annotations.people.models import Person
from annotations.people.rights.actions import erase
from minka.celery import app
from tests.cast import joins, proves, work_off

pytestmark = pytest.mark.django_db
PASSWORD = "muy-larga-y-rara"
KNOWN, UNKNOWN = "ana@example.org", "nobody@example.org"


@pytest.fixture(autouse=True)
def _fresh_counts(db: None) -> None:
    cache.clear()


@pytest.fixture
def ana(db: None) -> Person:
    return has_account("ana", KNOWN, verified=True)


def has_account(name: str, address: str, *, verified: bool) -> Person:
    person = Person.objects.create_user(name, PASSWORD, email=address)
    EmailAddress.objects.create(user=person, email=address, verified=verified, primary=True)
    return person


def statements(act: Callable[[], Any]) -> list[str]:
    """What a request asks of the database, without what it asks about."""
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert act().status_code == 302
    return [
        re.sub(r"'[^']*'|\bs\d+_x\d+\b|_curs_\d+_sync_\d+|\b\d+\b", "?", query["sql"])
        for query in captured.captured_queries
    ]


def asks(address: str, **headers: str) -> Any:
    return Client(headers=headers).post("/back/mail/", {"email": address})


def link_in(message: Any) -> str:
    found = re.search(r"https?://testserver(/back/mail/\S+)", message.body)
    assert found
    return found.group(1)


# A way back by mail --------------------------------------------------------------------------------------------------


def away(*_job: Any, **_how: Any) -> None:
    raise OperationalError


def test_a_queue_that_is_away_is_told_to_whoever_asks_alike(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis or RabbitMQ may be down while the house is not: what kombu says then."""
    monkeypatch.setattr(Task, "apply_async", away)
    told = [asks(address) for address in (KNOWN, UNKNOWN)]
    assert [(answer.status_code, "unos minutos" in answer.content.decode()) for answer in told] == [(503, True)] * 2


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("is_active", [True, False])
def test_a_request_for_a_way_back_does_the_same_for_an_address_that_is_known_and_one_that_is_not(
    mailoutbox: list, verified: bool, is_active: bool
) -> None:
    person = has_account("ana", KNOWN, verified=verified)
    Person.objects.filter(pk=person.pk).update(is_active=is_active)
    done = [statements(lambda each=each: asks(each)) for each in (KNOWN, UNKNOWN, KNOWN.upper())]
    assert done[0] == done[1] == done[2]
    assert len(done[0]) > 0
    assert mailoutbox == [], "a mail server that is slow, or gone, would tell"
    assert len(work_off()) == 3
    assert [message.to for message in mailoutbox] == [[KNOWN]] * 2 * is_active


def test_the_broker_holds_neither_address_nor_link_nor_token(ana: Person, mailoutbox: list) -> None:
    asks(KNOWN, **{"Accept-Language": "pt-br"})
    ((arguments, message),) = work_off()
    (mail,) = mailoutbox
    assert arguments == [[ana.pk], "pt-br", "http://testserver"]
    token = link_in(mail).strip("/").rpartition("-")[2]
    for secret in ("example.org", "/back/mail/", token):
        assert secret not in message


def test_the_mail_comes_in_the_language_the_page_was_read_in_and_its_link_works_once(
    ana: Person, mailoutbox: list
) -> None:
    asks(KNOWN, **{"Accept-Language": "pt-br"})
    work_off()
    (mail,) = mailoutbox
    assert mail.subject == "Minka: Uma senha nova"
    assert "X-Minka-Account" in mail.extra_headers, "erasing finds it where it lies"
    client = Client()
    form = client.get(link_in(mail))["Location"]
    assert client.post(form, {"password1": "nova-e-longa", "password2": "nova-e-longa"}).status_code == 302
    ana.refresh_from_db()
    assert ana.check_password("nova-e-longa")
    assert Client().get(link_in(mail)).status_code == 200, "no second time"


def test_the_confirmed_owner_of_an_address_is_written_to_and_nobody_else_who_gave_it(
    ana: Person, mailoutbox: list
) -> None:
    has_account("bea", KNOWN, verified=False)
    asks(KNOWN)
    work_off()
    assert ["ana" in message.body for message in mailoutbox] == [True]


def test_an_address_that_waits_to_be_confirmed_leads_nowhere_yet(ana: Person, mailoutbox: list) -> None:
    EmailAddress.objects.create(user=ana, email="nueva@example.org", verified=False, primary=False)
    asks("nueva@example.org")
    work_off()
    assert mailoutbox == []


def test_who_is_erased_before_the_mail_is_made_gets_none(ana: Person, mailoutbox: list) -> None:
    asks(KNOWN)
    erase(person=ana, contributions=True)
    work_off()
    assert mailoutbox == []


def test_where_the_queue_was_erased_one_asks_again(ana: Person, mailoutbox: list) -> None:
    asks(KNOWN)
    assert app.control.purge() == 1
    asks(KNOWN)
    work_off()
    assert len(mailoutbox) == 1


def test_tries_are_counted_the_same_whether_the_address_is_known(ana: Person) -> None:
    for address in (KNOWN, UNKNOWN):
        assert [asks(address).status_code for _ in range(7)] == [302] * 5 + [429] * 2


# Joining, and another address ----------------------------------------------------------------------------------------


def test_joining_does_the_same_for_an_address_that_is_known_and_one_that_is_not(ana: Person, mailoutbox: list) -> None:
    done = [
        statements(lambda n=name, a=address: joins(Client(), n, email=a))
        for name, address in (("bea", KNOWN), ("eva", UNKNOWN))
    ]
    assert done[0] == done[1]
    assert [message.to for message in mailoutbox] == [[KNOWN], [UNKNOWN]]
    assert mailoutbox[0].subject == mailoutbox[1].subject


def test_giving_another_address_does_the_same_for_one_that_is_known_and_one_that_is_not(
    ana: Person, mailoutbox: list
) -> None:
    clients = [Client(), Client()]
    for name, client in zip(("bea", "eva"), clients, strict=True):
        Person.objects.create_user(name, PASSWORD)
        client.post("/login/", {"login": name, "password": PASSWORD})
        proves(client, PASSWORD)
    forms = [{"action_add": "", "email": each} for each in (KNOWN, UNKNOWN)]
    done = [
        statements(lambda c=client, f=form: c.post("/account/email/", f))
        for client, form in zip(clients, forms, strict=True)
    ]
    assert done[0] == done[1]
    assert [message.to for message in mailoutbox] == [[KNOWN], [UNKNOWN]]
