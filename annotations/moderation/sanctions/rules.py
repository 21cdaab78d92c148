"""What sanctions in force add up to."""

from collections.abc import Iterable
from typing import NamedTuple

from annotations.moderation.sanctions.models import Sanction
from annotations.people.models import Person

Kind = Sanction.Kind


class Stands(NamedTuple):
    """How somebody stands: in which standing, and how much a day they may give in a campaign, where that is limited."""

    standing: Person.Standing
    most_a_day: int | None


def stands(in_force: Iterable[Sanction]) -> Stands:
    """The gravest holds. An account that is to be closed rests until a second person says so too."""
    several = list(in_force)
    closed = any(each.kind == Kind.CLOSED and each.second_id for each in several)
    paused = any(each.kind in (Kind.PAUSED, Kind.CLOSED) for each in several)
    limits = [each.most_a_day for each in several if each.most_a_day is not None]
    standing = Person.Standing.CLOSED if closed else Person.Standing.PAUSED if paused else Person.Standing.GOOD
    return Stands(standing, min(limits, default=None))
