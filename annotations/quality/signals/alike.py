"""Which texts are alike. Pure functions; numpy is loaded with this file, so it is the night's.

Comparing all with all is out of the question. So each text has a sketch: MinHash (Broder 1997) of its stretches of
three words, cut into bands (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3). Two texts of which
half of the stretches are the same share a band in 93 of 100 cases, two of which a tenth are in 2; only those that share
one are compared, character by character (rapidfuzz).
"""

import hashlib
import zlib
from typing import Final

import numpy as np
from rapidfuzz import fuzz

from annotations.corpus.grouping import bare

NEAR: Final = 0.9
"""From here on two texts are nearly the same: one character of ten is another, or comes, or goes."""
FEWEST_WORDS: Final = 12
"""Of shorter texts two people honestly write the same. One person's own are compared all the same, when they are
equal."""
STRETCH: Final = 3
BANDS: Final = 20
ROWS: Final = 3

_draw = np.random.default_rng(20261128)
_A = _draw.integers(1, 2**63, size=(BANDS * ROWS, 1), dtype=np.uint64) | np.uint64(1)
_B = _draw.integers(0, 2**63, size=(BANDS * ROWS, 1), dtype=np.uint64)


def sketch(text: str, *, whole: bool = True) -> list[int]:
    """By what a text is found again: a hash of all its words, unless left out, and one of each band, none of a text
    that is too short. Case, accents and punctuation are left aside."""
    words = bare(text).split()
    found = [_hash(b"=", " ".join(words).encode())] if whole else []
    if len(words) < FEWEST_WORDS:
        return found
    stretches = {" ".join(words[at : at + STRETCH]) for at in range(len(words) - STRETCH + 1)}
    hashes = np.array([zlib.crc32(each.encode()) for each in stretches], dtype=np.uint64)
    least = ((_A * hashes + _B) >> np.uint64(32)).min(axis=1).reshape(BANDS, ROWS)  # wraps at 2**64, as it should
    return found + [_hash(b"%d" % place, band.tobytes()) for place, band in enumerate(least)]


def _hash(place: bytes, content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8, person=place).digest(), signed=True)


def is_short(text: str) -> bool:
    return len(bare(text).split()) < FEWEST_WORDS


def near(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1, or 0 below `NEAR`."""
    first, second = bare(one), bare(other)
    return 1.0 if first == second else fuzz.ratio(first, second, score_cutoff=100 * NEAR) / 100
