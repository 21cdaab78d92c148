"""Rules that turn the votes on an item into one verdict. Pure functions; a rule is looked up by its name."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Ballot:
    """One counted vote: `choice` is an output id or a level outcome; `strength` goes with an output; `ranking` is
    tiers of output ids, best first, where more than two outputs were ranked; `trusted` where an anchor gave it."""

    choice: int | str
    strength: int | None = None
    ranking: tuple[tuple[int, ...], ...] | None = None
    trusted: bool = False


@dataclass(frozen=True)
class Settled:
    """A verdict's content. `margin` in [0, 2] and both sides only where an output won. `method` is `strict_majority` of
    all votes, `anchors`: of theirs alone (`stopping.py`), or
    `adjudicated`: a human decided (`rulings/`)."""

    outcome: str
    preferred: int | None
    rejected: int | None
    n: int
    agreement: float
    margin: float | None
    method: str = "strict_majority"


def strict_majority(ballots: Sequence[Ballot], outputs: Sequence[int]) -> Settled:
    """More than half of all ballots for one answer, counting each output, tie, both good and both bad apart.

    Args:
        ballots: the counted votes, at least one.
        outputs: the item's output ids in its own order.

    Returns:
        `no_majority` when no answer has more than half; its agreement is then the largest share.
    """
    counts = Counter(ballot.choice for ballot in ballots)
    choice, votes = counts.most_common(1)[0]
    n = len(ballots)
    agreement = votes / n
    if 2 * votes <= n:
        return Settled("no_majority", None, None, n, agreement, None)
    if isinstance(choice, str):
        return Settled(choice, None, None, n, agreement, None)
    rejected = _worst(ballots, [output for output in outputs if output != choice])
    signed = [_signed(ballot, choice, rejected) for ballot in ballots]
    return Settled("output", choice, rejected, n, agreement, abs(sum(signed)) / n)


def by_hand(ballots: Sequence[Ballot], outputs: Sequence[int], choice: int | str, strength: int | None) -> Settled:
    """What somebody decided in the place of the rule: `n` votes were before them, of which `agreement` say the same;
    `margin` is their own strength.

    Args:
        choice: an output's id, or a level outcome; `strength` (1 or 2) goes with an output.
    """
    n = len(ballots)
    agreement = sum(ballot.choice == choice for ballot in ballots) / n
    if isinstance(choice, str):
        return Settled(choice, None, None, n, agreement, None, "adjudicated")
    rejected = _worst(ballots, [output for output in outputs if output != choice])
    return Settled("output", choice, rejected, n, agreement, float(strength or 1), "adjudicated")


def _worst(ballots: Sequence[Ballot], others: Sequence[int]) -> int:
    """The other output, or of several the one ranked lowest on average; the earlier in the item where level."""
    if len(others) == 1:
        return others[0]
    depth = dict.fromkeys(others, 0.0)
    for ballot in ballots:
        for tier, members in enumerate(ballot.ranking or ()):
            for output in members:
                if output in depth:
                    depth[output] += tier
    return max(others, key=lambda output: depth[output])


def _signed(ballot: Ballot, preferred: int, rejected: int) -> int:
    """How a ballot stands on this pair: its strength, positive for the preferred, 0 where level."""
    if ballot.ranking is not None:
        tier = {output: place for place, members in enumerate(ballot.ranking) for output in members}
        return (tier[preferred] < tier[rejected]) - (tier[preferred] > tier[rejected])
    if ballot.choice == preferred:
        return ballot.strength or 1
    return -(ballot.strength or 1) if ballot.choice == rejected else 0


RULES: Final[dict[str, Callable[[Sequence[Ballot], Sequence[int]], Settled]]] = {"strict_majority": strict_majority}
