"""What is so rare that somebody should look. Pure functions of counts."""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

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
ALIKE_AT_LEAST: Final = 0.05
"""People differ at least so much in how often they find answers level (the correlation of two answers of one person),
however few there are to measure it."""
COMPARED: Final = 20
"""Fewer people than that are nobody to compare with where tastes differ."""

PLACES: Final = ("first", "second")
LEVEL: Final = ("tie", "both_good", "both_bad")


def too_fast(seconds: float, words: int) -> bool:
    """Whether nobody could have read so many words in this time."""
    return seconds * WORDS_A_SECOND < words


def mostly_fast(part: int, whole: int) -> bool:
    return whole >= FEWEST and part >= HALF * whole


def strength(part: int, whole: int) -> float:
    """How great the share is at least, 39 times of 40: Wilson's lower bound (1927, J. of the American Statistical
    Association 22). One of one comes after thirty of forty."""
    z = 1.96
    share, more = part / whole, z * z / whole
    return max(0.0, (share + more / 2 - z * math.sqrt((share * (1 - share) + more / 4) / whole)) / (1 + more))


# One button ---------------------------------------------------------------------------------------------------------


class Shares(NamedTuple):
    """How often people press a button, added up so that one of them can be left out: of so many `people`, `chosen` of
    `given` answers; `squares` is the sum of chosen²/given, `sizes` that of given²."""

    people: int = 0
    chosen: int = 0
    given: int = 0
    squares: float = 0
    sizes: int = 0

    def and_one(self, chosen: int, given: int, sign: int = 1) -> "Shares":
        return Shares(
            self.people + sign, self.chosen + sign * chosen, self.given + sign * given,
            self.squares + sign * chosen * chosen / given, self.sizes + sign * given * given,
        )  # fmt: skip

    @property
    def share(self) -> float:
        return self.chosen / max(1, self.given)

    def towards(self, share: float, answers: int) -> float:
        """Their share, as if so many answers more had come with this one: a few answers move it little."""
        return (self.chosen + share * answers) / (self.given + answers)

    @property
    def spread(self) -> float:
        """How much people differ: the correlation of two answers of one person, by the analysis of variance (Fleiss,
        Levin and Paik 2003, chapter 15), at least `ALIKE_AT_LEAST`."""
        between = (self.squares - self.chosen**2 / self.given) / (self.people - 1)
        within = (self.chosen - self.squares) / max(1, self.given - self.people)
        each = (self.given - self.sizes / self.given) / (self.people - 1)
        every = between + (each - 1) * within
        return min(0.99, max(ALIKE_AT_LEAST, (between - within) / every if every > 0 else 0))


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
        enough = [person for person in people if sum(person.values()) >= FEWEST]
        self.tests = len(enough) * len(PLACES + LEVEL)
        self.shares: dict[str, Shares] = dict.fromkeys(PLACES + LEVEL, Shares())
        for button, (chosen, given) in ((b, c) for person in enough for b, c in _counts(person).items()):
            if given:
                self.shares[button] = self.shares[button].and_one(chosen, given)

    def one_button(self, person: Mapping[str, int]) -> Pressed | None:
        """The button this person, who is one of them, presses far more often than the others, if there is one."""
        if sum(person.values()) < FEWEST:
            return None
        found = [self._pressed(button, *counts) for button, counts in _counts(person).items()]
        return min((each for each in found if each), key=lambda each: each.by_chance, default=None)

    def _pressed(self, button: str, chosen: int, given: int) -> Pressed | None:
        if given < FEWEST or chosen < MOSTLY * given:
            return None
        others = self.shares[button].and_one(chosen, given, -1)
        if button in PLACES:
            lean = max(0.5, others.towards(0.5, EXPECTED)) + LEAN
            chance = binomial_tail(chosen, given, min(0.99, lean))
        elif others.people >= COMPARED:
            chance = beta_binomial_tail(chosen, given, others.towards(0.5, 2), others.spread)
        else:
            return None
        rare = min(1.0, chance * self.tests)  # Bonferroni's, of everybody and every button
        return Pressed(button, chosen, given, others.share, rare) if rare < RARE else None


def _counts(person: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """For each button, how often it was pressed of how often it could have been: a place among the answers that prefer
    one, a level answer among all."""
    pressed = Counter(person)
    preferred, every = sum(pressed[place] for place in PLACES), pressed.total()
    return {place: (pressed[place], preferred) for place in PLACES} | {each: (pressed[each], every) for each in LEVEL}


def binomial_tail(chosen: int, given: int, share: float) -> float:
    """How likely so many or more of `given` are, each with this chance."""
    yes, no = math.log(share), math.log1p(-share)
    return _added(_ways(given, k) + k * yes + (given - k) * no for k in range(chosen, given + 1))


def beta_binomial_tail(chosen: int, given: int, share: float, spread: float) -> float:
    """The same where the chance is another for each person: about this share, and people differ by this spread."""
    whole = 1 / spread - 1
    a, b = share * whole, (1 - share) * whole
    return _added(_ways(given, k) + _log_beta(k + a, given - k + b) - _log_beta(a, b) for k in range(chosen, given + 1))


def _added(logs: Collection[float] | object) -> float:
    return min(1.0, math.fsum(math.exp(each) for each in logs))  # type: ignore[attr-defined]


def _ways(given: int, chosen: int) -> float:
    return math.lgamma(given + 1) - math.lgamma(chosen + 1) - math.lgamma(given - chosen + 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
