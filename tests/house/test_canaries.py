"""Ana leaves a bird in every place where a person can put a string, and is erased with her contributions. Then not one
is found: not in the database's dump, the next release, media, logs or mail.

The sabotaged twins take one right away each, and the same search must find birds: a search that cannot fail proves
nothing.
"""

import dataclasses
import json
import logging
import subprocess
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.mail import get_connection
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.datasets.actions import folder_of, publish
from annotations.people.actions import new_token
from annotations.people.models import Person
from annotations.people.purposes import NAMES
from annotations.people.rights import registry
from annotations.people.rights.retention import warn_and_rest
from minka.logs import Line
from tests.cast import line, people, seat_at, world
from tests.cast import answer as cast_answer
from tests.ground import _postgres

pytestmark = pytest.mark.django_db(transaction=True)
HOME = Path(settings.MINKA_HOME)


class Birds:
    """Strings that stand nowhere else, by the place they were put in."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}

    def __call__(self, place: str, form: str = "canary-{}") -> str:
        self.named[place] = form.format(uuid.uuid4().hex[:12])
        return self.named[place]

    def keep(self, place: str, value: str) -> str:
        self.named[place] = value
        return value

    def found_in(self, text: bytes) -> set[str]:
        text = text.lower()
        return {place for place, value in self.named.items() if value.lower().encode() in text}


@pytest.fixture
def logs() -> Iterator[Path]:
    """The house's own lines, in a file as a running house keeps them."""
    path = HOME / "logs" / "web.log"
    path.parent.mkdir(exist_ok=True)
    handler = logging.FileHandler(path)
    handler.setFormatter(Line("{asctime} {levelname} {name} {message}", style="{"))
    logging.getLogger().addHandler(handler)
    yield path
    logging.getLogger().removeHandler(handler)
    handler.close()
    path.unlink()


@pytest.fixture(autouse=True)
def _mail_in_files(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(HOME / "mail")


@pytest.fixture(autouse=True)
def _log_as_the_house_does(settings: Any) -> Iterator[None]:
    levels = {name: logging.getLogger(name).level for name in settings.LOGGING["loggers"]}
    for name, facts in settings.LOGGING["loggers"].items():
        logging.getLogger(name).setLevel(facts["level"])
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def live(birds: Birds) -> Person:
    """A life on the platform, with a bird in every string."""
    campaign = world(*(line(str(number)) for number in range(4)))
    ana = people(1)[0]
    browser = Client(
        headers={
            "User-Agent": birds("user agent"),
            "Accept-Language": birds("accept language", "es-{}"),
            "Referer": "http://testserver/" + birds("referer"),
            "X-Forwarded-For": birds("forwarded for"),
            "X-Request-Id": birds("request id"),
        },
        REMOTE_ADDR="198.51.100.77",
    )
    birds.keep("address", "198.51.100.77")
    browser.cookies["other"] = birds("cookie")
    password, first = birds("password"), birds("first name")
    browser.post("/join/", {"username": first, "password": password, "adult": "on", "next": "/" + birds("next")})
    browser.post("/join/varieties/", {"q": birds("search"), "look": "1"})
    browser.post("/join/varieties/", {"varieties": ["es-CL", birds("variety")], "how": "grew_up"})
    browser.post("/join/varieties/", {"varieties": ["es-CL"], "how": "grew_up"})
    browser.post("/join/consent/", dict.fromkeys(NAMES, "on") | {birds("purpose"): "on"})
    browser.post("/login/", {"username": birds("login name"), "password": birds("wrong password")})
    browser.get("/c/" + birds("address of a page") + "/", {"q": birds("query string")})
    ana = get_user_model().objects.get(username=first)

    page = browser.get("/c/prueba/rate/")
    vote = {"assignment": str(page.context["seat"].pk), "key": birds.keep("key of a vote", str(uuid.uuid4()))}
    browser.post("/c/prueba/rate/vote/", vote | {"choice": "tie", birds("field of a form"): birds("value of a form")})
    token = birds.keep("token", new_token(person=ana))
    birds.keep("start of the token", token[:15])
    api = Client(headers={"Authorization": f"Token {token}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", content_type="application/json").json()["assignment"]
    key = birds.keep("key over the API", str(uuid.uuid4()))
    body = {"assignment": turn, "answer": {"preferred": "a"}}
    api.put(f"/api/v1/judgements/{key}/", body | {birds("field of the API"): 1}, content_type="application/json")
    api.put(f"/api/v1/judgements/{key}/", body, content_type="application/json")
    api.put(f"/api/v1/judgements/{uuid.uuid4()}/", body | {"opt_out": birds("way out")}, content_type="application/json")

    for kind in ("other", "block", "correct"):
        browser.post("/me/data/ask/", {"kind": kind, "text": birds(f"words: {kind}")})
    browser.post("/me/facts/", {"gender": "woman", "own_words": birds("own words")})
    for which in ("old", "new"):
        facts = {"username": birds(f"{which} name"), "email": birds(f"{which} mail", "{}@example.org")}
        assert browser.post("/me/data/correct/", facts).status_code == 302
    Person.objects.filter(pk=ana.pk).update(date_joined="2020-01-01T00:00Z", last_login=None)
    ana.refresh_from_db()
    with pytest.raises(IntegrityError):  # whose name it is would stand in the database's log
        Person.objects.create(username=ana.username.upper(), password="!")
    logging.getLogger("annotations").info("something happened to person %d", ana.pk)
    birds.keep("session", browser.cookies["sessionid"].value)
    for person in people(2, "es-MX") if False else ():  # pragma: no cover
        cast_answer(person, seat_at(person, campaign), {"preferred": "tie"})
    return ana
