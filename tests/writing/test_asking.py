"""Asking models: over a real socket, against a server that speaks the protocol, fails in every way we know, and is
asked again."""

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from annotations.assignments.models import Campaign, Cell, Item
from annotations.assignments.seats import next_for
from annotations.corpus.models import Output, Prompt
from annotations.people.actions import give_consent, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.rights.actions import erase
from annotations.quality.actions import take_out_withdrawn
from annotations.reviewing.actions import open_reviews, settle_reviews
from annotations.writing.actions import take_out
from annotations.writing.asking import endpoint
from annotations.writing.asking.actions import AT_MOST_TRIES, ask_due
from annotations.writing.asking.endpoint import Endpoint, NoAnswer, complete
from annotations.writing.asking.jobs import ask
from annotations.writing.asking.models import Question
from annotations.writing.models import PromptProposal
from tests.assignments.test_table import client_of
from tests.cast import answer, at_once, govern, line, people, seat_at, world
from tests.server import send, serving

pytestmark = pytest.mark.django_db
QUESTION = "¿A cuánto la palta, casera?"
MODELS = ("m-uno-7b", "m-dos-9b")


def said(text: Any, reason: str = "stop") -> bytes:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return json.dumps({"choices": [choice]}).encode()


@dataclass
class Stub:
    """A server of models. `answers` holds, by model, what it does with the next question: a text, a status, bytes of a
    body, or something to call with the handler; the last stays."""

    url: str = ""
    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.asked.append(body | {"path": handler.path})
        self.headers.append(dict(handler.headers))
        waiting = self.answers[body["model"]]
        does = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(does):
            does(handler)
        elif isinstance(does, int):
            send(handler, does, b'{"error": {"message": "no"}}')
        else:
            send(handler, 200, does if isinstance(does, bytes) else said(does))


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    with serving(stub.handle) as address:
        stub.url = f"{address}/v1"
        yield stub


@pytest.fixture
def models(stub: Stub, settings: Any) -> Stub:
    """Two models behind the stub, one of them with a key."""
    stub.answers = {"uno-7b": ["A mil el kilo."], "dos-9b": ["Mire, casera, están a mil quinientos."]}
    settings.MINKA_MODELS = [
        {"name": f"m-{name}", "url": stub.url, "model": name, "licence": "Apache-2.0", "key": key}
        for name, key in (("uno-7b", "secreta"), ("dos-9b", ""))
    ]
    return stub


def accepted(
    variety: str = "es-CL", text: str = QUESTION, slug: str = "prueba", models: Sequence[str] = MODELS
) -> tuple[Campaign, Person]:
    """A proposal that two others accepted."""
    brief = line("brief", kind="prompt", outputs=[], variety=variety, prompt="Algo de la feria.")
    campaign = world(brief, slug=slug, needed=1, asks_models=list(models))
    ana, *readers = (volunteer(f"{slug}-{n}", "muy-larga-y-rara", variety) for n in range(3))
    answer(ana, seat_at(ana, campaign), {"text": text, "domain": "cocina", "country_about": "CL"})
    open_reviews()
    for reader in readers:
        seat = next_for(person=reader, campaign=campaign, of_kinds=["review"])
        assert seat
        answer(reader, seat, {"decision": "accept"})
    assert settle_reviews() == 1
    return campaign, ana


def later(minutes: float) -> Callable[[], dt.datetime]:
    return lambda: timezone.now() + dt.timedelta(minutes=minutes)


def problems() -> set[str]:
    return set(Question.objects.values_list("problem", flat=True))


# The good way -------------------------------------------------------------------------------------------------------


