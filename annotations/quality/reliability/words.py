"""Answers in words: what somebody said and what was expected, for whoever reads both."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.assignments import kinds
from annotations.assignments.queries import KEYS
from annotations.quality.charts import SAID


def explained(known: Any, language: str) -> str:
    """Why, in this language or in the first it was written in; nothing where nobody wrote it."""
    told: Mapping[str, str] = known.explanation
    return told.get(language) or next(iter(told.values()), "")


def both_in_words(answer: Any, texts: Mapping[int, str]) -> tuple[str, str]:
    """What somebody said of one of `gold_answers`, and what was expected: of that only, each with the texts of outputs
    in the place of their keys."""
    expected = answer.item.known.expected
    given = kinds.get(answer.kind).tell(answer)
    shown = {key: texts.get(output, "") for key, output in zip(KEYS, answer.shown, strict=False)}
    in_order = {key: texts.get(output, "") for key, output in zip(KEYS, answer.in_order, strict=False)}
    said = {name: given.get(name) for name in expected}
    return in_words(said, shown), in_words(expected, in_order)


LONGEST: Final = 160
STRENGTHS: Final = {1: gettext_lazy("better"), 2: gettext_lazy("much better")}
NAMES: Final[Mapping[str, Promise]] = {
    "overall": gettext_lazy("All of an answer, in points"), "severity": gettext_lazy("Severity"),
}  # fmt: skip


def in_words(answer: Mapping[str, Any], outputs: Mapping[str, str]) -> str:
    """An answer in the words of the API, or a part of one, for people."""
    return " · ".join(_part(name, value, outputs) for name, value in answer.items())


def _part(name: str, value: Any, outputs: Mapping[str, str]) -> str:
    if name == "preferred":
        return _output(value, outputs)
    if name == "ranking" and isinstance(value, list):
        return " > ".join(" = ".join(_output(key, outputs) for key in tier) for tier in value)
    if name == "strength" and value in STRENGTHS:
        return str(STRENGTHS[value])
    if name == "wrong" and isinstance(value, bool):
        return str(SAID["wrong" if value else "fine"])
    if value is None:
        return "–"
    words = _plain(value)
    return f"{NAMES[name]}: {words}" if name in NAMES else words


def _output(value: Any, outputs: Mapping[str, str]) -> str:
    if value in outputs:
        text = " ".join(outputs[value].split())
        return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"
    return str(SAID.get(value, "–" if value is None else value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(SAID.get(value, value))
