"""Which sanctions somebody has, and which are over."""

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.moderation.sanctions.models import Sanction
from annotations.moderation.sanctions.rules import LONGEST, PROPOSED
from annotations.people.models import Person


def in_force(person: Person) -> QuerySet[Sanction]:
    return Sanction.objects.filter(person=person, ended_at=None)


def told(person: Person) -> QuerySet[Sanction]:
    """All that was ever decided about somebody, the newest first, with what they said against it."""
    return Sanction.objects.filter(person=person).select_related("appeal").order_by("-decided_at", "-pk")


def to_be_read(person: Person) -> QuerySet[Sanction]:
    """What somebody should know of: what is in force, and what they have not said that they read."""
    return Sanction.objects.filter(Q(ended_at=None) | Q(read_at=None), person=person)


def over(now: dt.datetime | None = None) -> QuerySet[Sanction]:
    """Those whose time is up; proposals to close an account that nobody seconded in time; notices that nobody read."""
    now = now or timezone.now()
    proposed = Q(kind=Sanction.Kind.CLOSED, seconded_at=None, decided_at__lte=now - PROPOSED)
    unread = Q(kind=Sanction.Kind.NOTICE, decided_at__lte=now - LONGEST)
    return Sanction.objects.filter(Q(ends_at__lte=now) | proposed | unread, ended_at=None)
