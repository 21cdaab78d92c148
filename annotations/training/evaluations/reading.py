"""Reading an `evaluation.json`: it comes from a machine we do not know, so that of it only numbers are kept, each where
one is expected, under names that are short."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused

FORMAT: Final = 1
MOST: Final = 200
"""Varieties, domains or categories."""
LONGEST: Final = 80
"""Characters of a name."""
MEASURES: Final = ("sum", "per_token")
_SUM: Final = re.compile(r"[0-9a-f]{64}")
_VERSION: Final = re.compile(r"[0-9A-Za-z+]{1,32}")

Read = Callable[[Any], Any]


class _Wrong(Exception):
    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why


def read(document: Any) -> dict[str, Any]:
    """What is kept of an evaluation, as `evaluate.py` writes it: `format`, `model`, `base`, `release_id`, `version`,
    `preference`, `sft`, `flagged`, `left_out`.

    Raises:
        Refused: `invalid`; `errors` say where something else was expected.
    """
    try:
        told = document if isinstance(document, Mapping) else {}
        return {name: _at(told, name, how) for name, how in _DOCUMENT.items()}
    except _Wrong as wrong:
        raise Refused(
            "invalid", _("That is not what evaluate.py leaves."), {wrong.where: [f"expected: {wrong.why}"]}
        ) from None


def _at(told: Mapping[str, Any], name: str, how: Read) -> Any:
    try:
        return how(told.get(name))
    except _Wrong as wrong:
        raise _Wrong(".".join(filter(None, (name, wrong.where))), wrong.why) from None


def _format(value: Any) -> int:
    if value != FORMAT:
        raise _Wrong("", f"a document of format {FORMAT}")
    return FORMAT


def _fits(pattern: re.Pattern[str], why: str) -> Read:
    def how(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _Wrong("", why)
        return value

    return how


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**31:
        raise _Wrong("", "a whole number")
    return value


def _number(low: float, high: float) -> Read:
    def how(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high or not math.isfinite(value):
            raise _Wrong("", f"a number from {low:g} to {high:g}")
        return float(value)

    return how


def _maybe(how: Read) -> Read:
    return lambda value: None if value is None else how(value)


def _of(**parts: Read) -> Read:
    """A mapping of which these parts are kept."""

    def how(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _Wrong("", "an object")
        return {name: _at(value, name, part) for name, part in parts.items()}

    return how


def _each(part: Read) -> Read:
    """A mapping of whatever names, each with the same."""

    def how(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or len(value) > MOST:
            raise _Wrong("", f"an object of at most {MOST} names")
        if any(not 0 < len(name) <= LONGEST or not name.isprintable() for name in value):
            raise _Wrong("", f"names of at most {LONGEST} characters")
        return {name: _at(value, name, part) for name in value}

    return how


def _passing(**more: Read) -> Read:
    """Of how many items how many pass, no more than there are."""
    counts = _of(items=_count, model=_count, base=_maybe(_count), **more)

    def how(value: Any) -> dict[str, Any]:
        told: dict[str, Any] = counts(value)
        for who in ("model", "base"):
            if (told[who] or 0) > told["items"]:
                raise _Wrong(who, "no more than there are items")
        return told

    return how


_SHARE: Final = {
    who: _maybe(_of(value=(end := _number(low, 1)), low=end, high=end)) for who, low in (("is", 0), ("gains", -1))
}
_IS: Final = _maybe(_of(**dict.fromkeys(MEASURES, _SHARE["is"])))
_GAINS: Final = _maybe(_of(**dict.fromkeys(MEASURES, _SHARE["gains"])))
_CELL: Final = _of(rows=_count, prompts=_count, model=_IS, base=_IS, gain=_GAINS)
_PASSED: Final = _passing()
_LOSS: Final = _number(0, 1e6)
_DOCUMENT: Final[Mapping[str, Read]] = {
    "format": _format,
    "model": _fits(_SUM, "the checkpoint_id of a model"),
    "base": _maybe(_fits(_SUM, "the checkpoint_id of a model")),
    "release_id": _fits(_SUM, "the release_id of a release"),
    "version": _fits(_VERSION, "a VERSION"),
    "preference": _maybe(
        _of(held_out=_CELL, splits=_each(_CELL), variety=_each(_CELL), domain=_each(_CELL))
    ),
    "sft": _maybe(_of(rows=_count, tokens=_count, model=_LOSS, base=_maybe(_LOSS))),
    "flagged": _maybe(_passing(category=_each(_PASSED), variety=_each(_PASSED))),
    "left_out": _each(_count),
}  # fmt: skip
