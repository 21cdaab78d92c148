"""Questions about what is a person's, what is due, and who was there; sensitive facts answer in counts only."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Exists, Manager, OuterRef, Q, QuerySet

from annotations.people.models import Consent, Person, SpokenVariety
from annotations.people.queries import spoken_by
from annotations.people.rights.facts import FACTS
from annotations.people.rights.models import Request, SensitiveFacts
from annotations.people.rights.registry import Right, registered
from annotations.people.sealing import unseal

NOBODY = "(gone)"
"""The account that rows of other libraries point to when theirs is erased and they may not point to none. A name
nobody can choose."""

FEWEST = 10
"""The smallest number of people that is ever shown of sensitive facts."""


def rows(right: Right, person: Person) -> QuerySet[Any]:
    """The person's rows of a registered table."""
    table: Manager[Any] = apps.get_model(right.table)._default_manager
    return table.filter(**{right.field: person}).order_by("pk")


def consents_of(person: Person) -> QuerySet[Consent]:
    return Consent.objects.filter(subject=person.subject).order_by("id")


def requests_of(person: Person) -> QuerySet[Request]:
    """What the register holds of a person, newest first."""
    return Request.objects.filter(subject=person.subject)


def countries_of(person: Person) -> set[str]:
    """Countries of the varieties a person speaks: the nearest thing we know to where they are."""
    return {country for spoken in spoken_by(person) for country in spoken.variety.countries}


def facts_of(person: Person) -> dict[str, str]:
    """What a person told of themselves, for nobody but them."""
    row = SensitiveFacts.objects.filter(person=person).first()
    return unseal(row.sealed) if row else {}


class Count(NamedTuple):
    variety: str
    fact: str
    answer: str
    people: int


def counted_facts() -> list[Count]:
    """How many people of each variety answered what: the only way sensitive facts are ever read for others.

    A cell of fewer than `FEWEST` people is left out, and so are own words.
    """
    told = {row.person_id: unseal(row.sealed) for row in SensitiveFacts.objects.iterator()}
    answered = SensitiveFacts.objects.values("person")
    spoken = SpokenVariety.objects.filter(until=None, person__in=answered).values_list("person_id", "variety_id")
    cells = Counter(
        (variety, fact, answer)
        for person, variety in spoken.iterator()
        for fact, answer in told[person].items()
        if fact in FACTS
    )
    return [Count(*cell, people) for cell, people in sorted(cells.items()) if people >= FEWEST]


def unanswered(until: dt.date) -> QuerySet[Request]:
    """Requests that are not done and are due by a day, the most urgent first."""
    return Request.objects.filter(done_at=None, due_on__lte=until).order_by("due_on", "id")


def was_active(start: dt.datetime, end: dt.datetime | None = None) -> Q:
    """Whether a person did anything between two moments: came, or left a row with a date in a registered table."""
    span = {"gte": start} | ({"lte": end} if end else {})
    active = _in("date_joined", span) | _in("last_login", span)
    for right in registered():
        if right.when:
            model = apps.get_model(right.table)
            signs = model._default_manager.filter(_in(right.when, span), **{right.field: OuterRef("pk")})
            active |= Q(Exists(signs))
    return active


def _in(field: str, span: dict[str, dt.datetime]) -> Q:
    return Q(**{f"{field}__{bound}": moment for bound, moment in span.items()})


def accounts() -> QuerySet[Person]:
    """People who can come in."""
    return Person.objects.filter(is_active=True).exclude(username=NOBODY)


class Affected(NamedTuple):
    """Somebody whose data were there in a window of time, and whether they were."""

    person: Person
    countries: list[str]
    active: bool


def affected(start: dt.datetime, end: dt.datetime) -> Iterator[Affected]:
    """Everybody who had an account before the window closed, with the countries of their varieties."""
    active = set(Person.objects.filter(was_active(start, end)).values_list("pk", flat=True))
    people = Person.objects.filter(date_joined__lte=end).exclude(username=NOBODY).order_by("pk")
    for person in people.prefetch_related("spoken__variety"):
        countries = {country for spoken in person.spoken.all() for country in spoken.variety.countries}
        yield Affected(person, sorted(countries), person.pk in active)
