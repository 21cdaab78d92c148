"""Ana leaves a bird in every place where a person can put a string, and is erased with her contributions. Then not one
is found: not in the database's dump, the next release, media, logs or mail.

The sabotaged twins take rights away, and the same search must find birds: a search that cannot fail proves nothing.
"""

import dataclasses
import datetime as dt
import json
import logging
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign
from annotations.assignments.notes.actions import send_notes
from annotations.assignments.seats import next_for
from annotations.datasets.actions import publish
from annotations.datasets.membership import unpacked
from annotations.datasets.models import Membership
from annotations.datasets.recalls.actions import recall_due
from annotations.flagging.actions import report
from annotations.flagging.seeding import load_flag_words
from annotations.people.actions import new_token
from annotations.people.models import Person
from annotations.people.purposes import NAMES
from annotations.people.rights import registry
from annotations.people.rights.retention import warn_and_rest
from annotations.reviewing.actions import open_reviews, settle_reviews
from annotations.training.models import TrainingRun
from annotations.translating.models import Approved
from annotations.writing.models import PromptProposal
from minka.logs import Line
from tests.cast import answer, joins, line, people, proves, world
from tests.ground import _postgres as postgres
from tests.runs.world import bare

pytestmark = pytest.mark.django_db(transaction=True)
HOME = Path(settings.MINKA_HOME)


class Birds:
    """Strings that stand nowhere else, by the place they were put in."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}

    def __call__(self, place: str, form: str = "canary-{}") -> str:
        return self.keep(place, form.format(uuid.uuid4().hex[:12]))

    def keep(self, place: str, value: str) -> str:
        self.named[place] = value
        return value

    def found(self) -> set[str]:
        """The places whose birds are to be found anywhere in what the platform keeps."""
        kept = everything().lower()
        return {place for place, value in self.named.items() if value.lower().encode() in kept}


def everything() -> bytes:
    """The database's dump, and every file of the house: releases with Parquet decoded, media, logs, mail; and what
    releases were made from, which the dump holds packed."""
    dump = subprocess.run(
        [postgres.binaries / "pg_dump", "-d", postgres.url("owner", connection.settings_dict["NAME"])],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert b"COPY public.annotations_person " in dump
    files = [path for path in HOME.rglob("*") if path.is_file() and not path.is_relative_to(postgres.lodging.state)]
    decoded = [json.dumps(pq.read_table(path).to_pylist(), default=str).encode() for path in files if is_table(path)]
    kept = [str(unpacked(bytes(block.body)).to_pylist()).encode() for block in Membership.objects.all()]
    return b"\n".join([dump, postgres.log.read_bytes(), *(path.read_bytes() for path in files), *decoded, *kept])


def is_table(path: Path) -> bool:
    return path.suffix == ".parquet"


@pytest.fixture(autouse=True)
def _a_house_that_writes(settings: Any) -> Iterator[None]:
    """Lines of the log and mail in files, as a running house without a mail server keeps them."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    path = HOME / "logs" / "web.log"
    path.parent.mkdir(exist_ok=True)
    handler = logging.FileHandler(path)
    handler.setFormatter(Line("{asctime} {levelname} {name} {message}", style="{"))
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    handler.close()
    assert "is broken" in path.read_text("utf-8")
    path.unlink()


@pytest.fixture
def birds() -> Birds:
    return Birds()


@pytest.fixture
def ana(birds: Birds, admin_client: Client) -> Client:
    """Ana's browser, after a life on the platform with a bird in every string."""
    world(*(line(str(number)) for number in range(4)))
    readers = people(4)
    ana = Client(
        headers={
            "User-Agent": birds("user agent"), "Accept-Language": birds("accept-language", "es-{}"),
            "Referer": "http://testserver/" + birds("referer"), "X-Forwarded-For": birds("forwarded for"),
            "X-Request-Id": birds("request id"),
        },
        REMOTE_ADDR=birds.keep("address", "198.51.100.77"),
    )  # fmt: skip
    ana.cookies["other"] = birds("cookie")
    # Long, because one with as many of the name's letters is refused by chance, once in four hundred times.
    account = {
        "username": birds("first name"),
        "password": birds("password", "una frase tan larga como el camino a casa {}"),
    }
    assert joins(ana, **account, email=birds("old mail", "{}@example.org"), next="/" + birds("next")).status_code == 302
    ana.post("/account/codes/")
    ana.post("/join/varieties/", {"q": birds("search"), "look": "1"})
    ana.post("/join/varieties/", {"varieties": ["es-CL", birds("variety")], "how": "grew_up"})
    ana.post("/join/varieties/", {"varieties": ["es-CL"], "how": "grew_up"})
    ana.post("/join/consent/", dict.fromkeys(NAMES, "on") | {birds("purpose"): "on"})
    ana.get(f"/c/{birds('page')}/", {"q": birds("query")})
    Client().post("/login/", {"login": birds("wrong name"), "password": birds("wrong password")})
    work(ana, birds, Person.objects.get(username=account["username"]))
    write_texts(birds, Person.objects.get(username=account["username"]), readers)
    flag(ana, birds, Person.objects.get(username=account["username"]))
    train(birds, Person.objects.get(username=account["username"]))
    write(ana, birds)
    suffer(admin_client, birds)
    other_tab = Client()
    assert other_tab.login(username=birds.named["new name"], password=account["password"])
    birds.keep("session", ana.cookies["sessionid"].value)
    birds.keep("session of another tab", other_tab.cookies["sessionid"].value)
    return ana


