"""What people do with what is theirs: see it, correct it, rest, ask, tell, take it along, and be erased.

Every one of these stands in the register of requests. What a person can do alone is done at once; what they ask of a
human waits there with a date.
"""

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from functools import partial
from typing import IO, Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.letters import tell_controller
from annotations.people.actions import Spoken, leave, speak, withdraw
from annotations.people.mail import forget_mail, mail_mark
from annotations.people.models import Person, SpokenVariety
from annotations.people.queries import spoken_by
from annotations.people.rights import archive
from annotations.people.rights.deadlines import days_for
from annotations.people.rights.facts import FACTS, OWN_WORDS
from annotations.people.rights.models import Request, RequestText, SensitiveFacts
from annotations.people.rights.queries import NOBODY, countries_of, requests_of, rows, unanswered
from annotations.people.rights.registry import Right, registered
from annotations.people.sealing import seal

MAX_OPEN = 5
"""Requests one person may have waiting at a time."""


# The register ---------------------------------------------------------------------------------------------------------


def _enter(person: Person, kind: str, done: str = "") -> Request:
    now = timezone.now()
    country, due_on, limit_on = days_for(kind, countries_of(person), now.date())
    outcome = {"done_at": now, "outcome": Request.Outcome.DONE, "reason": done} if done else {}
    return Request.objects.create(
        subject=person.subject, kind=kind, country=country, due_on=due_on, limit_on=limit_on, **outcome
    )


@transaction.atomic
def ask(*, person: Person, kind: str, text: str) -> Request:
    """Ask for what only a human can do. The words lie apart from the register and go some days after it is done.

    Raises:
        Refused: `invalid` (not a kind one asks for, no words or too many), `too_large` (enough is waiting already).
    """
    person = Person.objects.lock(person)
    text = text.strip()
    if kind not in Request.ASKED or not text or "\x00" in text or len(text) > 4_000:
        raise Refused("invalid")
    if requests_of(person).filter(done_at=None).count() >= MAX_OPEN:
        raise Refused("too_large", _("So many requests are waiting already; these are answered first."))
    request = _enter(person, kind)
    RequestText.objects.create(request=request, person=person, text=text)
    return request


@transaction.atomic
def answer(*, request: Request, outcome: str, reason: str) -> Request:
    """Close a request with what was done and why. Once closed it stays as it is.

    Raises:
        Refused: `invalid` for an outcome or a reason that there is not, `not_open` when it is closed already.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.done_at:
        raise Refused("not_open")
    if outcome not in Request.Outcome or reason not in Request.Reason:
        raise Refused("invalid")
    request.done_at, request.outcome, request.reason = timezone.now(), outcome, reason
    request.save(update_fields=["done_at", "outcome", "reason"])
    return request


@transaction.atomic
def remind_controller(*, today: dt.date) -> int:
    """Mail the controller the numbers of requests due within two days or overdue, each once a day. Returns how many."""
    waiting = unanswered(today + dt.timedelta(days=2)).exclude(reminded_on__gte=today)
    due = list(waiting.select_for_update(skip_locked=True))
    if due:
        lines = [f"{request} · due {request.due_on} · limit {request.limit_on}" for request in due]
        tell_controller("requests due", "\n".join(lines))
    Request.objects.filter(pk__in=[request.pk for request in due]).update(reminded_on=today)
    return len(due)


# Correct and rest -----------------------------------------------------------------------------------------------------


@transaction.atomic
def correct_varieties(*, person: Person, varieties: Iterable[Spoken]) -> list[SpokenVariety]:
    """Say anew what one speaks. What was true before stays true of past work; the first time it is no correction."""
    person = Person.objects.lock(person)
    before = set(spoken_by(person).values_list("variety", "how", "command"))
    rows = speak(person=person, varieties=varieties)
    if before and before != {(row.variety_id, row.how, row.command) for row in rows}:
        _enter(person, Request.Kind.CORRECT, Request.Reason.AT_ONCE)
    return rows


@transaction.atomic
def correct_account(*, person: Person, username: str) -> Person:
    """Another name, at once. The old one is kept nowhere.

    Raises:
        Refused: `invalid` when the name is taken.
    """
    row = Person.objects.lock(person)
    row.username = Person.normalize_username(username)
    try:
        with transaction.atomic():
            row.save(update_fields=["username"])
    except IntegrityError:
        raise Refused("invalid", _("This user name is taken."), {"username": "taken"}) from None
    _enter(row, Request.Kind.CORRECT, Request.Reason.AT_ONCE)
    return row


@transaction.atomic
def pause(*, person: Person) -> Person:
    """Rest: nothing is asked of the person until they go on. A seat they hold may still be answered."""
    person = Person.objects.lock(person)
    if person.paused_at is None:
        person.paused_at = timezone.now()
        person.save(update_fields=["paused_at"])
        _enter(person, Request.Kind.PAUSE, Request.Reason.AT_ONCE)
    return person


@transaction.atomic
def resume(*, person: Person) -> Person:
    """Go on after a rest, one's own or the one that two years without a sign brought."""
    person = Person.objects.lock(person)
    if person.paused_at is not None:
        person.paused_at = person.warned_at = None
        person.save(update_fields=["paused_at", "warned_at"])
        _enter(person, Request.Kind.RESUME, Request.Reason.AT_ONCE)
    return person


