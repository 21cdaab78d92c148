"""Personal data in free text: where it stands, of which kind, and whether a check digit proves it.

A number of identity is found when its check digit is right and it is written the way its country writes it
(`12.345.678-5`), or bare after a word that names it ("RUT 123456785"). A bare number with nothing around it is a
number: one in ten would pass for somebody's. Kinds without a check digit (an Argentine DNI, a Colombian cédula) are
found after their word only. Numbers of firms, and numbers of one digit repeated, are nobody's.

Methods: python-stdnum (check digits; the Uruguayan one is here, it is not there), phonenumbers (Google's table of
numbering plans), ISO/IEC 7812 (cards). Positions are in Unicode code points, as Python counts.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import phonenumbers
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum import luhn
from stdnum.ar import cuit
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.do import cedula
from stdnum.ec import ci
from stdnum.mx import curp
from stdnum.pe import cui


class Found(NamedTuple):
    """A stretch of text, `text[start:end]`. `proven` says that a check digit is right."""

    start: int
    end: int
    kind: str
    proven: bool


class Notice(NamedTuple):
    """What a form says about a stretch of text before it is sent."""

    start: int
    end: int
    kind: str
    sentence: str


def _uruguayan(number: str) -> bool:
    """Cédula of Uruguay: weights 2 9 8 7 6 3 4 over the seven digits before the last, modulo 10."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    if len(digits) not in (7, 8):
        return False
    *body, check = [0] * (8 - len(digits)) + digits
    return -sum(w * d for w, d in zip((2, 9, 8, 7, 6, 3, 4), body, strict=True)) % 10 == check


_IS_CARD = re.compile(r"4|5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720)|3[457]|6")


def _card(number: str) -> bool:
    digits = re.sub("[^0-9]", "", number)
    return bool(_IS_CARD.match(digits)) and luhn.is_valid(digits)


def _of_person(number: str) -> bool:
    """A Chilean RUT that is right; from fifty million upwards they are firms'."""
    return rut.is_valid(number) and int(rut.compact(number)[:-1]) < 50_000_000


def _cuit(number: str) -> bool:
    return cuit.is_valid(number) and cuit.compact(number)[:2] in ("20", "23", "24", "25", "26", "27")


def _peruvian(number: str) -> bool:
    return len(cui.compact(number)) == 9 and cui.is_valid(number)


class _Kind(NamedTuple):
    """How a kind of number is written, what word names it, and what proves it."""

    name: str
    written: str
    word: str
    bare: str
    proof: Callable[[str], bool] | None


_KINDS: Final = (
    _Kind("curp", r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]", "", "", curp.is_valid),
    _Kind("card", r"[0-9]{4}(?P<gap>[ -]?)(?:[0-9]{4}(?P=gap)){2}[0-9]{4}(?:(?P=gap)[0-9]{3})?"
                  r"|3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}", "", "", _card),
    _Kind("cpf", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", r"cpf", r"[0-9]{11}", cpf.is_valid),
    _Kind("cuit", r"2[0-9]-[0-9]{8}-[0-9]", r"cui[tl]", r"[0-9]{11}", _cuit),
    _Kind("rut", r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk]|[0-9]{7,8}-[0-9Kk]", r"ru[nt]", r"[0-9]{7,8}[0-9Kk]",
          _of_person),
    _Kind("cedula_do", r"[0-9]{3}-[0-9]{7}-[0-9]", r"c[eé]dula", r"[0-9]{11}", cedula.is_valid),
    _Kind("cedula_uy", r"[0-9]\.[0-9]{3}\.[0-9]{3}-[0-9]", r"c[eé]dula|c\.?i\.?|documento", r"[0-9]{7,8}",
          _uruguayan),
    _Kind("cedula_ec", r"[0-9]{9}-[0-9]", r"c[eé]dula|c\.?i\.?", r"[0-9]{10}", ci.is_valid),
    _Kind("dni_pe", "", r"d\.?n\.?i\.?|cui", r"[0-9]{8}-?[0-9A-K]", _peruvian),
    _Kind("dni", "", r"d\.?n\.?i\.?", r"[0-9]{8}|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}", None),
    _Kind("cedula_co", "", r"c[eé]dula|c\.?c\.?", r"[0-9]{8,10}|[0-9]{1,3}(?:\.[0-9]{3}){2,3}", None),
)  # fmt: skip
NUMBERS: Final = tuple(kind.name for kind in _KINDS)
_BEFORE, _AFTER = r"(?<![0-9A-Za-z])(?<![0-9][.,-])", r"(?![0-9A-Za-z]|[.,-][0-9])"
_NAMED = r"\b(?:{word})(?![a-zé])[^0-9\n]{{0,20}}?"