def work(ana: Client, birds: Birds, person: Person) -> None:
    """Two answers, one in the browser and one over the API."""
    seat = ana.get("/c/prueba/rate/").context["seat"]
    vote = {"assignment": str(seat.pk), "key": birds.keep("key of a vote", str(uuid.uuid4())), "choice": "tie"}
    ana.post("/c/prueba/rate/draft/", {"assignment": str(seat.pk), "rank_a": birds("draft")})
    vote |= {"reason": birds("reason"), birds("field of a form"): birds("value of a form")}
    ana.post("/c/prueba/rate/send/", vote)
    token = birds.keep("token", new_token(person=person))
    birds.keep("start of the token", token[:15])
    api = Client(headers={"Authorization": f"Token {token}"})
    turn = api.post("/api/v1/campaigns/prueba/next/", content_type="application/json").json()["assignment"]
    url = f"/api/v1/judgements/{birds.keep('key over the API', str(uuid.uuid4()))}/"
    good = {"assignment": turn, "answer": {"preferred": "a"}}
    for body in (
        good | {birds("field of the API"): 1}, {"assignment": turn, "opt_out": birds("way out")},
        {"assignment": turn, "answer": {"preferred": birds("answer")}}, good,
    ):  # fmt: skip
        answer = api.put(url, body, content_type="application/json")
    assert answer.status_code == 201


def train(birds: Birds, person: Person) -> None:
    """A run that failed: where, and why."""
    run = bare(person, "failed")
    TrainingRun.objects.filter(pk=run.pk).update(place=birds("place of a run"), problem=birds("why a run failed"))


def letters() -> str:
    """A bird without a digit: in a translation a number must stand in the source too."""
    return uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))


def write_texts(birds: Birds, person: Person, readers: list[Person]) -> None:
    """An answer that is being read, and a question that two readers took, one with a change of Ana's own to theirs."""
    campaign = Campaign.objects.get(slug="prueba")
    bare = {"outputs": [], "licence": "CC0-1.0", "variety": "es-CL"}
    lines = [line(each[0], kind=each, **bare) for each in ("demonstration", "prompt", "translation")]
    load_items(campaign=campaign, lines=checked(list(enumerate(lines, 1)), "tests"))
    bea, caro, dora = readers[1:]
    for kind, who, text in (
        ("demonstration", person, birds("text of an answer")), ("prompt", person, birds("text of a question")),
        ("translation", person, birds.keep("text of a translation", f"canary-{letters()}")),
        ("demonstration", bea, "De Bea."),
    ):  # fmt: skip
        seat = next_for(person=who, campaign=campaign, of_kinds=[kind])
        assert seat
        answer(who, seat, {"text": text})
    open_reviews()
    for who, said in (
        (person, {"decision": "edit", "text": birds("change to a text")}), (caro, {"decision": "accept"}),
        (dora, {"decision": "accept"}),
    ):  # fmt: skip
        while seat := next_for(person=who, campaign=campaign, of_kinds=["review"]):
            answer(who, seat, said)
    settle_reviews()
    assert PromptProposal.objects.get().prompt
    assert Approved.objects.get().text == birds.named["text of a translation"]


def flag(ana: Client, birds: Birds, person: Person) -> None:
    """What is wrong in an answer, said where it is asked for and in passing, with words of her own."""
    load_flag_words()
    campaign = Campaign.objects.get(slug="prueba")
    lines = [line("f", "Una por mirar.", kind="flag"), line("v", kind="vote")]
    load_items(campaign=campaign, lines=checked(list(enumerate(lines, 1)), "tests"))
    said = {"wrong": True, "categories": ["otro"], "severity": 1, "stance": "mentioned"}
    seats = {kind: next_for(person=person, campaign=campaign, of_kinds=[kind]) for kind in ("flag", "vote")}
    assert all(seats.values())
    words = {"comment": birds("comment of a flag"), "counter_example": birds("counter-example")}
    answer(person, seats["flag"], said | words)
    words = {"comment": birds("comment in passing"), "counter_example": birds("counter-example in passing")}
    report(person=person, assignment_id=seats["vote"].pk, letter="a", answer=said | words)


