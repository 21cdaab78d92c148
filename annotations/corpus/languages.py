"""In which language a text seems to be. What its importer says is the truth: this is a mark for whoever looks, and
holds nothing back.

The detector is CLD2 (Compact Language Detector 2, R. Sites, 2013). It is sure of whole sentences in the great languages
and of little else, so only these are told, only of a text of some length, and only where nearly all of it is in one.
"""

from typing import Final

TOLD: Final = ("de", "en", "es", "fr", "it", "pt")
"""Languages a text is said to look like."""
FEWEST_BYTES: Final = 60
NEARLY_ALL: Final = 85
"""Percent of the text."""


def looks_like(text: str, variety: str) -> str:
    """The language a text seems to be in (ISO 639-1), where that is not the one of its variety (BCP 47, or a tag of our
    table); empty where it is, or where nobody could tell."""
    import pycld2

    try:
        is_sure, size, found = pycld2.detect(text)
    except (pycld2.error, ValueError):  # control characters: it reads no such text
        return ""
    _name, language, percent, _score = found[0]
    tells = is_sure and size >= FEWEST_BYTES and percent >= NEARLY_ALL and language in TOLD
    return language if tells and language != variety.split("-")[0] else ""
