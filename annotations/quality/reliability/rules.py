"""Pairs of counts, and with whom an answer is compared. Pure functions."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Final, NamedTuple

from annotations.quality.intervals import wilson

FEWEST: Final = 20
"""Judgements below which no figure is shown: of so few, chance would say most."""
VOICES: Final = 2
"""Others a majority needs: one other voice is no majority."""


class Pair(NamedTuple):
    """In so many of so many others say the same."""

    agreed: int = 0
    of: int = 0

    def plus(self, agrees: bool) -> "Pair":  # noqa: FBT001 -- one of two outcomes
        return Pair(self.agreed + agrees, self.of + 1)

    @property
    def others(self) -> int:
        """In how many they do not."""
        return self.of - self.agreed

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of the share, or None where nothing was compared."""
        return wilson(self.agreed, self.of) if self.of else None


class Voice(NamedTuple):
    """One counted vote in a cell. `person` is None where nobody is behind it any more; `trusted` where an anchor gave
    it."""

    person: int | None
    variety: str
    choice: Hashable
    trusted: bool = False


class Beside(NamedTuple):
    """A vote beside what trusted speakers, and what the others, say of the same; None where that is nothing."""

    voice: Voice
    anchors: bool | None
    others: bool | None


def beside(voices: Sequence[Voice]) -> Iterator[Beside]:
    """Each vote of a cell that somebody is behind, beside the votes without it: nobody is compared with themselves."""
    everybody = Counter(voice.choice for voice in voices)
    trusted = Counter(voice.choice for voice in voices if voice.trusted)
    for voice in voices:
        if voice.person is None:
            continue
        own = Counter([voice.choice])
        anchors = majority(trusted - own if voice.trusted else trusted, fewest=1)
        others = majority(everybody - own)
        yield Beside(voice, _same(voice, anchors), _same(voice, others))


def _same(voice: Voice, said: Hashable | None) -> bool | None:
    return None if said is None else voice.choice == said


def majority(said: Counter[Hashable], fewest: int = VOICES) -> Hashable | None:
    """What more than half of these say, of `fewest` or more; None where there is no such thing."""
    every = said.total()
    if not said or every < fewest:
        return None
    choice, many = said.most_common(1)[0]
    return choice if 2 * many > every else None
