"""When the votes on an item are enough. Pure functions of the votes and of what the campaign asks.

Three questions, in this order. Is it sure enough what most people would say (`sureness`)? Where anchors check the item:
has one said the same? And where one said otherwise: what do enough of them say?
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import comb
from typing import Final

from annotations.quality.rules import RULES, Ballot, Settled

ANCHORS: Final = 3
"""So many trusted voices decide where one of them contradicts the crowd."""


class Ask(Enum):
    """Whose vote is still wanted."""

    ANYBODY = "anybody"
    AN_ANCHOR = "an anchor"


@dataclass(frozen=True)
class Asked:
    """What a campaign asks of an item's votes.

    Attributes:
        rule: by its name, in `RULES`.
        sure_at: more votes are asked for below this sureness, up to `most` votes; None: never.
        most: so many votes are enough, sure or not.
        checked: a verdict waits for the vote of an anchor.
        agreed: so many anchors who say the same decide before there are `ANCHORS` of them. Two of three are most of
            them, whatever the third would say.
    """

    rule: str
    sure_at: float | None = None
    most: int = 0
    checked: bool = False
    agreed: int = ANCHORS


def decide(ballots: Sequence[Ballot], outputs: Sequence[int], asked: Asked) -> Settled | Ask:
    """The verdict, or whose vote it waits for.

    Once an anchor spoke, the crowd is asked no more. Where one contradicts what the others say, or these say nothing by
    majority, `ANCHORS` of them decide alone, or `agreed` who say the same, and the verdict's method says so.

    Args:
        ballots: the counted votes, at least one, as many as the item needed so far.
        outputs: the item's output ids in its own order.
    """
    settle = RULES[asked.rule]
    trusted = [ballot for ballot in ballots if ballot.trusted]
    crowd = settle([ballot for ballot in ballots if not ballot.trusted] or ballots, outputs)
    if not trusted and asked.sure_at and len(ballots) < asked.most and sureness(ballots) < asked.sure_at:
        return Ask.ANYBODY
    if not asked.checked or _agree(trusted, crowd):
        return settle(ballots, outputs)
    if len(trusted) < ANCHORS and not _of_one_mind(trusted, asked.agreed):
        return Ask.AN_ANCHOR
    return replace(settle(trusted, outputs), method="anchors")


def _agree(trusted: Sequence[Ballot], crowd: Settled) -> bool:
    """Whether anchors spoke, and all of them said what the others say by majority."""
    said = {ballot.choice for ballot in trusted}
    return said == {crowd.preferred if crowd.outcome == "output" else crowd.outcome}


def _of_one_mind(trusted: Sequence[Ballot], enough: int) -> bool:
    return len(trusted) >= enough and len({ballot.choice for ballot in trusted}) == 1


def sureness(ballots: Sequence[Ballot]) -> float:
    """How likely it is that more than half of the people would say what leads, in (0, 1).

    The share of those who would is held to be anything from 0 to 1 before the first vote; after k of n it is
    Beta(k + 1, n - k + 1), which lies above one half as often as n + 1 fair coins show at most k heads. Summed in whole
    numbers, so that it is the same on every machine.
    """
    return sure_of(*_leading(ballots))


def _leading(ballots: Sequence[Ballot]) -> tuple[int, int]:
    counts: dict[int | str, int] = {}
    for ballot in ballots:
        counts[ballot.choice] = counts.get(ballot.choice, 0) + 1
    return max(counts.values()), len(ballots)


def sure_of(leading: int, votes: int) -> float:
    """`sureness` where so many of so many votes are for what leads."""
    return sum(comb(votes + 1, heads) for heads in range(leading + 1)) / (1 << votes + 1)
