"""Campaigns in which people answer at the table, with seconds, and write texts."""

import random
import uuid
from typing import Any

from django.contrib.auth.models import Permission

from annotations.assignments.actions import Submission, submit
from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.seeding import load_varieties
from annotations.quality.signals.models import Signal, Watched
from tests.cast import answer, key_of, line, seat_at, world

WORDS = [f"palabra{number}".translate(str.maketrans("0123456789", "abcdefghij")) for number in range(900)]
_draw = random.Random(7)


def words(many: int) -> str:
    return " ".join(_draw.choices(WORDS, k=many))


def watched(*lines: dict[str, Any], **facts: Any) -> Campaign:
    campaign = world(*lines, **facts)
    Watched.objects.create(campaign=campaign)
    return campaign


def pairs(many: int = 24, **facts: Any) -> Campaign:
    """Pairs of a hundred words each: nobody reads one in less than twenty seconds."""
    long = (line(str(number), words(100), words(100)) for number in range(many))
    return watched(*long, **{"needed": 60} | facts)


def person(name: str, variety: str = "es-CL") -> Person:
    if not Variety.objects.exists():
        load_varieties()
    return volunteer(name, "muy-larga-y-rara", variety)


def press(who: Person, campaign: Campaign, button: str, seconds: float | None = 40, channel: str = "web") -> Judgement:
    """The next pair, by the button at a place as shown, or a level one."""
    seat = seat_at(who, campaign)
    said = {"preferred": {"first": "a", "second": "b"}.get(button, button)}
    said |= {"strength": 1} if button in ("first", "second") else {}
    return sent(who, seat, said, seconds, channel)


def sent(who: Person, seat: Assignment, said: dict[str, Any], seconds: float | None, channel: str = "web") -> Judgement:
    return submit(
        person=who, submission=Submission(uuid.uuid4(), seat.pk, channel, "es", seconds), answer=said
    ).judgement


def honest(who: Person, campaign: Campaign, many: int, seconds: float = 40) -> None:
    """For what stands first or second in the import, as taste has it: where it was shown is chance."""
    for number in range(many):
        seat = seat_at(who, campaign)
        sent(who, seat, {"preferred": key_of(seat, number % 3 == 0), "strength": 1}, seconds)


def writing(many: int = 6, kind: str = "demonstration", **facts: Any) -> Campaign:
    lines = (line(f"{kind}-{number}", kind=kind, outputs=[], **facts) for number in range(many))
    return watched(*lines, kind=kind, needed=20, slug=f"de-{kind}")


def writes(who: Person, campaign: Campaign, text: str, **more: Any) -> Judgement:
    return answer(who, seat_at(who, campaign), {"text": text} | more).judgement


def changed(text: str, every: int = 40) -> str:
    """The same with a word of so many another."""
    return " ".join("distinta" if place % every == 1 else word for place, word in enumerate(text.split()))


def moderator(name: str = "carmen", *rights: str) -> Person:
    row = Person.objects.filter(username=name).first() or person(name)
    row.user_permissions.add(*Permission.objects.filter(codename__in=rights or ("see_signals", "look_at_signals")))
    Person.objects.filter(pk=row.pk).update(is_staff=True)
    return Person.objects.get(pk=row.pk)


def told() -> list[tuple[str, str, int, int]]:
    """Of each signal: whose, what, how many of how many."""
    rows = Signal.objects.order_by("person__username", "kind", "pk")
    return list(rows.values_list("person__username", "kind", "part", "whole"))
