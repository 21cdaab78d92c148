"""Which consent text is in force, and which waits."""

import datetime as dt
import logging
import time
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from annotations.people.consenting.models import ConsentText
from annotations.people.consenting.rules import Words, sum_of
from annotations.people.models import Person

log = logging.getLogger(__name__)

READ_EVERY: Final = 20.0
"""Seconds for which a process knows what was approved: so often it asks the database, however many answers come in."""
_KEPT: Final = 3
_known: tuple[float, tuple[tuple[dt.datetime, Words], ...]] | None = None


def waiting() -> QuerySet[ConsentText]:
    """What lies in the folder and is not approved by two people: one at most."""
    return ConsentText.objects.filter(in_force_at=None, dropped_at=None)


def waiting_of(person: Person) -> QuerySet[ConsentText]:
    """The same, unless they approved it already."""
    return waiting().exclude(first_by=person)


def approved() -> QuerySet[ConsentText]:
    """What two people approved, the newest first: in force, to be in force within a minute, or once so."""
    return ConsentText.objects.filter(in_force_at__isnull=False).order_by("-in_force_at", "-pk")


def words_in_force() -> Words | None:
    """The words of the text in force, from what this process knows; None where two people never approved one. One that
    takes force does so by the clock, in all processes at once."""
    now = timezone.now()
    return next((words for since, words in _approved() if since <= now), None)


def _approved() -> tuple[tuple[dt.datetime, Words], ...]:
    global _known
    known = _known
    if known is None or time.monotonic() - known[0] > READ_EVERY:
        known = _known = (time.monotonic(), tuple(_read()))
    return known[1]


def _read() -> list[tuple[dt.datetime, Words]]:
    found = []
    for row in approved()[:_KEPT]:
        assert row.in_force_at
        if sum_of(row.name, row.texts) == row.sha256:
            found.append((row.in_force_at, Words(row.name, tuple(sorted(row.texts.items())))))
        else:
            log.error("the consent text %s is not the one that was approved, and is not used", row.pk)
    return found


def forget() -> None:
    """What this process knows; the next question asks the database."""
    global _known
    _known = None
