"""What people do: join, say what they speak, consent, withdraw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from annotations.errors import Refused
from annotations.people.competence.actions import forget_origin
from annotations.people.credits.models import Credit
from annotations.people.models import Consent, Person, SpokenVariety, Variety
from annotations.people.purposes import NAMES
from annotations.people.queries import showing_origin, spoken_by, varieties_on_offer
from annotations.people.rights.models import SensitiveFacts
from annotations.people.signals import terms_changed
from annotations.people.texts import consent_text, consent_version, supported


@dataclass(frozen=True)
class Spoken:
    """One variety a person says they speak."""

    tag: str
    how: str = SpokenVariety.How.GREW_UP
    command: int = SpokenVariety.Command.FULL


def join(
    *, username: str, password: str | None, language: str, adult: bool, is_demo: bool = False, is_proven: bool = True
) -> Person:
    """Open an account. Nobody under 18: no date of birth is asked for or kept, only the declaration.

    Without a password nobody can log in to it; it works through tokens.
    """
    if not adult:
        raise Refused("invalid", _("Taking part is for people of 18 or older."))
    try:
        with transaction.atomic():
            return Person.objects.create_user(
                username, password, language=supported(language), is_demo=is_demo, is_proven=is_proven
            )
    except IntegrityError:
        raise Refused("invalid", _("This user name is taken."), {"username": "taken"}) from None


@transaction.atomic
def speak(*, person: Person, varieties: Iterable[Spoken]) -> list[SpokenVariety]:
    """Set the varieties a person speaks. Rows that no longer hold are ended, not deleted; past work keeps what was
    true then. A source language (`en`) may be one that a person reads, never one of their own.

    Before any consent everything may be said, and the next page asks; after one that left `special` out, what can show
    ethnic origin is refused (`consent_required`)."""
    consent = Person.objects.lock(person).consent  # one change at a time
    wanted = {spoken.tag: spoken for spoken in varieties}
    own = set(varieties_on_offer().filter(tag__in=wanted).values_list("tag", flat=True))
    read = set(Variety.objects.filter(tag__in=wanted, level=Variety.Level.SOURCE).values_list("tag", flat=True))
    for tag, spoken in wanted.items():
        if tag not in own and not (tag in read and spoken.how == SpokenVariety.How.READS):
            raise Refused("invalid", _("%(tag)s is not a variety one can choose.") % {"tag": tag})
    shows_origin = any(variety.shows_origin for variety in varieties_on_offer().filter(tag__in=wanted))
    if shows_origin and consent and not consent.purposes.get("special"):
        raise Refused("consent_required", errors={"purpose": "special"})
    kept = set()
    for row in spoken_by(person).select_for_update(of=("self",)):
        now = wanted.get(row.variety_id)
        if now and (now.how, now.command) == (row.how, row.command):
            kept.add(row.variety_id)
        else:
            row.until = timezone.now()
            row.save(update_fields=["until"])
    SpokenVariety.objects.bulk_create(
        SpokenVariety(person=person, variety_id=tag, how=spoken.how, command=spoken.command)
        for tag, spoken in wanted.items()
        if tag not in kept
    )
    terms_changed.send(sender=Person, person=person)
    return list(spoken_by(person))


@transaction.atomic
def give_consent(
    *, person: Person, purposes: Mapping[str, bool], language: str, licence: str, channel: str = "web", shown: str = ""
) -> Consent:
    """Write into the ledger what a person agreed to, and what they did not.

    Purposes that are not named are recorded as not given. Required ones may be left out: then the ledger says so and
    the person cannot judge. Without `special`, what the profile says of languages that can show ethnic origin goes.

    Args:
        shown: the sum (SHA-256) of the text that was read; empty where nobody reads one.

    Raises:
        Refused: `invalid` (no such purpose), `not_open` (no text is in force, or another than was read).
    """
    unknown = set(purposes) - set(NAMES)
    if unknown:
        raise Refused("invalid", _("Unknown purposes: %s") % ", ".join(sorted(unknown)))
    return _enter(
        person, Consent.Act.GIVE, {name: bool(purposes.get(name)) for name in NAMES}, language, licence, channel, shown
    )


@transaction.atomic
def avoid(*, person: Person, categories: Iterable[str]) -> Person:
    """Set the kinds of hurtful content that a person never wants to meet; from now on nothing of them is offered."""
    person = Person.objects.lock(person)
    person.avoids = sorted(set(categories))
    person.save(update_fields=["avoids"])
    return person


@transaction.atomic
def withdraw(*, person: Person, channel: str = "web") -> Consent | None:
    """Take consent back. From this moment nothing more is accepted from them and nothing of theirs is released."""
    consent = Person.objects.lock(person).consent
    if consent is None:
        return None
    return _enter(
        person, Consent.Act.WITHDRAW, dict.fromkeys(NAMES, False),
        person.language, consent.contribution_licence, channel,
    )  # fmt: skip


@transaction.atomic
def leave(*, person: Person, channel: str = "web") -> Consent | None:
    """Go without taking consent back: what was contributed stays under the purposes it was given for."""
    consent = Person.objects.lock(person).consent
    if consent is None:
        return None
    return _enter(person, Consent.Act.LEAVE, consent.purposes, person.language, consent.contribution_licence, channel)


def _text_of(person: Person, act: str, language: str, licence: str) -> dict[str, str]:
    """Which text the act is about. Taking back and leaving are open where none is in force, too: they are about the one
    that was agreed to."""
    given = person.consent
    if act != Consent.Act.GIVE and given and not consent_version():
        return {"version": given.version, "text_sha256": given.text_sha256, "language": given.language}
    text = consent_text(language, licence)
    return {"version": text.version, "text_sha256": text.sha256, "language": text.language}


def _enter(
    person: Person, act: str, purposes: dict[str, bool], language: str, licence: str, channel: str, shown: str = ""
) -> Consent:
    Person.objects.lock(person)  # the last act wins, in the ledger and here alike
    text = _text_of(person, act, language, licence)
    if shown and text["text_sha256"] != shown:  # it took force while we waited
        raise Refused("not_open", _("Another text took force meanwhile: it has to be read first."))
    consent = Consent.objects.create(
        subject=person.subject, act=act, purposes=purposes, contribution_licence=licence, channel=channel, **text
    )
    if not purposes["special"]:
        SpokenVariety.objects.filter(showing_origin(), person=person).delete()
        forget_origin(person=person)
    person.consent = consent if act == Consent.Act.GIVE else None
    person.save(update_fields=["consent"])
    if person.consent is None or not purposes["demographics"]:
        SensitiveFacts.objects.filter(person=person).delete()
    if person.consent is None or not purposes["credit"]:
        Credit.objects.filter(person=person).delete()
    terms_changed.send(sender=Person, person=person)
    return consent


@transaction.atomic
def set_standing(*, person: Person, standing: Person.Standing, most_a_day: int | None) -> None:
    """How somebody stands, and how much a day they may give in a campaign; `moderation` says so."""
    row = Person.objects.lock(person)
    row.standing, row.most_a_day = standing, most_a_day
    row.save(update_fields=["standing", "most_a_day"])


def new_token(*, person: Person) -> str:
    """A new API token; this is the only time it can be read, the database holds its hash."""
    _token, secret = AuthToken.objects.create(user=person)
    return str(secret)