def write(ana: Client, birds: Birds) -> None:
    """Questions, facts, proposals, marks, a name and an address, each of these two corrected once."""
    for kind in ("other", "block", "correct"):
        ana.post("/me/data/ask/", {"kind": kind, "text": birds(f"words: {kind}")})
    ana.post("/me/facts/", {"gender": "woman", "own_words": birds("own words")})
    thanked = {name: birds(f"credit's {name}") for name in ("name", "affiliation")}
    assert ana.post("/me/credit/", thanked).status_code == 302
    missed = {name: birds(f"variety's {name}") for name in ("name", "other_names", "place", "why")}
    assert ana.post("/varieties/propose/", missed).status_code == 302
    ana.post("/v/quz/propose-steward/", {"username": "persona-es-CL-0", "why": birds("why a steward")})
    for campaign in ("prueba", birds("campaign of a note")):
        ana.post("/me/note/", {"campaign": campaign, "next": "/" + birds(f"after {campaign[:6]}")})
    assert send_notes() == 1
    seat = ana.get("/c/prueba/rate/").context["seat"]
    ana.post(f"/restricted/{seat.pk}/", {"knowledge": "ceremonial", "text": birds("why restricted")})
    for which in ("old", "new"):
        assert ana.post("/me/data/correct/", {"username": birds(f"{which} name")}).status_code == 302
        warn_and_rest(now=timezone.now() + dt.timedelta(days=900))
        Person.objects.update(warned_at=None)
    proves(ana, birds.named["password"]).post(
        "/account/email/", {"action_add": "", "email": birds("new mail", "{}@example.org")}
    )


def suffer(moderator: Client, birds: Birds) -> None:
    """What others do with Ana's name: it is looked for, her account is changed, somebody wants the same name."""
    person = Person.objects.get(username=birds.named["new name"])
    url = reverse("admin:annotations_person_change", args=[person.pk])
    form = {"language": "es", "standing": "good", "is_active": "on", "is_staff": ""}
    inline = {f"spoken-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    assert moderator.post(url, form | inline).status_code == 302
    assert LogEntry.objects.get().object_repr == person.username
    try:
        Person.objects.create(username=person.username.upper(), password="!")
    except IntegrityError:
        logging.getLogger("annotations").exception("something is broken")


def no_row_names(pk: int) -> bool:
    return not any(
        model._default_manager.filter(**{field.name: pk}).exists()
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Person
    )


def test_a_life_leaves_birds_everywhere_and_after_erasing_there_is_none(ana: Client, birds: Birds) -> None:
    assert len(birds.named) >= 30
    person = Person.objects.get(username=birds.named["new name"])
    assert birds.found() >= {
        "new name", "old mail", "new mail", "why a steward", "why restricted", "variety's why",
        "words: other", "words: block", "words: correct", "key of a vote", "key over the API",
        "start of the token", "session", "session of another tab", "text of an answer", "text of a question",
        "change to a text", "text of a translation", "comment of a flag", "counter-example", "comment in passing",
        "counter-example in passing",
    }  # fmt: skip
    before = publish()
    gone = ana.post("/me/erase/", {"contributions": "erase", "password": birds.named["password"]})
    assert gone.status_code == 200
    assert birds.found() >= {"text of a translation"}, "until the recall, in the release that holds it"
    assert recall_due() == [before]
    publish()
    assert birds.found() == set()
    assert no_row_names(person.pk)
    assert not LogEntry.objects.filter(object_id=str(person.pk)).exists()


@pytest.mark.parametrize(
    ("tables", "left"),
    [
        (["annotations.RequestText"], {"words: other", "words: block", "words: correct"}),
        (["annotations.Session"], {"session of another tab"}),
        (["knox.AuthToken"], {"start of the token"}),
        (["annotations.VarietyProposal"], {f"variety's {name}" for name in ("name", "other_names", "place", "why")}),
        (["annotations.Hidden", "annotations.Steward"], {"why restricted", "why a steward"}),
        (["annotations.Assignment", "annotations.Judgement", "annotations.Receipt"],
         {"key of a vote", "key over the API", "reason", "text of an answer", "text of a question",
          "change to a text", "text of a translation", "comment of a flag", "counter-example", "comment in passing",
          "counter-example in passing"}),
        (["annotations.Item"], {"text of a question"}),
    ],
)  # fmt: skip
def test_a_right_taken_away_is_found_out(
    ana: Client, birds: Birds, monkeypatch: pytest.MonkeyPatch, tables: list[str], left: set[str]
) -> None:
    for right in registry.registered():
        if right.table in tables:
            lame = dataclasses.replace(right, erasure="keep", erase=None)
            monkeypatch.setitem(registry._registry, (right.table, right.field), lame)
    ana.post("/me/erase/", {"contributions": "erase", "password": birds.named["password"]})
    publish()
    assert birds.found() == left


def test_the_same_log_without_our_lines_and_settings_would_name_her(ana: Client, birds: Birds) -> None:
    """The twin of the log: PostgreSQL says whose row it was, and Python repeats it, unless they are told not to."""
    taken = birds.named["new name"]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET log_error_verbosity = 'default'")
    with pytest.raises(IntegrityError, match="already exists") as broken:
        Person.objects.create(username=taken, password="!")
    with connection.cursor() as cursor:
        cursor.execute("RESET log_error_verbosity")
    assert taken in postgres.log.read_text("utf-8")
    told = (type(broken.value), broken.value, broken.tb)
    assert taken in logging.Formatter().formatException(told)
    assert taken not in Line().formatException(told)
    postgres.log.write_text("")
