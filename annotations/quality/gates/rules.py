"""How great a part may be, and how much of each part may stay. Functions of counts; exact, so in fractions."""

import datetime as dt
from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Final, Literal, TypeVar

Mode = Literal["off", "report", "hold"]
Key = TypeVar("Key", bound=Hashable)

ACCOUNT: Final = Fraction(1, 100)
"""The greatest part of a slice that one account gives. Boards turn with some hundreds of votes of a million (Chatbot
Arena: Min et al., arXiv 2501.17858), models are steered by 1 to 5 % of the pairs (Best-of-Venom), and no share is known
below which they are safe (PoisonBench: the effect is log-linear). So what one person can decide is kept small."""
COHORT: Final = Fraction(1, 20)
"""The greatest part that those give who joined on one day: of a ring, accounts are made together."""
EVEN: Final = 3
"""So many times an even part nobody is too much. In a group of forty one gives easily 5 %: that is arithmetic, and
no attack; 1 % binds from three hundred people on, 5 % from sixty days on."""
MANY: Final = 300
"""From so many contributors on a slice holds by itself, in production: from there on the limit is the 1 %."""
MOST_TEXTS: Final = 200
"""Free texts of one account that stand in what a campaign publishes. Some 250 documents are enough to plant a word that
turns a model, whatever its size (Souly et al., arXiv 2510.07192)."""


def mode_of(gate: str, contributors: int, *, production: bool) -> Mode:
    """What a gate does in a slice of so many contributors: what its campaign says, or the house."""
    if gate in ("off", "report", "hold"):
        return gate  # type: ignore[return-value]
    if not production:
        return "off"
    return "hold" if contributors >= MANY else "report"


def account_limit(contributors: int) -> Fraction:
    """The greatest part of one account among so many."""
    return max(ACCOUNT, Fraction(EVEN, contributors))


def day_limit(day: dt.date, days: int, began: dt.date, house: Mapping[dt.date, int]) -> Fraction:
    """The greatest part of those who joined on a day, where people of so many days take part.

    Whoever joined on the day on which the campaign began came with everybody, and has no limit. Who was there before
    did not come for it: such a day may have three times its part of all the accounts, so that the day on which the
    house opened alarms nobody, and thirty accounts that were made in advance still do.

    Args:
        house: how many accounts joined on each day, in the whole house.
    """
    if day == began:
        return Fraction(1)
    limit = max(COHORT, Fraction(EVEN, days))
    if day < began and (accounts := sum(house.values())):
        limit = max(limit, Fraction(EVEN * house.get(day, 0), accounts))
    return limit


def kept(given: Mapping[Key, int], limits: Mapping[Key, Fraction], others: int) -> dict[Key, int]:
    """How much of each part may stay, so that none is more than its limit of what stays in all.

    It is the greatest there is: what is taken from one makes the others' parts greater, so it is counted down until it
    holds, and no other choice that holds leaves more of any part. Counted again from what it leaves it is the same.

    Args:
        given: how much of each part.
        limits: of each part, the share of the whole that is not too much.
        others: how much there is beside, of which nothing is taken.
    """
    whole = others + sum(given.values())
    while True:
        stays = {key: min(number, _most(limits[key], whole)) for key, number in given.items()}
        if (left := others + sum(stays.values())) == whole:
            return stays
        whole = left


def _most(limit: Fraction, whole: int) -> int:
    return limit.numerator * whole // limit.denominator
