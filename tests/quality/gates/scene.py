"""Campaigns in which one account, or those of one day, give much of what there is."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from annotations.assignments.models import Campaign, Judgement
from annotations.people.demo import volunteer
from annotations.people.models import Person
from tests.cast import answer, key_of, line, people, seat_at, world

LATELY = timezone.now() - dt.timedelta(days=3)


def joined(several: list[Person], *days: dt.datetime) -> None:
    """Each on a day of these, in turn; a day of their own without."""
    for place, person in enumerate(several):
        when = days[place % len(days)] if days else timezone.now() - dt.timedelta(days=40 + place)
        Person.objects.filter(pk=person.pk).update(date_joined=when)


def votes(person: Person, campaign: Campaign, many: int, position: int = 0) -> None:
    """For the output at this place of each item."""
    for _item in range(many):
        seat = seat_at(person, campaign)
        answer(person, seat, {"preferred": key_of(seat, position), "strength": 2})


def pushed(gate: str = "hold", **facts: Any) -> tuple[Campaign, Person, list[Person]]:
    """Twenty items of three votes; one account gives twenty, and seven people two each, who settle six items with it.
    3/8 of the whole may be one account's: 8 of the 22 that are left."""
    campaign = world(*(line(str(number)) for number in range(20)), **{"gate": gate} | facts)
    Campaign.objects.filter(pk=campaign.pk).update(created_at=timezone.now() - dt.timedelta(days=30))
    crowd = people(7)
    pusher = volunteer("ana", "muy-larga-y-rara", "es-CL")
    joined([*crowd, pusher])
    votes(pusher, campaign, 20, position=1)
    for person in crowd:
        votes(person, campaign, 2)
    return Campaign.objects.get(pk=campaign.pk), pusher, crowd


def ring() -> tuple[Campaign, list[Person], list[Person]]:
    """As `pushed`, by five accounts of one day, four votes each; 3/8 of the whole may be one day's."""
    campaign = world(*(line(str(number)) for number in range(20)), gate="hold")
    Campaign.objects.filter(pk=campaign.pk).update(created_at=timezone.now() - dt.timedelta(days=30))
    crowd, several = people(7), people(5, "es-CO")
    for person in several:
        person.spoken.update(variety="es-CL")
    joined(crowd)
    joined(several, LATELY)
    for person in several:
        votes(person, campaign, 4, position=1)
    for person in crowd:
        votes(person, campaign, 2)
    return Campaign.objects.get(pk=campaign.pk), several, crowd


def leads(*names: str) -> list[Person]:
    right = Permission.objects.get(codename="release_holds")
    found = [volunteer(name, "muy-larga-y-rara", "es-CO") for name in names]
    for person in found:
        person.user_permissions.add(right)
    return [Person.objects.get(pk=person.pk) for person in found]


def counting(person: Person) -> int:
    return Judgement.objects.filter(person=person, counted=True).count()


def aside() -> int:
    return Judgement.objects.filter(not_counted="concentration").count()
