"""What is so rare that somebody should look. Pure functions of counts."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from annotations.quality.intervals import wilson

WORDS_A_SECOND: Final = 10
"""Faster than anybody reads: 600 words a minute. Most adults read 175 to 300 of them silently (Brysbaert 2019, J. of
Memory and Language 109: 190 studies; Spanish and Portuguese within it), good readers 200 to 400 (Rayner et al. 2016,
Psychological Science in the Public Interest 17(1)), and what is faster is skimming."""
FEWEST: Final = 20
"""Fewer answers than that say nothing about how somebody works."""
HALF: Final = 0.5
"""The least part of somebody's answers that is too fast. One need not read to the end to see that an answer is in the
wrong language, so that single ones are nothing."""
MOSTLY: Final = 0.8
"""The least part of somebody's answers that one button has."""
RARE: Final = 0.01
"""One button is told of where anybody of so many people would press it so often by chance less often than this: in one
of a hundred campaigns at a time, somebody is told of who has honest reasons. It is asked anew each night, of answers
that are mostly the same."""
LEAN: Final = 0.15
"""So much more than others, and than half, somebody may lean to a place without being told of. The order is drawn anew
for each person and item, so no taste leads to a place; but people lean to what they read first. A choice of this
house: it makes 30 to 40 answers necessary where thousands of people take part."""
EXPECTED: Final = 100
"""That each place has a half is believed as if so many answers had said it, so that a few people's do not decide."""
TASTE: Final = 0.9
"""So often somebody may honestly find both bad, both good or alike, or half the way from others to always, whichever is
more. Tastes differ, and a variety that models write badly finds both bad nearly always. How tastes are spread is not
guessed from those that are there: tried so, a tenth of the people who think otherwise than the rest were told of in one
campaign of three. It makes 70 to 150 answers necessary."""

PLACES: Final = ("first", "second")
LEVEL: Final = ("tie", "both_good", "both_bad")


def too_fast(seconds: float, words: int) -> bool:
    """Whether nobody could have read so many words in this time."""
    return seconds * WORDS_A_SECOND < words


def mostly_fast(part: int, whole: int) -> bool:
    return whole >= FEWEST and part >= HALF * whole


def strength(part: int, whole: int) -> float:
    """How great the share is at least, 39 times of 40: one of one comes after thirty of forty."""
    return wilson(part, whole)[0]


# One button ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pressed:
    """That somebody pressed one button in `part` of `whole` answers; `others` press it in that share, and anybody of so
    many people would do so `by_chance` that seldom."""

    button: str
    part: int
    whole: int
    others: float
    by_chance: float


class Crowd:
    """How everybody in a campaign pressed its buttons: for each person, how often which."""

    def __init__(self, people: Collection[Mapping[str, int]]) -> None:
        self.tests = sum(sum(person.values()) >= FEWEST for person in people) * len(PLACES + LEVEL)
        self._chosen: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        for person in people:
            for button, (chosen, given) in _counts(person).items():
                self._chosen[button] += chosen
                self._given[button] += given

    def one_button(self, person: Mapping[str, int]) -> Pressed | None:
        """The button this person, who is one of them, presses far more often than the others, if there is one."""
        found = [self._pressed(button, *counts) for button, counts in _counts(person).items()]
        return min((each for each in found if each), key=lambda each: each.by_chance, default=None)

    def _pressed(self, button: str, part: int, whole: int) -> Pressed | None:
        if whole < FEWEST or part < MOSTLY * whole:
            return None
        chosen, given = self._chosen[button] - part, self._given[button] - whole
        chance = binomial_tail(part, whole, _honest(button, chosen, given))
        by_chance = min(1.0, chance * self.tests)  # Bonferroni's, of everybody and every button
        return Pressed(button, part, whole, chosen / max(1, given), by_chance) if by_chance < RARE else None


def _honest(button: str, chosen: int, given: int) -> float:
    """How often somebody may honestly press a button that others chose in so many of so many answers."""
    if button in LEVEL:
        return max(TASTE, (1 + chosen / max(1, given)) / 2)
    return min(0.99, max(0.5, (chosen + EXPECTED / 2) / (given + EXPECTED)) + LEAN)


def _counts(person: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """For each button, how often it was pressed of how often it could have been: a place among the answers that prefer
    one, a level answer among all."""
    pressed = Counter(person)
    preferred, every = sum(pressed[place] for place in PLACES), pressed.total()
    return {place: (pressed[place], preferred) for place in PLACES} | {each: (pressed[each], every) for each in LEVEL}


def binomial_tail(chosen: int, given: int, share: float) -> float:
    """How likely so many or more of `given` are, each with this chance."""
    if share >= 1:
        return 1.0
    yes, no = math.log(share), math.log1p(-share)
    every = math.lgamma(given + 1)
    logs = (
        every - math.lgamma(k + 1) - math.lgamma(given - k + 1) + k * yes + (given - k) * no
        for k in range(chosen, given + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))
