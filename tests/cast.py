"""The cast, and the small worlds they act in. Everything goes through the actions a browser uses."""

import base64
import datetime as dt
import hashlib
import io
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from annotations.assignments.actions import Received, Submission, opt_out, submit, submit_and_next
from annotations.assignments.api import checked
from annotations.assignments.imports import Report, load_items
from annotations.assignments.models import Assignment, Campaign
from annotations.assignments.seats import next_for
from annotations.datasets.external.actions import bring_in
from annotations.datasets.external.queries import votes_of
from annotations.people.accounts.models import Session
from annotations.people.accounts.proof import challenge
from annotations.people.consenting.actions import approve_consent_text, note_consent_text
from annotations.people.consenting.models import ConsentText
from annotations.people.consenting.queries import forget
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.seeding import load_varieties
from annotations.people.stewards import actions as stewards
from annotations.people.stewards.models import Steward, StewardsDecision
from minka.celery import app


def line(name: str, *texts: str, **facts: Any) -> dict[str, Any]:
    """An item to import; two outputs unless told otherwise."""
    texts = texts or (f"Respuesta larga {name}.", f"Corta {name}.")
    return {
        "id": name,
        "variety": "es-CL",
        "prompt": f"¿Qué como hoy? {name}",
        "licence": "CC0-1.0",
        "outputs": [{"model": f"model-{place}", "text": text} for place, text in enumerate(texts)],
    } | facts


def world(*lines: dict[str, Any], **campaign: Any) -> Campaign:
    """A campaign with these items; every line must be good."""
    load_varieties()
    row = Campaign.objects.create(slug=campaign.pop("slug", "prueba"), name="Prueba", **campaign)
    report = load_items(campaign=row, lines=checked(list(enumerate(lines, 1)), "tests"))
    assert [str(problem) for problem in report.refused] == []
    return row


def people(count: int, variety: str = "es-CL") -> list[Person]:
    return [volunteer(f"persona-{variety}-{number}", "muy-larga-y-rara", variety) for number in range(count)]


def consent_text_in_force() -> ConsentText:
    """What lies in `MINKA_CONSENT_DIR`, approved by two administrators, its minute over."""
    text = note_consent_text()
    assert text
    for name in ("raiz-1", "raiz-2"):
        by = Person.objects.filter(username=name).first() or Person.objects.create_superuser(name, None)
        approve_consent_text(by=by, text=text, sha256=text.sha256)
    ConsentText.objects.filter(pk=text.pk).update(in_force_at=F("second_at"))
    forget()
    return ConsentText.objects.get(pk=text.pk)


def colleague(name: str, *rights: str) -> Person:
    """Somebody of the team with these rights, by their codenames, and no others."""
    person = Person.objects.filter(username=name).first() or volunteer(name, "muy-larga-y-rara", "es-MX")
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    return Person.objects.get(pk=person.pk)


def lead(name: str = "elisa") -> Person:
    """A campaign lead who may record letters and decide about missing varieties."""
    person = Person.objects.filter(username=name).first() or volunteer(name, "muy-larga-y-rara", "es-CO")
    rights = Permission.objects.filter(codename__in=["change_steward", "change_varietyproposal"])
    person.user_permissions.set(rights)
    return Person.objects.get(pk=person.pk)


def appoint(person: Person, tag: str) -> Steward:
    """A steward in all three steps: proposed, a letter recorded by a lead, accepted."""
    variety = Variety.objects.get(tag=tag)
    steward = stewards.propose_steward(proposer=person, person=person, variety=variety, why="Hablo y enseño.")
    letter = {"by": "Rosa", "body": "Consejo", "date": dt.date(2026, 1, 2), "reference": "sha256:0f"}
    stewards.record_letter(lead=lead(), steward=steward, **letter)
    return stewards.accept_stewardship(person=person, steward=steward, shown_name=f"Señora {person.username}")


def govern(tag: str, count: int = 2, **charter: Any) -> list[Person]:
    """A governed variety with its stewards and a charter in force; it takes contributions unless told otherwise."""
    load_varieties()
    several = [volunteer(f"vocera-{tag}-{number}", "muy-larga-y-rara", "es-PE") for number in range(count)]
    for person in several:
        appoint(person, tag)
    terms = {"policy": "Con permiso.", "permitted_use": ["evaluate", "train"], "quorum": 2, "takes_contributions": True}
    decision = stewards.write_charter(
        person=several[0], variety=Variety.objects.get(tag=tag), reason="La primera", **terms | charter
    )  # fmt: skip
    stewards.answer(person=several[1], decision=decision, approves=True)
    return several


