"""What reviews of one text come to. A pure function."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from annotations.differences import distance

READERS: Final = 2
"""Who agree on a text settle it."""


@dataclass(frozen=True)
class Said:
    """One review: `accept`, `edit` with its text, `reject`."""

    decision: str
    text: str = ""


@dataclass(frozen=True)
class Settled:
    """`accepted` or `edited` with the text that stands, or `rejected`."""

    outcome: str
    text: str = ""


def settle(said: Sequence[Said], written: str) -> Settled | None:
    """Two who say the same settle it; None while another one must be asked.

    Of two different edits the one that changes less stands, the earlier where they are level: it is their text. Where
    three say three things, two of them would take it and only one asks for a change, so it is accepted as it is.
    """
    count = Counter(each.decision for each in said)
    if count["reject"] >= READERS:
        return Settled("rejected")
    edits = [each.text for each in said if each.decision == "edit" and each.text]
    if count["edit"] >= READERS and edits:
        return Settled("edited", min(edits, key=lambda text: distance(written, text)))
    if count["accept"] >= READERS or len(said) > READERS:
        return Settled("accepted", written)
    return None
