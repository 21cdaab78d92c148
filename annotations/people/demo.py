"""The demo community's people. Their passwords are made on the spot, so that no installation shares one."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from annotations.people.actions import Spoken, give_consent, join, speak
from annotations.people.models import Person, SpokenVariety, Variety
from annotations.people.purposes import LICENCES, REQUIRED
from annotations.people.texts import asks_transfer


@dataclass(frozen=True)
class Member:
    username: str
    role: str
    language: str
    varieties: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()


_LOOK = tuple(
    f"view_{model}"
    for model in ("campaign", "item", "cell", "judgement", "vote", "score", "demonstration", "correction",
                  "promptproposal", "question", "translation", "approved", "term", "flag", "look", "review", "reviewed",
                  "verdict", "estimate", "agreement", "hold", "release", "prompt", "output", "source", "modelversion",
                  "variety", "varietyproposal", "consent", "person", "steward", "charter", "stewardsdecision",
                  "stewardslog", "communitylabel", "hidden", "anchor", "alarm", "confirmed", "vouch", "watched",
                  "known", "objection", "trainingrun", "edition", "pin", "delivery", "partnership", "handout",
                  "sanction", "appeal", "purge", "ruling", "expert", "expertdesk", "expertset", "expertrecord",
                  "expertanswer")
)  # fmt: skip
_LEAD = ("add_campaign", "change_campaign", "add_item", "change_steward", "change_varietyproposal", "help_back_in",
         "see_quality", "release_holds", "change_confirmed", "add_term", "change_term", "delete_term", "add_anchor",
         "change_anchor", "change_alarm", "see_signals", "look_at_signals", "add_watched", "delete_watched",
         "see_reliability", "change_known", "add_edition", "change_edition", "add_pin", "change_pin",
         "retract_release", "add_sanction", "change_sanction", "change_appeal", "add_purge", "change_purge",
         "add_ruling", "add_expertdesk", "change_expertdesk", "add_expertrecord", "change_expertrecord",
         "change_expert", "view_change")  # fmt: skip
_MODERATOR = ("change_hidden", "change_look", "see_quality", "release_holds", "see_signals", "look_at_signals",
              "see_reliability", "change_known", "change_objection", "add_sanction", "change_sanction",
              "change_appeal", "add_purge", "change_purge", "add_ruling", "add_expertrecord",
              "change_expertrecord")  # fmt: skip
CAST = (
    Member("ana", "volunteer, Andean Spanish of Peru", "es", ("es-PE-x-andino", "es-CL", "es-MX", "es-AR", "es-CO")),
    Member("bruno", "volunteer, Brazilian Portuguese", "pt-BR", ("pt-BR",)),
    Member("carmen", "moderator", "es", ("es-MX",), (*_LOOK, *_MODERATOR)),
    Member(
        "diego",
        "training engineer",
        "es",
        ("es-AR",),
        ("add_item", "view_item", "view_campaign", "view_release", "add_trainingrun", "view_trainingrun"),
    ),
    Member("elisa", "campaign lead", "es", ("es-CO",), (*_LOOK, *_LEAD)),
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
    give_rights()


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
def give_rights() -> None:
    """Give the cast the rights of their roles as they are now: a home that was seeded before a right was added gets it
    with its next start. Somebody else of one of these names gets nothing."""
    present = Person.objects.filter(is_demo=True, username__in=[member.username for member in CAST])
    people = {person.username: person for person in present}
    for member in CAST:
        if member.rights and (person := people.get(member.username)):
            group, _new = Group.objects.get_or_create(name=member.role)
            group.permissions.set(
                Permission.objects.filter(content_type__app_label="annotations", codename__in=member.rights)
            )
            person.groups.add(group)
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
