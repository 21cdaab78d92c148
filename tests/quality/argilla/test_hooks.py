"""Webhooks are a hint: only what is signed is heard, and of it only that there is something to read."""

import base64
import hashlib
import hmac
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from annotations.quality.argilla.actions import exchange
from annotations.quality.argilla.hooks import TOLERANCE, is_signed
from minka.celery import app
from tests.quality.argilla.real import Workspace, until
from tests.quality.argilla.scene import expert, says, voted
from tests.server import send, serving

KEY = b"una-clave-larga-de-prueba"
SECRET = base64.b64encode(KEY).decode()


def signed(body: bytes = b"{}", at: int | None = None, key: bytes = KEY, name: str = "msg_1") -> dict[str, str]:
    moment = str(int(time.time()) if at is None else at)
    digest = hmac.digest(key, f"{name}.{moment}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": name, "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }  # fmt: skip


def test_what_is_signed_now_is_heard() -> None:
    now = 1_800_000_000
    for secret in (SECRET, f"whsec_{SECRET}"):
        assert is_signed(signed(at=now), b"{}", secret=secret, now=now + TOLERANCE)
    several = signed(at=now)
    several["webhook-signature"] = f"v1,AAAA v2,x {several['webhook-signature']}"
    assert is_signed(several, b"{}", secret=SECRET, now=now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": ""}, {"webhook-signature": "v1,"}, {"webhook-signature": "v1,ñ"}, {"webhook-id": ""},
        {"webhook-signature": "v2,x"}, {"webhook-timestamp": ""}, {"webhook-timestamp": "x"}, {"webhook-id": "msg_2"},
        {"webhook-timestamp": "9" * 5_000}, {"webhook-timestamp": "-1"}, {"webhook-timestamp": "٣"},
    ],
)  # fmt: skip
def test_what_is_not_signed_as_it_should_be_is_not(wrong: dict[str, str]) -> None:
    now = 1_800_000_000
    assert not is_signed(signed(at=now) | wrong, b"{}", secret=SECRET, now=now)


def test_another_body_another_key_another_time_is_not() -> None:
    now = 1_800_000_000
    assert not is_signed(signed(at=now), b"{ }", secret=SECRET, now=now)
    assert not is_signed(signed(at=now, key=b"otra"), b"{}", secret=SECRET, now=now)
    assert not is_signed(signed(at=now), b"{}", secret=SECRET, now=now + TOLERANCE + 1)
    assert not is_signed(signed(at=now), b"{}", secret=SECRET, now=now - TOLERANCE - 1)
    for secret in ("", "whsec_", "ñ", "no es base64"):
        assert not is_signed(signed(at=now, key=b""), b"{}", secret=secret, now=now)


@pytest.fixture
def on(settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    settings.MINKA_ARGILLA_URL = "http://127.0.0.1:9"
    monkeypatch.setenv("MINKA_ARGILLA_WEBHOOK_SECRET", SECRET)
    cache.clear()


def knock(headers: dict[str, str], body: bytes = b"{}") -> int:
    client = Client(enforce_csrf_checks=True)
    return client.post("/argilla/knock/", body, content_type="application/json", headers=headers).status_code


def waiting() -> list[str]:
    found = []
    with app.connection_for_read() as link, link.SimpleQueue("argilla") as queue:
        while queue.qsize():
            message = queue.get_nowait()
            found.append(message.headers["task"])
            message.ack()
    return found


@pytest.mark.django_db
def test_many_hints_are_one_run_on_the_desks_own_queue(on: None) -> None:
    waiting()
    assert [knock(signed(name=f"msg_{number}")) for number in range(5)] == [204] * 5
    assert waiting() == ["annotations.quality.argilla.jobs.exchange_all"]


@pytest.mark.django_db
def test_who_does_not_know_the_secret_starts_nothing(on: None) -> None:
    waiting()
    assert knock(signed(key=b"otra")) == 403
    assert knock({}) == 403
    assert waiting() == []


@pytest.mark.django_db
def test_switched_off_there_is_no_such_address(on: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINKA_ARGILLA_WEBHOOK_SECRET", "")
    assert knock(signed(key=b"")) == 404
    monkeypatch.setenv("MINKA_ARGILLA_WEBHOOK_SECRET", SECRET)
    settings.MINKA_ARGILLA_URL = ""
    assert knock(signed()) == 404
    assert Client().get("/argilla/knock/").status_code == 405


@pytest.mark.django_db
def test_a_real_servers_hint_is_signed_as_we_read_it(workspace: Workspace) -> None:
    heard: list[tuple[dict[str, str], bytes]] = []

    def listen(handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        heard.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        send(handler, 204, b"")

    voted("12t")
    who = expert(workspace.desk())
    exchange(workspace.desk())
    with serving(listen) as url:
        hook = workspace.server.ask("POST", "webhooks", {"url": f"{url}/knock/", "events": ["response.created"]})
        try:
            says(workspace, who, 0)
            until(lambda: heard)
        finally:
            workspace.server.ask("DELETE", f"webhooks/{hook['id']}")
    headers, body = heard[0]
    assert is_signed(headers, body, secret=hook["secret"], now=time.time())
    assert not is_signed(headers, body + b" ", secret=hook["secret"], now=time.time())
