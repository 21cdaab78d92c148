"""Which prompts are the same question, and into which split it falls. Pure functions."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

SPLITS = (("test", 0.05), ("validation", 0.10), ("train", 1.0))
"""Upper ends on [0, 1): 5 % test, 5 % validation, the rest train."""


def content_key(*parts: Any) -> str:
    """SHA-256 of the canonical JSON of the parts."""
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def group_key(messages: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of the prompt's words: case, accents, punctuation and spacing do not make another question."""
    return hashlib.sha256(bare(" ".join(message["content"] for message in messages)).encode()).hexdigest()


def bare(text: str) -> str:
    """The words of a text and nothing else; the text itself where it has none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", plain).strip() or text


def same_words(one: str, other: str) -> bool:
    return group_key([{"content": one}]) == group_key([{"content": other}])


def split_of(key: str, role: str) -> str:
    """The split of a group: a function of its key alone, so that no row ever moves when others come or go."""
    if role == "evaluate":
        return "evaluate"
    place = int(hashlib.sha256(b"minka-split-1:" + key.encode()).hexdigest()[:13], 16) / 16**13
    return next(name for name, end in SPLITS if place < end)