def test_an_accepted_question_is_answered_and_voted_on_by_everybody_but_its_author(models: Stub) -> None:
    campaign, ana = accepted()
    prompt = PromptProposal.objects.get().prompt
    assert prompt
    assert (prompt.source.name, prompt.source.licence, prompt.variety_id) == (
        "community", campaign.contribution_licence, "es-CL",
    )  # fmt: skip
    assert (prompt.domain, prompt.country_about, prompt.source.permitted_use) == ("cocina", "CL", ["evaluate", "train"])
    ask()
    item = Item.objects.get(kind="vote")
    assert (item.author, item.prompt, item.campaign) == (ana, prompt, campaign)
    assert set(item.outputs.values_list("text", "model__name", "licence")) == {
        ("A mil el kilo.", "m-uno-7b", "Apache-2.0"),
        ("Mire, casera, están a mil quinientos.", "m-dos-9b", "Apache-2.0"),
    }
    assert next_for(person=ana, campaign=campaign, of_kinds=["vote"]) is None
    other = people(1)[0]
    assert next_for(person=other, campaign=campaign, of_kinds=["vote"]).item == item  # type: ignore[union-attr]
    assert "otras personas juzgan ahora" in client_of(ana).get("/me/").content.decode()
    ask()
    assert len(models.asked) == 2, "nobody is asked twice"


def test_nothing_of_a_person_is_sent(models: Stub) -> None:
    accepted()
    ask()
    for body in models.asked:
        assert set(body) == {"model", "messages", "stream", "path"}
        assert body["messages"] == [{"role": "user", "content": QUESTION}]
        assert body["path"] == "/v1/chat/completions"
    keys = {body["model"]: head.get("Authorization") for body, head in zip(models.asked, models.headers, strict=True)}
    assert keys == {"uno-7b": "Bearer secreta", "dos-9b": None}


def test_the_same_words_are_one_question(models: Stub) -> None:
    accepted()
    ask()
    _campaign, bea = accepted(text="¿a cuanto la PALTA casera", slug="otra")
    ask()
    first, second = PromptProposal.objects.order_by("pk")
    assert first.prompt == second.prompt
    assert (first.is_new, second.is_new) == (True, False)
    assert len(models.asked) == 2
    assert "ya lo había preguntado" in client_of(bea).get("/me/").content.decode()


def test_the_same_words_in_another_variety_are_another_question_of_the_same_group(models: Stub) -> None:
    accepted()
    accepted("es-AR", slug="otra")
    one, other = Prompt.objects.filter(proposals__isnull=False)
    assert one.group == other.group
    assert Question.objects.count() == 4


# What goes wrong ----------------------------------------------------------------------------------------------------


