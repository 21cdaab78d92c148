"""How two texts differ: in how many characters (rapidfuzz), and in which words (difflib). Pure functions, bounded in
time whatever they get."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Final, Literal

MAX_WORDS: Final = 6_000
"""Words and spaces between the first and the last change; texts that differ in more are shown as two texts."""

Change = tuple[Literal["=", "-", "+"], str]
"""A stretch that stays, goes or comes."""


def distance(before: str, after: str) -> int:
    """The fewest characters (Unicode code points) to insert, delete or replace to make one of the other: Levenshtein's
    distance."""
    from rapidfuzz.distance import Levenshtein  # asked for once in a while, and not small

    return Levenshtein.distance(before, after)


def changes(before: str, after: str) -> list[Change]:
    """What stays, goes and comes, word by word, in the order one reads it; of what changes, what goes stands first."""
    old, new = _words(before), _words(after)
    start, end = _same(old, new)
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    found: list[Change] = [("=", "".join(old[:start]))]
    for kind, a, b, c, d in _blocks(middle_old, middle_new):
        if kind == "equal":
            found.append(("=", "".join(middle_old[a:b])))
        else:
            found += [("-", "".join(middle_old[a:b])), ("+", "".join(middle_new[c:d]))]
    found.append(("=", "".join(old[len(old) - end :])))
    return [change for change in found if change[1]]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)


def _same(one: Sequence[Any], other: Sequence[Any]) -> tuple[int, int]:
    """How long the same beginning is, and the same end after it."""
    most = min(len(one), len(other))
    start = next((place for place in range(most) if one[place] != other[place]), most)
    rest = most - start
    end = next((place for place in range(rest) if one[-1 - place] != other[-1 - place]), rest)
    return start, end


def _blocks(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    if max(len(old), len(new)) > MAX_WORDS:
        return [("replace", 0, len(old), 0, len(new))]
    return list(SequenceMatcher(None, old, new).get_opcodes())
