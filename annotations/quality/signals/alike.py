"""Which texts are alike. Pure functions.

Each text has a sketch (`annotations/sketches.py`) of its stretches of three words. Two texts of which half of the
stretches are the same share a band in 93 of 100 cases, two of which a tenth are in 2; only those that share one are
compared, character by character (rapidfuzz).
"""

from typing import Final

from rapidfuzz import fuzz

from annotations import sketches
from annotations.corpus.grouping import bare

NEAR: Final = 0.9
"""From here on two texts are nearly the same: one character of ten is another, or comes, or goes."""
FEWEST_WORDS: Final = 12
"""Of shorter texts two people honestly write the same. One person's own are compared all the same, when they are
equal."""
STRETCH: Final = 3
BANDS: Final = 20
ROWS: Final = 3


def sketch(text: str, *, whole: bool = True) -> list[int]:
    """By what a text is found again: a hash of all its words, unless left out, and one of each band, none of a text
    that is too short. Case, accents and punctuation are left aside."""
    words = bare(text).split()
    found = [sketches.whole(" ".join(words))] if whole else []
    if len(words) < FEWEST_WORDS:
        return found
    stretches = {" ".join(words[at : at + STRETCH]) for at in range(len(words) - STRETCH + 1)}
    return found + sketches.bands(stretches, count=BANDS, rows=ROWS)


def is_short(text: str) -> bool:
    return len(bare(text).split()) < FEWEST_WORDS


def near(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1, or 0 below `NEAR`."""
    first, second = bare(one), bare(other)
    return 1.0 if first == second else fuzz.ratio(first, second, score_cutoff=100 * NEAR) / 100
