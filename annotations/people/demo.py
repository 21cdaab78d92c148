"""The demo community's people. Their passwords are made on the spot, so that no installation shares one."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from annotations.people.actions import Spoken, give_consent, join, speak
from annotations.people.models import Person, SpokenVariety, Variety
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.roles import ROLES, found_roles
from annotations.people.texts import asks_transfer


@dataclass(frozen=True)
class Member:
    username: str
    role: str
    language: str
    varieties: tuple[str, ...] = ()


CAST = (
    Member("ana", "volunteer, Andean Spanish of Peru", "es", ("es-PE-x-andino", "es-CL", "es-MX", "es-AR", "es-CO")),
    Member("bruno", "volunteer, Brazilian Portuguese", "pt-BR", ("pt-BR",)),
    Member("carmen", "moderator", "es", ("es-MX",)),
    Member("diego", "training engineer", "es", ("es-AR",)),
    Member("elisa", "campaign lead", "es", ("es-CO",)),
)


def _passwords() -> Path:
    return Path(settings.MINKA_HOME) / "demo-people.json"


def seed_people() -> None:
    """Make those of the cast who are missing."""
    passwords = {member.username: secrets.token_urlsafe(9) for member in CAST} | dict(_kept())
    path = _passwords()
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords), "utf-8")
    for member in CAST:
        if not Person.objects.filter(username=member.username).exists():
            volunteer(member.username, passwords[member.username], *member.varieties, language=member.language)
    give_roles()


def _kept() -> dict[str, str]:
    try:
        return dict(json.loads(_passwords().read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def cast() -> Iterator[tuple[Member, str]]:
    """The members that are in the database, with their passwords."""
    present = set(Person.objects.filter(is_demo=True).values_list("username", flat=True))
    passwords = _kept()
    return ((member, passwords.get(member.username, "?")) for member in CAST if member.username in present)


@transaction.atomic
def give_roles() -> None:
    """Give the cast their roles, with the rights these have now. Somebody else of one of these names gets nothing."""
    found_roles()
    present = Person.objects.filter(is_demo=True, username__in=[member.username for member in CAST])
    people = {person.username: person for person in present}
    for member in CAST:
        if member.role in ROLES and (person := people.get(member.username)):
            person.groups.add(Group.objects.get(name=member.role))
            Person.objects.filter(pk=person.pk).update(is_staff=True)


@transaction.atomic
def volunteer(username: str, password: str | None, *varieties: str, language: str = "es") -> Person:
    """A consenting volunteer, through the same actions a browser uses. A source language is one they read."""
    person = join(username=username, password=password, language=language, adult=True, is_demo=True)
    sources = set(Variety.objects.filter(level=Variety.Level.SOURCE).values_list("tag", flat=True))
    how = SpokenVariety.How
    speak(person=person, varieties=[Spoken(tag, how.READS if tag in sources else how.GREW_UP) for tag in varieties])
    shows_origin = any(variety.shows_origin for variety in Variety.objects.filter(tag__in=varieties))
    purposes = dict.fromkeys(REQUIRED, True) | {"transfer": asks_transfer(), "special": shows_origin}
    give_consent(person=person, purposes=purposes, language=language, licence=LICENCES[0], channel="api")
    return person
