"""By what texts that are alike are found, so that nobody compares everything with everything.

A text is a set of pieces. MinHash (Broder 1997) makes a few numbers of it that are the same as another's as often as
the two share pieces; cut into bands (Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, 3.4), two texts
share one band nearly always where they are alike and seldom where not. Only what shares one is compared. Sketches are
kept in the database: `tests/corpus/test_groups.py` holds them to what they were, whatever the library brings.
"""

import hashlib
from collections.abc import Iterable

from rensa import RMinHash


def bands(pieces: Iterable[str], *, count: int, rows: int, mark: str = "") -> list[int]:
    """So many whole numbers of 64 bits, signed as the database's are: of two sets that share a part `s` of their pieces
    one at least is the same with a chance of 1 - (1 - s ** rows) ** count. Those with another `mark` share none."""
    minhash = RMinHash(num_perm=count * rows, seed=1)
    minhash.update(sorted(pieces))
    least = minhash.digest()
    return [whole(f"{nth} {least[nth * rows : (nth + 1) * rows]} {mark}") for nth in range(count)]


def whole(text: str) -> int:
    """A text as a whole number of 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)