# Sensitive facts ------------------------------------------------------------------------------------------------------


@transaction.atomic
def tell_facts(*, person: Person, facts: Mapping[str, str]) -> None:
    """Keep what a person tells of themselves, sealed; nothing told, nothing kept.

    Raises:
        Refused: `consent_required` without the purpose `demographics`, `invalid` for what is no answer.
    """
    person = Person.objects.lock(person)
    if person.consent is None or not person.consent.purposes.get("demographics"):
        raise Refused("consent_required", errors={"purpose": "demographics"})
    told = {name: value for name, value in facts.items() if value}
    for name, value in told.items():
        if not (name == OWN_WORDS and len(value) <= 500) and value not in dict(FACTS.get(name, ("", ()))[1]):
            raise Refused("invalid", errors={name: "unknown"})
    if told:
        SensitiveFacts.objects.update_or_create(person=person, defaults={"sealed": seal(told)})
    else:
        SensitiveFacts.objects.filter(person=person).delete()


# Take along -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def take_along(*, person: Person) -> IO[bytes]:
    """Everything about a person as a ZIP in a temporary file, at its start, gone when it is closed.

    The person's row is held meanwhile: an erasure waits until the file is written, or it was first and there is none.
    """
    person = Person.objects.lock(person)
    _enter(person, Request.Kind.ACCESS, Request.Reason.AT_ONCE)
    out = tempfile.TemporaryFile()  # noqa: SIM115 -- whoever sends it closes it
    archive.write(person, out)
    out.seek(0)
    return out


# Erase ----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def erase(*, person: Person, contributions: bool) -> None:
    """Erase an account at once: its own row and every registered table, as each table's right says.

    Args:
        contributions: erase them too; otherwise they stay without a link, under the consent they were given with, and
            nobody can find them again to erase them later.

    Raises:
        Refused: `not_found` when it is erased already.
    """
    person = Person.objects.lock(person)
    _keeps_no_changes("on")
    addresses = {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)} - {""}
    mark = mail_mark(person)
    _close_register(person, contributions=contributions)
    (withdraw if contributions else leave)(person=person)
    if contributions:
        for forget in dict.fromkeys(right.erase for right in registered() if right.erase):
            forget(person)
    for right in registered():
        _let_go(right, person, contributions=contributions)
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Person), object_id=str(person.pk)
    ).update(object_id=None, object_repr="")  # fmt: skip
    person.delete()
    _keeps_no_changes("")
    for sign in (mark, *addresses):
        transaction.on_commit(partial(forget_mail, sign))


def _keeps_no_changes(of_this: str) -> None:
    """What an erasure changes is not kept as changes are: side by side, at one moment, they would say whose it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('minka.forgets', %s, true)", [of_this])


def _close_register(person: Person, *, contributions: bool) -> None:
    reason = Request.Reason.CONTRIBUTIONS_TOO if contributions else Request.Reason.CONTRIBUTIONS_LEFT
    for request in requests_of(person).filter(done_at=None):
        answer(request=request, outcome=Request.Outcome.MOOT, reason=Request.Reason.ACCOUNT_GONE)
    _enter(person, Request.Kind.ERASE, reason)


def _let_go(right: Right, person: Person, *, contributions: bool) -> None:
    found = rows(right, person)
    if right.erasure == "delete" or (right.erasure == "unlink" and contributions):
        found.delete()
    else:
        found.update(**{right.field: _nobody(right)})


def _nobody(right: Right) -> Person | None:
    """Nobody; where the table is not ours and must name somebody, an account that nobody has."""
    field: Any = apps.get_model(right.table)._meta.get_field(right.field)
    if field.null:
        return None
    row, _new = Person.objects.get_or_create(username=NOBODY, defaults={"is_active": False, "password": "!"})
    return row