def dies(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def redirects(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(307)
    handler.send_header("Location", "http://127.0.0.1:9/elsewhere")
    handler.end_headers()


def half(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')


@pytest.mark.parametrize(
    ("does", "problem"),
    [
        (500, "http_500"), (401, "http_401"), (429, "http_429"), (redirects, "http_307"), (dies, "no_connection"),
        (half, "not_json"),
        (b"<html>", "not_json"), (b"[" * 99_999, "not_json"), (b"\xff\xfe", "not_json"), (b"{}", "no_text"),
        (b'{"choices": []}', "no_text"), (b'{"choices": [7]}', "no_text"), (b"null", "no_text"),
        (said(None), "no_text"), (said("  \n"), "no_text"), (said("a\x00b"), "no_text"),
        (b'{"choices": [{"message": {"content": "\\ud800"}}]}', "no_text"),
        (said("Cuesta mil y", "length"), "cut"), (said("", "content_filter"), "filtered"),
        (said("x" * 32_001), "too_long"), (b" " * 1_100_000, "too_long"),
        ("429 Too Many Requests", "error_answer"), ('{"error": "overloaded"}', "error_answer"),
        ("Traceback (most recent call last):\n  File", "error_answer"),
        ("Pregunte a don Juan, RUT 12.345.678-5.", "personal_data"),
        ("A mil el kilo.", "same_answer"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_never_shown_and_asked_for_again(models: Stub, does: Any, problem: str) -> None:
    accepted()
    models.answers["dos-9b"] = [does, "Mire, a mil."]
    assert ask_due() == (1, 1)
    assert problem in problems()
    assert not Item.objects.filter(kind="vote").exists()
    assert ask_due() == (0, 0), "not at once"
    assert ask_due(clock=later(1.1)) == (1, 0)
    shown = Item.objects.get(kind="vote").outputs.values_list("text", flat=True)
    assert set(shown) == {"A mil el kilo.", "Mire, a mil."}
    assert problems() == {""}


def test_a_server_that_is_not_there_is_asked_ever_more_seldom_and_in_the_end_no_more(
    models: Stub, settings: Any
) -> None:
    settings.MINKA_MODELS = [each | {"url": "http://127.0.0.1:9/v1"} for each in settings.MINKA_MODELS]
    accepted()
    now = timezone.now()
    waits = []
    for _try in range(AT_MOST_TRIES):
        assert ask_due(clock=partial(dt.datetime.fromtimestamp, now.timestamp(), dt.UTC)) == (0, 2)
        due = Question.objects.order_by("pk")[0].due_at
        if due:
            waits.append(round((due - now).total_seconds() / 60))
            now = due
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert set(Question.objects.values_list("due_at", "problem")) == {(None, "no_connection")}
    assert ask_due(clock=later(99_999)) == (0, 0)


def test_a_server_that_asks_for_time_gets_it(models: Stub) -> None:
    accepted()
    models.answers["dos-9b"] = [lambda handler: send(handler, 429, b"{}", Retry_After="900"), "Mil."]
    ask_due()
    assert ask_due(clock=later(14)) == (0, 0)
    assert ask_due(clock=later(15.1)) == (1, 0)


@pytest.mark.parametrize("drips", [False, True])
def test_a_slow_server_is_not_waited_for(stub: Stub, *, drips: bool) -> None:
    stop = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        if drips:
            handler.send_response(200)
            handler.end_headers()
            while not stop.wait(0.05):
                handler.wfile.write(b" ")
        stop.wait(3)

    stub.answers = {"lento": [slow]}
    since = time.monotonic()
    with pytest.raises(NoAnswer, match="timeout"):
        complete(Endpoint("l", stub.url, "lento", "MIT"), [{"role": "user", "content": "hola"}], timeout=0.4)
    assert time.monotonic() - since < 2
    stop.set()
    assert endpoint.TIMEOUT <= 60


def test_a_worker_that_died_while_it_asked_leaves_its_question_to_the_next(
    models: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted()

    def killed(*_args: Any) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("annotations.writing.asking.actions.complete", killed)
        with pytest.raises(KeyboardInterrupt):
            ask_due()
    assert ask_due() == (1, 0), "the other one"
    assert ask_due(clock=later(5.1)) == (1, 0)
    assert Item.objects.filter(kind="vote").count() == 1


@pytest.mark.django_db(transaction=True)
def test_six_workers_at_once_ask_each_model_once_and_make_one_item(models: Stub) -> None:
    accepted()
    done = at_once(*[ask_due] * 6)
    assert sum(answered for answered, _failed in done) == 2
    assert len(models.asked) == 2
    assert Item.objects.filter(kind="vote").count() == 1


# Who decides --------------------------------------------------------------------------------------------------------


def test_governed_words_never_leave_unless_their_stewards_send_them(models: Stub) -> None:
    govern("quz", sends_to_endpoints=False)
    accepted("quz")
    ask_due(clock=later(60))
    assert models.asked == []
    assert set(Question.objects.values_list("tries", "problem")) == {(0, "governed")}
    assert not Output.objects.filter(prompt__variety="quz").exists()


def test_governed_words_leave_where_the_charter_says_so(models: Stub) -> None:
    govern("quz", sends_to_endpoints=True)
    accepted("quz")
    ask()
    assert len(models.asked) == 2


def allows(person: Person, **purposes: bool) -> None:
    give_consent(person=person, purposes=dict.fromkeys(REQUIRED, True) | purposes, language="es", licence=LICENCES[0])


def test_nothing_is_sent_without_its_author_s_word_which_can_be_given_later(models: Stub) -> None:
    _campaign, ana = accepted()
    allows(ana, transfer=False)
    ask_due(clock=later(60))
    assert models.asked == []
    assert set(Question.objects.values_list("tries", "problem")) == {(0, "no_transfer")}
    allows(ana, transfer=True)
    ask()
    assert len(models.asked) == 2
    assert problems() == {""}


def test_without_its_author_a_question_is_not_sent(models: Stub) -> None:
    _campaign, ana = accepted()
    erase(person=ana, contributions=False)
    ask()
    assert models.asked == []
    assert problems() == {"no_transfer"}


@pytest.mark.usefixtures("models")
def test_where_models_are_asked_the_page_asks_for_the_permission_and_work_does_not_need_it() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    page = client_of(ana).get("/join/consent/").content.decode()
    assert 'name="transfer"' in page
    assert "Las preguntas que propongo" in page
    assert "(demo)" not in page.partition('name="transfer"')[2].partition("</label>")[0], "nothing else leaves"
    allows(ana, transfer=False)
    assert next_for(person=ana, campaign=campaign)


def test_who_withdraws_takes_the_question_out_of_use(models: Stub) -> None:
    campaign, ana = accepted()
    ask()
    withdraw(person=ana)
    take_out_withdrawn()
    assert (take_out(), take_out()) == (1, 0)
    prompt = PromptProposal.objects.get().prompt
    assert prompt
    assert prompt.source.permitted_use == []
    assert next_for(person=people(1)[0], campaign=campaign, of_kinds=["vote"]) is None


def test_who_withdraws_before_models_were_asked_has_nothing_sent(models: Stub) -> None:
    _campaign, ana = accepted()
    withdraw(person=ana)
    take_out_withdrawn()
    ask()
    assert models.asked == []


def test_erased_questions_lose_their_words_everywhere_and_the_votes_of_others_stay_on_the_books(models: Stub) -> None:
    models.answers["uno-7b"] = [f"¿Dijo «{QUESTION}»? A mil."]
    campaign, ana = accepted()
    ask()
    bea = people(1)[0]
    seat = next_for(person=bea, campaign=campaign, of_kinds=["vote"])
    assert seat
    vote = answer(bea, seat, {"preferred": "a"}).judgement
    erase(person=ana, contributions=True)
    vote.refresh_from_db()
    assert QUESTION not in str(list(Prompt.objects.values_list("messages", flat=True)))
    assert QUESTION not in str(list(Output.objects.values_list("text", flat=True)))
    assert not Question.objects.exists()
    assert not PromptProposal.objects.exists()
    assert not Cell.objects.filter(item=vote.item, open=True).exists()
    assert Item.objects.filter(author=None, kind="vote").count() == 1
    _other, caro = accepted(slug="otra")
    assert PromptProposal.objects.get().is_new, "the same words of somebody else are a question again"
    assert caro


def test_a_campaign_names_models_that_are_there_and_more_than_one(models: Stub) -> None:
    world()
    campaign = Campaign.objects.get()
    for names in ([], ["m-uno-7b", "m-dos-9b"]):
        campaign.asks_models = names
        campaign.full_clean()
    for names in (["m-uno-7b"], ["m-uno-7b", "x"]):
        campaign.asks_models = names
        with pytest.raises(ValidationError, match="asks_models"):
            campaign.full_clean()


def test_settings_say_what_is_wrong_with_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from minka.settings import _models

    monkeypatch.setenv("A_KEY", "secreta")
    good = {"name": "m", "url": "https://example.org/v1", "model": "x", "licence": "MIT"}
    assert _models(json.dumps([good | {"key": "A_KEY"}])) == [good | {"key": "secreta"}]
    for bad in ("{", "7", json.dumps([good | {"url": "file:///etc/passwd"}]), json.dumps([{"name": "m"}]),
                json.dumps([good | {"token": "x"}]), json.dumps([good | {"name": 7}])):  # fmt: skip
        with pytest.raises(ImproperlyConfigured):
            _models(bad)
