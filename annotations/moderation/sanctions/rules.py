"""What sanctions in force add up to, and what is none."""

import datetime as dt
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.utils import timezone

from annotations.moderation.sanctions.models import WORDS, Sanction
from annotations.people.models import Person

Kind = Sanction.Kind
ENDING: Final = (Kind.LIMITED, Kind.PAUSED)
LONGEST: Final = dt.timedelta(days=366)
PROPOSED: Final = dt.timedelta(days=14)
"""So long an account rests because somebody proposes to close it, and nobody seconds that."""
MOST: Final = 1_000


class Stands(NamedTuple):
    """How somebody stands: in which standing, and how much a day they may give in a campaign, where that is limited."""

    standing: Person.Standing
    most_a_day: int | None


def stands(in_force: Iterable[Sanction]) -> Stands:
    """The gravest holds. An account that is to be closed rests until a second person says so too."""
    several = list(in_force)
    closed = any(each.kind == Kind.CLOSED and each.seconded_at for each in several)
    paused = any(each.kind in (Kind.PAUSED, Kind.CLOSED) for each in several)
    limits = [each.most_a_day for each in several if each.most_a_day is not None]
    standing = Person.Standing.CLOSED if closed else Person.Standing.PAUSED if paused else Person.Standing.GOOD
    return Stands(standing, min(limits, default=None))


def unfit(
    kind: str, code: str, words: str, ends_at: dt.datetime | None, most_a_day: int | None
) -> dict[str, str]:  # fmt: skip
    """What keeps this from being a sanction, by the field: `unknown`, `missing`, `too_long`, `unfit` (it has no place
    with this kind), `not_within_a_year` or `no_such_number`."""
    found = {"kind": "unknown"} if kind not in Kind.values else {}
    if code not in Sanction.Code.values:
        found["code"] = "unknown"
    if not words.strip() or len(words) > WORDS:
        found["words"] = "too_long" if words.strip() else "missing"
    if (ends_at is not None) != (kind in ENDING):
        found["ends_at"] = "unfit" if ends_at else "missing"
    elif ends_at and not dt.timedelta() < ends_at - timezone.now() <= LONGEST:
        found["ends_at"] = "not_within_a_year"
    if (most_a_day is not None) != (kind == Kind.LIMITED):
        found["most_a_day"] = "missing" if most_a_day is None else "unfit"
    elif most_a_day is not None and not 1 <= most_a_day <= MOST:
        found["most_a_day"] = "no_such_number"
    return found
