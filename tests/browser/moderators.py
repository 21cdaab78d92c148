"""A ring of five accounts, honest people beside it, a dispute, two moderators, a lead, and somebody who will appeal:
made in a running Minka."""

import json
import random

from django.contrib.auth.models import Group

from annotations.assignments.models import Judgement
from annotations.assignments.seats import next_for
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from tests.cast import answer, govern, in_days, key_of, line, world

PASSWORD = "muy-larga-y-rara-7"
ITEMS = 30
RING = [f"anillo-{number}" for number in range(5)]


def build() -> None:
    campaign = world(*(line(str(number)) for number in range(ITEMS)), slug="anillo", needed=8)
    chance = random.Random(7)
    agreed = [chance.randrange(2) for _item in range(ITEMS)]
    for number, name in enumerate([*RING, "honesta-1", "honesta-2", "honesta-3"]):
        person = volunteer(name, None, "es-CL")
        Person.objects.filter(pk=person.pk).update(date_joined=in_days(-40 - number))
        for _item in range(ITEMS):
            seat = next_for(person=person, campaign=campaign)
            assert seat
            said = agreed[int(seat.item.source_id)] if name in RING else chance.randrange(2)
            answer(person, seat, {"preferred": key_of(seat, said)})
    settle_due()
    for name, role in (("carmen-m", "moderator"), ("dora-m", "moderator"), ("lidia-l", "campaign lead")):
        member = volunteer(name, PASSWORD, "es-MX")
        member.groups.add(Group.objects.get(name=role))
        Person.objects.filter(pk=member.pk).update(is_staff=True)
    first = Person.objects.get(username=RING[0])
    world(line("a"), slug="abierta", needed=2)
    govern("ayr")
    secret = world(line("secreto", variety="ayr", prompt="Kunsa achachilanakax qullunakat sapxi?"), slug="saber")
    for name, variety in (("pregunta", "es-CL"), ("invitada", "es-CL"), ("hablante-ayr", "ayr")):
        volunteer(name, PASSWORD, variety)
    told = {
        "secret": secret.items.get().pk, "private": world(line("t"), slug="taller").pk, "ring": first.pk,
        "item": campaign.items.order_by("pk").values_list("pk", flat=True)[0], "campaign": campaign.pk,
        "paused": volunteer("apelante", PASSWORD, "es-CL").pk,
    }  # fmt: skip
    print("\n" + json.dumps(told))


def books() -> None:
    """What does not balance, and how much of the ring still counts."""
    from tests.moderation.books import wrong_books

    left = Judgement.objects.filter(person__username__in=RING, counted=True).count()
    print("\n" + json.dumps({"wrong": wrong_books(), "left": left}))


def work() -> None:
    """What the worker does by the clock, now."""
    from annotations.moderation.purges.actions import go_on

    go_on()
    settle_due()
