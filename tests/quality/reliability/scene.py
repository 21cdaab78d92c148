"""A campaign with gold in it, all of it answered."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.test import Client

from annotations.assignments.gold import actions
from annotations.assignments.gold.rules import TOLD_AFTER
from annotations.assignments.models import Campaign, Item, Judgement
from annotations.assignments.seats import next_for
from annotations.people.models import Person
from tests.assignments.gold.test_gold import ALWAYS, gold
from tests.cast import answer, key_of, line, people, world

WORK, GOLD = 17, 3


def mixed(work: int = WORK, golden: int = GOLD, variety: str = "es-CL", **facts: Any) -> Campaign:
    """Each item is asked of everybody; of each gold item the first output is expected."""
    lines = [line(f"n{number}", prompt=f"Pregunta {number}", variety=variety) for number in range(work)]
    lines += [gold(f"g{number}", prompt=f"Oro {number}", variety=variety) for number in range(golden)]
    return world(*lines, **{"gold": 50, "needed": 9} | facts)


def answers_all(person: Person, campaign: Campaign, says: Mapping[str, int] | None = None) -> None:
    """Everything there is for them, gold first: the output at position 0, or as `says` by the item's name."""
    actions._draw = ALWAYS  # type: ignore[assignment]
    while seat := next_for(person=person, campaign=campaign):
        answer(person, seat, {"preferred": key_of(seat, (says or {}).get(seat.item.source_id, 0))})


def tell() -> None:
    """The days go by after which people are told what was expected."""
    Judgement.objects.filter(not_counted="gold").update(received_at=F("received_at") - TOLD_AFTER)


def answered(count: int = 3, says: Mapping[str, int] | None = None, **facts: Any) -> tuple[Campaign, list[Person]]:
    """A campaign that so many people answered whole, the first of them as `says`, and were told of."""
    campaign, crowd = mixed(**facts), people(count)
    for place, person in enumerate(crowd):
        answers_all(person, campaign, says if place == 0 else None)
    tell()
    return campaign, crowd


def client_of(person: Person) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person)
    return client


def number_of(name: str) -> int:
    return Item.objects.get(source_id=name).pk
