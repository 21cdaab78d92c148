"""What is open in a person's name."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from knox.models import AuthToken

from annotations.people.accounts.actions import session_name
from annotations.people.accounts.models import Help, Session
from annotations.people.models import Person


@dataclass(frozen=True)
class Open:
    """A session as its owner sees it."""

    name: str
    device: str
    begun: dt.datetime | None
    is_this: bool


def reached_at(address: str) -> list[int]:
    """Keys of those to whom mail to this address goes: who confirmed it, else everybody who gave it. One statement,
    whoever there is."""
    owns = EmailAddress.objects.filter(user=OuterRef("pk"), email__iexact=address, verified=True)
    people = Person.objects.filter(email__iexact=address, is_active=True)
    found = list(people.order_by("pk").values_list("pk", Exists(owns)))
    return [pk for pk, confirmed in found if confirmed] or [pk for pk, _confirmed in found]


def sessions_of(person: Person, this: str | None) -> list[Open]:
    """The person's open sessions, the newest first; `this` is the key of the one that asks."""
    rows = Session.objects.filter(person=person, expire_date__gt=timezone.now()).order_by("-expire_date")
    facts = ((row, row.get_decoded()) for row in rows)
    return [
        Open(session_name(row), data.get("device", ""), parse_datetime(data.get("begun", "")), row.pk == this)
        for row, data in facts
    ]


def tokens_of(person: Person) -> QuerySet[AuthToken]:
    tokens: QuerySet[AuthToken] = AuthToken.objects.filter(user=person).order_by("-created")
    return tokens


def waiting_for_help() -> QuerySet[Help]:
    """Wishes that need a second person, oldest first."""
    return Help.objects.filter(agreed_at=None).select_related("person", "asked_by").order_by("asked_at")
