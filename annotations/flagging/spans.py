"""Where words stand in a text, and what stands there unseen. Pure functions; places are counted in Unicode code
points."""

import re
from typing import Final

_UNSEEN: Final = re.compile("[\ufe00-\ufe0e\U000e0100-\U000e01ef]")
"""Marks that change how a sign looks, and can carry a text that nobody sees; emoji need none of them."""
_MEANT: Final = frozenset("\n\t\u00a0\u202f\u200d")
"""Line ends, blanks, and what joins emoji."""


def in_sight(text: str) -> str:
    """The same text, with the name of each sign that cannot be seen: whoever decides about it reads all of it."""
    return "".join(
        sign if (sign.isprintable() or sign in _MEANT) and not _UNSEEN.match(sign) else f"⟨U+{ord(sign):04X}⟩"
        for sign in text
    )


def places_of(words: str, text: str) -> list[tuple[int, int]]:
    """`(start, end)` of every place where these words stand; between them may be any blanks and line ends."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return [match.span(1) for match in re.finditer(f"(?=({pattern}))", text)] if pattern else []


def span_of(words: str, text: str, near: int | None = None) -> tuple[int, int] | None:
    """The place of these words, or None: where they do not stand there, or several times and `near` does not say where.
    `near` is where a browser says that they begin; for it every line ends with one character."""
    found = places_of(words, text)
    if near is not None:
        found.sort(key=lambda place: abs(place[0] - text.count("\r\n", 0, place[0]) - near))
        found = found[:1]
    return found[0] if len(found) == 1 else None
