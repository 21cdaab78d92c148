"""What is wrong with a translation, and what is only odd. Pure functions over the two texts.

What is wrong is told in plain words and stops it: the source copied into another language; a placeholder, tag, address
or number lost or added. These are compared as multisets, so that order is free. What is odd (`Doubt`) is asked about
once and stored by its code: word lists and phrases are evidence and prove nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from annotations.corpus.grouping import same_words
from annotations.seeding import read

MARKERS: Final = Path(__file__).parent / "seeds" / "markers.csv"
ENOUGH: Final = 3
"""Points of markers that make a doubt."""

OTHER_VARIETY, MACHINE_LIKE, SAME_AS_SOURCE = "other_variety", "machine_like", "same_as_source"

_PLACEHOLDER = re.compile(
    r"""
      https?://[^\s<>"'`]+            # an address of the web
    | \$\{[^{}\s]*\}                  # ${name}
    | \{\{[^{}]*\}\}                  # {{ name }}
    | \{[\w.:!]*\}                    # {name}, {0}, {}
    | %\([^()\s]*\)[#0\- +]?[\d.]*[a-zA-Z]  # %(name)s
    | (?<![\w%])%(?:\d+\$)?[sdif@](?!\w)    # %s, %1$s
    | </?[a-zA-Z][^<>]*>              # <b>, </b>, <br/>
    """,
    re.VERBOSE,
)
_AFTER_AN_ADDRESS = ".,;:!?)]}»”"
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?:[.,'’\u00a0\u202f]\d{3}|\u0020\d{3}(?!\d))+(?!\d)")
_SPACES = "\u0020\u00a0\u202f.,'’"
_MACHINES = re.compile(
    r"""
      \bas\ an\ ai\b | \bhere\ is\ (?:the|a|your)\ translation\b | \bi\ (?:cannot|can't)\ translate\b
    | \b(?:aquí|aqui|acá)\ (?:está|tienes|tiene)\ (?:la|una|tu|su)\ traducción\b
    | \bcomo\ (?:una\ ia|modelo\ de\ lenguaje)\b
    | \b(?:aqui\ está|segue)\ a\ tradução\b | \bcomo\ (?:uma\ ia|um\ modelo\ de\ linguagem|modelo\ de\ linguagem)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


# What is wrong ------------------------------------------------------------------------------------------------------


def faults(source: str, text: str, *, same_language: bool) -> list[str]:
    """What stops a translation, a sentence each, in the language of the page; empty where nothing does."""
    found = list(_differing(placeholders(source), placeholders(text), _("Missing, exactly as it is written: %s")))
    if not same_numbers(source, text):
        found += _differing(numbers(source), numbers(text), _("Missing, in digits: %s"))
    if not same_language and is_copy(source, text):
        found.append(_("These are the words of the source; they are wanted in the other language."))
    return found


def is_copy(source: str, text: str) -> bool:
    """The same words, two or more: a single one can be a name, or the same in both."""
    return len(_words(_PLACEHOLDER.sub(" ", source))) > 1 and same_words(source, text)


def placeholders(text: str) -> Counter[str]:
    """What a program puts something into or reads: `{name}`, `%(x)s`, `<b>`, addresses of the web."""
    found = (match.group() for match in _PLACEHOLDER.finditer(text))
    return Counter(each.rstrip(_AFTER_AN_ADDRESS) if each.startswith("http") else each for each in found)


def numbers(text: str) -> Counter[str]:
    """Numbers outside placeholders by their digits: `1.000,5` and `1,000.5` are 1000 and 5, however they are set."""
    bare = _GROUPED.sub(lambda match: _joined(match.group()), _PLACEHOLDER.sub(" ", text))
    return Counter(re.findall(r"\d+", bare))


def _joined(number: str) -> str:
    return number.translate(dict.fromkeys(map(ord, _SPACES)))


def same_numbers(source: str, text: str) -> bool:
    """The same multiset of numbers, thousands joined or as they stand, or the same digits in the same order: a
    telephone that is set in other groups is the same telephone."""
    if numbers(source) == numbers(text):
        return True
    one, other = (re.findall(r"\d+", _PLACEHOLDER.sub(" ", each)) for each in (source, text))
    return Counter(one) == Counter(other) or "".join(one) == "".join(other)


def _differing(wanted: Counter[str], given: Counter[str], missing: str) -> Iterator[str]:
    for found, told in ((wanted - given, missing), (given - wanted, _("Not in the source: %s"))):
        if found:
            yield told % " · ".join(sorted(found.elements()))


# What is odd --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doubt:
    """Something to look at twice: its code, and what is told of it."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Marker:
    """A word that tells where a text is at home: `varieties` say it, others hardly; `points` say how telling it is."""

    varieties: frozenset[str]
    points: int


def doubts(source: str, text: str, *, near: Iterable[str], same_language: bool, made_by_machine: bool) -> list[Doubt]:
    """What is odd about a text in a variety; `near` holds its tag, those it is within and those within it."""
    found = []
    if same_language and same_words(source, text):
        found.append(Doubt(SAME_AS_SOURCE, _("It says the same words as the source. Is it said just like that here?")))
    if elsewhere := words_of_others(text, frozenset(near)):
        told = _("Heard more in other places: %s. If it is said here too, it is fine.")
        found.append(Doubt(OTHER_VARIETY, told % ", ".join(elsewhere)))
    if made_by_machine or _MACHINES.search(text):
        found.append(Doubt(MACHINE_LIKE, _("It reads like the answer of a machine. Only a person's own words count.")))
    return found


def words_of_others(text: str, near: frozenset[str]) -> list[str]:
    """Words of varieties that are not `near`, in the order of the text, where together they are telling enough."""
    found = {word: markers()[word] for word in _words(text) if word in markers()}
    strange = {word: marker for word, marker in found.items() if not marker.varieties & near}
    return list(strange) if sum(marker.points for marker in strange.values()) >= ENOUGH else []


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*", text.casefold())


@cache
def markers() -> Mapping[str, Marker]:
    """By word, in lower case."""
    return {
        row["word"]: Marker(frozenset(row["varieties"].split(";")), int(row["points"])) for row in read(MARKERS)
    }  # fmt: skip