def _patterns(kind: _Kind) -> Iterator[re.Pattern[str]]:
    if kind.written:
        yield re.compile(f"{_BEFORE}(?P<it>{kind.written}){_AFTER}")
    if kind.word:
        named = _NAMED.format(word=kind.word)
        yield re.compile(f"{named}{_BEFORE}(?P<it>{kind.bare}){_AFTER}", re.IGNORECASE)


_SEARCHES: Final = tuple((kind, pattern) for kind in _KINDS for pattern in _patterns(kind))
_SIX_DIGITS = re.compile("(?:[0-9][ .-]?){6}")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_HANDLE = re.compile(r"(?<![\w@./+-])@[A-Za-z_][\w.]{0,28}\w")
# One code point for one code point, so that places stay what they are.
_PLAIN = {ord(dash): "-" for dash in "‐‑‒–—−"} | dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_PLAIN |= {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("＠"): "@"}


def find(text: str, country: str = "") -> list[Found]:
    """Personal data in a text, in its order and without overlaps; what a check digit proves comes before what only
    looks so. With a `country` (ISO 3166, two letters) telephone numbers in its national writing are found too."""
    plain = text.translate(_PLAIN)
    found: list[Found] = []
    for each in (*_numbers(plain), *_addresses(plain), *_phones(plain, country)):
        if all(each.end <= other.start or each.start >= other.end for other in found):
            found.append(each)
    return sorted(found)


def proven(text: str) -> bool:
    """True when a number of somebody's identity, or a card's, stands in the text with the right check digit."""
    return any(True for found in _numbers(text.translate(_PLAIN)) if found.proven)


def _numbers(text: str) -> Iterator[Found]:
    if not _SIX_DIGITS.search(text):  # most texts, and all kinds have as many
        return
    for kind, pattern in _SEARCHES:
        for match in pattern.finditer(text):
            number = match["it"]
            if len(set(re.sub("[^0-9]", "", number))) > 1 and (kind.proof is None or kind.proof(number)):
                yield Found(match.start("it"), match.end("it"), kind.name, kind.proof is not None)


def _addresses(text: str) -> Iterator[Found]:
    for name, pattern in (("url", _URL), ("email", _EMAIL), ("handle", _HANDLE)):
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), name, proven=False)


def _phones(text: str, country: str) -> Iterator[Found]:
    if re.search(r"[0-9](?:[^0-9\n]{0,3}[0-9]){6}", text):
        for match in phonenumbers.PhoneNumberMatcher(text, country or None):
            yield Found(match.start, match.end, "phone", proven=False)


# For forms ----------------------------------------------------------------------------------------------------------

_CALLED: Final[dict[str, Promise]] = {
    "email": _("This looks like an e-mail address."),
    "url": _("This looks like a link to a page."),
    "handle": _("This looks like somebody's name in a network."),
    "phone": _("This looks like a telephone number."),
    "card": _("This looks like the number of a card."),
}
_A_NUMBER = _("This looks like the number of somebody's identity document.")


def warn(text: str, language: str, country: str = "") -> list[Notice]:
    """What to say to whoever wrote this, before it is sent: a sentence in `language` for each stretch. Nothing is
    refused here; who wrote it knows whether it is anybody's."""
    with translation.override(language):
        return [
            Notice(found.start, found.end, found.kind, str(_CALLED.get(found.kind, _A_NUMBER)))
            for found in find(text, country)
        ]
