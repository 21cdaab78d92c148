"""Which prompts are the same question, or nearly, and into which split it falls. Pure functions.

Case, accents, punctuation and spacing do not make another question. Nearly the same are words whose three-letter pieces
are mostly the same ("¿Qué juguetes prefieren los niños?", "… las niñas?"), in any order, unless they hold other
numbers: a sum with other figures is another sum.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from annotations import sketches

NEAR: Final = 0.8
"""So great a share of their pieces two questions have in common to be nearly the same (Jaccard). In 500 questions about
Mexico that people wrote for a public test there are 19 such pairs: breakfast and dinner, boys and girls."""
PIECE, BANDS, ROWS = 3, 10, 4
"""Letters of a piece; and of what `bands` are made. Of pairs at `NEAR` 99.5 % share one, of pairs at half of it 23 %,
which are compared for nothing."""
SPLITS = (("test", 0.05), ("validation", 0.10), ("train", 1.0))
"""Upper ends on [0, 1): 5 % test, 5 % validation, the rest train."""


def content_key(*parts: Any) -> str:
    """SHA-256 of the canonical JSON of the parts."""
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def bare(text: str) -> str:
    """The words of a text and nothing else, so that case, accents, punctuation and spacing make no difference; the text
    itself where it has none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", plain).strip() or text


def words_of(messages: Sequence[Mapping[str, str]]) -> str:
    """The words of a prompt."""
    return bare(" ".join(message["content"] for message in messages))


def words_key(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def group_key(messages: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of the prompt's words."""
    return words_key(words_of(messages))


def same_words(one: str, other: str) -> bool:
    return group_key([{"content": one}]) == group_key([{"content": other}])


def is_near(one: str, other: str) -> bool:
    """Whether these words (`words_of`) ask nearly the same."""
    if _numbers(one) != _numbers(other):
        return False
    pieces, others = _pieces(one), _pieces(other)
    return len(pieces & others) >= NEAR * len(pieces | others)


def bands(words: str) -> list[int]:
    """By what is found what may be near (`sketches.py`)."""
    return sketches.bands(_pieces(words), count=BANDS, rows=ROWS, mark=" ".join(_numbers(words)))


def _pieces(words: str) -> set[str]:
    return {words[at : at + PIECE] for at in range(max(1, len(words) - PIECE + 1))}


def _numbers(words: str) -> list[str]:
    return sorted(re.findall(r"\d+", words))


def split_of(key: str, role: str) -> str:
    """The split of a group: a function of its key alone, so that no row ever moves when others come or go."""
    if role == "evaluate":
        return "evaluate"
    place = int(hashlib.sha256(b"minka-split-1:" + key.encode()).hexdigest()[:13], 16) / 16**13
    return next(name for name, end in SPLITS if place < end)
