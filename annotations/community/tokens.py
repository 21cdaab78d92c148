"""The tokens of `static/tokens.css` as the file itself says them, and how well each text can be read on its ground.

Contrast is that of WCAG 2.2 (relative luminance of sRGB, section 1.4.3): text needs 4.5 at least, 7 where somebody asks
their device for more contrast.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders

SCHEMES: Final = {
    "light": (),
    "dark": ("(prefers-color-scheme: dark)",),
    "light, more contrast": ("(prefers-contrast: more)",),
    "dark, more contrast": (
        "(prefers-color-scheme: dark)", "(prefers-contrast: more)",
        "(prefers-contrast: more) and (prefers-color-scheme: dark)",
    ),
    "print": ("print",),
}  # fmt: skip
"""What a device may ask for, and the media queries that then hold, in the file's order."""

TEXTS: Final = ("ink", "muted", "clay", "sea", "rose", "leaf", "sun")
GROUNDS: Final = ("paper", "card")
PAIRS: Final = (
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    ("on-clay", "clay"), ("on-sea", "sea"), ("on-rose", "rose"), ("card", "muted"), ("leaf", "leaf-soft"),
    ("sun", "sun-soft"), ("ink", "sea-soft"), ("sea", "sea-soft"), ("muted", "sea-soft"),
)  # fmt: skip
"""(text, ground) wherever a text of ours stands."""

_BLOCK = re.compile(r"(?:@media\s+([^{]+?)\s*)?(?:\{\s*)?:root\s*\{([^}]*)\}")
_PROPERTY = re.compile(r"--([\w-]+)\s*:\s*([^;]+);")


@lru_cache(maxsize=1)
def blocks() -> list[tuple[str, dict[str, str]]]:
    """(media query or empty, its tokens) in the order of the file."""
    text = re.sub(r"/\*.*?\*/", "", Path(str(finders.find("tokens.css"))).read_text("utf-8"), flags=re.DOTALL)
    return [(found[1] or "", dict(_PROPERTY.findall(found[2]))) for found in _BLOCK.finditer(text)]


def tokens(scheme: str) -> dict[str, str]:
    """Every token with its value, as a device that asks for this sees it."""
    known: dict[str, str] = {}
    for query, values in blocks():
        if not query or query in SCHEMES[scheme]:
            known |= values
    return known


def is_colour(value: str) -> bool:
    return value.startswith("#")


def contrast(one: str, other: str) -> float:
    """Between two colours written `#rgb` or `#rrggbb`, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (_linear(int(digits[place : place + 2], 16) / 255) for place in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