def in_days(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def open_export(several: list[Person], tag: str, **facts: Any) -> StewardsDecision:
    """An export decision that two stewards said yes to."""
    facts = {"expires_at": in_days(30)} | facts
    decision = stewards.propose(
        person=several[0], variety=Variety.objects.get(tag=tag), kind="export", reason="Para todos", **facts
    )  # fmt: skip
    return stewards.answer(person=several[1], decision=decision, approves=True)


def seat_at(person: Person, campaign: Campaign) -> Assignment:
    seat = next_for(person=person, campaign=campaign)
    assert seat is not None
    return seat


def answer(person: Person, seat: Assignment, answer: Mapping[str, Any], key: uuid.UUID | None = None) -> Received:
    submission = Submission(key or uuid.uuid4(), seat.pk, channel="api")
    if "opt_out" in answer:
        return opt_out(person=person, submission=submission, code=answer["opt_out"])
    return submit(person=person, submission=submission, answer=answer)


def answer_and_next(person: Person, seat: Assignment, answer: Mapping[str, Any]) -> Assignment | None:
    """As the API does where the next turn is asked for with the answer."""
    submission = Submission(uuid.uuid4(), seat.pk, channel="api")
    code = answer.get("opt_out", "")
    return submit_and_next(person=person, submission=submission, answer={} if code else answer, code=code)[1]


def key_of(seat: Assignment, position: int) -> str:
    """The key, in the order this person is shown, of the output that stands at a position of the item."""
    return "abcd"[seat.shown.index(seat.item.places.get(position=position).output_id)]


NO_QUOTAS = {"quotas-TOTAL_FORMS": "0", "quotas-INITIAL_FORMS": "0"}
"""What the panel's page of a campaign sends along where no quota is asked for."""


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Each call in a thread and a connection of its own; what each returned or raised, in their order."""
    outcomes: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            outcomes[place] = call()
        except Exception as fault:  # noqa: BLE001 -- the test judges it
            outcomes[place] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def joins(client: Client, username: str = "ana", password: str = "muy-larga-y-rara", **facts: Any) -> HttpResponse:
    """Join as the page does it: with a proof of work."""
    form = {"username": username, "password1": password, "adult": "on", "proof": solved()} | facts
    return client.post("/join/", form)  # type: ignore[return-value]


def proves(client: Client, password: str = "muy-larga-y-rara") -> Client:
    """Say once more who one is, as before anything that opens an account to others."""
    client.post("/account/again/", {"password": password})
    return client


def solved() -> str:
    """A fresh task, solved as the page's script does it."""
    task = challenge()
    for number in range(task["maxNumber"] + 1):
        if hashlib.sha256(f"{task['salt']}{number}".encode()).hexdigest() == task["challenge"]:
            return base64.b64encode(json.dumps(task | {"number": number}).encode()).decode()
    raise AssertionError("a task without a solution")


def work_off() -> list[tuple[Any, str]]:
    """Do what waits in the queue, as the worker does it. Returns of each message its arguments, and all of it."""
    messages = []
    with app.connection_for_read() as link, link.SimpleQueue(app.amqp.queues[app.conf.task_default_queue]) as queue:
        while message := _next_of(queue):
            arguments, named, _embed = message.decode()
            app.tasks[message.headers["task"]](*arguments, **named)
            message.ack()
            messages.append((arguments, str((message.headers, message.properties, message.body))))
    return messages


def _next_of(queue: Any) -> Any:
    """None where nothing waits. How much waits is no question: a Redis has no queue then."""
    try:
        return queue.get_nowait()
    except queue.Empty:
        return None


def left_of(person: Person) -> set[str]:
    """Tables in which a row still points to the person or bears their name, sealed visits opened."""
    found = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Person and model._default_manager.filter(**{field.attname: person.pk}).exists()
    }
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT 1 FROM "{table}" row WHERE row::text ILIKE %s LIMIT 1', [f"%{person.username}%"])
            found |= {table} if cursor.fetchone() else set()
    for session in Session.objects.all():
        if person.username in str(data := session.get_decoded()) or data.get(SESSION_KEY) == str(person.pk):
            found.add(f"inside a session: {data}")
    return found


def given(name: str, annotator: str = "ana@arena", **facts: Any) -> dict[str, Any]:
    """A vote that somebody gave elsewhere, to import."""
    return (
        line(name) | {"answer": {"preferred": "a", "strength": 2}, "annotator": annotator, "date": "2025-03-09"} | facts
    )


def bringer(name: str = "lidia") -> Person:
    """Who may bring in votes of elsewhere, and everything else that leads may do with them."""
    person = Person.objects.filter(username=name).first() or volunteer(name, "muy-larga-y-rara", "es-CO")
    person.user_permissions.set(Permission.objects.filter(codename__contains="_external"))
    return Person.objects.get(pk=person.pk)


def elsewhere(*lines: Mapping[str, Any], document: str = "Acta 7/2025", **how: Any) -> Report:
    """What bringing in these votes under a document did."""
    load_varieties()
    file = io.BytesIO("\n".join(json.dumps(each) for each in lines).encode())
    return bring_in(by=bringer(), document=document, lines=votes_of("arena.jsonl", file), **how)
