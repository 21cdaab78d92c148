"""What the checks of all kinds ask of an answer as it came: known fields, and texts one can keep."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.corpus.models import MAX_TEXT
from annotations.errors import Refused


def bad(name: str, reason: str | Promise) -> Refused:
    """The refusal of one field."""
    return Refused("invalid", reason, {name: str(reason)})


def only(answer: Mapping[str, Any], fields: Collection[str]) -> None:
    """`Refused` naming the first field that is none of these, so that nothing is dropped in silence."""
    if unknown := set(answer) - set(fields):
        raise bad(min(unknown), _("This field is not known."))


def plain_text(value: Any, name: str, most: int) -> str:
    """A text of a stranger, its lines ended as everywhere, at most so many characters (code points); or `Refused`.
    It may be empty."""
    if not isinstance(value, str):
        raise bad(name, _("Must be a text."))
    if "\x00" in value:
        raise bad(name, _("There is a sign in it that cannot be kept (NUL)."))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad(name, _("Half of a surrogate pair is not a character.")) from None
    plain = value.replace("\r\n", "\n").replace("\r", "\n")  # browsers end lines with two characters, people with one
    if len(plain) > most:
        told = _("This is %(count)s characters long; at most %(most)s fit.")
        raise bad(name, told % {"count": f"{len(plain):,}", "most": f"{most:,}"})
    return plain


def checked_text(value: Any, name: str = "text") -> str:
    """What somebody wrote: something, and no longer than a text of the corpus."""
    if not isinstance(value, str) or not value.strip():
        raise bad(name, _("Nothing is written yet."))
    return plain_text(value, name, MAX_TEXT)
