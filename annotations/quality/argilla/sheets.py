"""Sheets: what experts see and are asked for each kind of work, and what their answer means in the words of our API.

A vote of two is a choice, with ties and strength; of more it is an order. A score is a scale for each aspect. A flag
marks words of the output, each with what is wrong in it, beside one severity; where several parts are marked, the flag
spans from the first to the last of them. A translation is written. No model is named, and the order of the outputs is
the record's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from annotations.assignments.answers import bad
from annotations.assignments.queries import KEYS
from annotations.quality.argilla.port import Fact, Field, Guess, Question

MUCH: Final = 1.5
"""A margin from here on is told as "much better"."""
LEVEL: Final = ("tie", "both_good", "both_bad")


@dataclass(frozen=True)
class Words:
    """What the rows of the house say, in the language of the desk: aspects, categories, groups, stances by code."""

    aspects: Mapping[str, str]
    categories: Mapping[str, str]
    groups: Mapping[str, str]
    stances: Mapping[str, str]


def fields(kind: str, outputs: int) -> tuple[Field, ...]:
    shown = tuple(Field(f"output_{key}", _("Answer %s") % key.upper()) for key in KEYS[:outputs])
    return (Field("prompt", _("Question"), chat=True), *shown)


def questions(kind: str, outputs: int, words: Words) -> tuple[Question, ...]:
    """What is asked of an item of this kind with so many outputs."""
    return _ASKED[kind](outputs, words)


FACTS: Final = {
    "variety": Fact(), "domain": Fact(), "why": Fact(shown=False), "votes": Fact("number", shown=False),
    "agreement": Fact("share", shown=False),
}  # fmt: skip
"""Facts of a task. How many said what is not to lead experts."""


def answer(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """An expert's answer in the words of the API, with keys by place in the record's order.

    Raises:
        Refused: `invalid`, naming the question, where a value is none that the sheet offers.
    """
    return _SAID[kind](values)


def guesses(kind: str, told: Mapping[str, Any], sure: float | None) -> tuple[Guess, ...]:
    """What volunteers said, in the words of the API, as the sheet's own values: what `answer` would turn back."""
    return tuple(Guess(name, value, sure) for name, value in _GUESSED[kind](told).items())


# Votes --------------------------------------------------------------------------------------------------------------


def _vote(outputs: int, words: Words) -> tuple[Question, ...]:
    why = Question("reason", _("Why, in words"), "words", required=False)
    if outputs > 2:
        shown = {f"output_{key}": _("Answer %s") % key.upper() for key in KEYS[:outputs]}
        return Question("ranking", _("From the best to the worst; the same place where they are level"), "order",
                        shown), why  # fmt: skip
    options = {
        "a_much": _("A is much better"), "a": _("A is better"), "tie": _("They are level"),
        "both_good": _("Both are good"), "both_bad": _("Both are bad"), "b": _("B is better"),
        "b_much": _("B is much better"),
    }  # fmt: skip
    return Question("preferred", _("Which is better for this person and this place?"), "choice", options), why


def _vote_said(values: Mapping[str, Any]) -> dict[str, Any]:
    reason = _text(values, "reason")
    more = {"reason": reason} if reason else {}
    if "ranking" in values:
        return {"ranking": _tiers(values["ranking"])} | more
    said = _one(values, "preferred")
    if said in LEVEL:
        return {"preferred": said} | more
    return {"preferred": said.removesuffix("_much"), "strength": 2 if said.endswith("_much") else 1} | more


def _tiers(ranked: Any) -> list[list[str]]:
    if not isinstance(ranked, list) or not all(isinstance(each, Mapping) for each in ranked):
        raise bad("ranking", _("Must be a rank for each answer."))
    tiers: dict[int, list[str]] = {}
    for each in ranked:
        name, rank = each.get("value"), each.get("rank")
        if not isinstance(name, str) or not name.startswith("output_") or type(rank) is not int:
            raise bad("ranking", _("Must be a rank for each answer."))
        tiers.setdefault(rank, []).append(name.removeprefix("output_"))
    return [sorted(tiers[rank]) for rank in sorted(tiers)]


def _vote_guessed(told: Mapping[str, Any]) -> dict[str, Any]:
    """An order is not suggested: the client would drop its ties."""
    if "preferred" not in told:
        return {}
    return {"preferred": told["preferred"] + ("_much" if told.get("strength") == 2 else "")}


# Scores -------------------------------------------------------------------------------------------------------------


def _score(outputs: int, words: Words) -> tuple[Question, ...]:
    points = (1, 2, 3, 4, 5)
    aspects = (Question(f"aspect_{code}", title, "scale", scale=points) for code, title in words.aspects.items())
    return *aspects, Question("overall", _("All in all"), "scale", scale=points)


def _score_said(values: Mapping[str, Any]) -> dict[str, Any]:
    points = {name.removeprefix("aspect_"): point for name, point in values.items() if name.startswith("aspect_")}
    return {"points": points, "overall": values.get("overall")}


def _score_guessed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {f"aspect_{code}": point for code, point in told["points"].items()} | {"overall": told["overall"]}


# Translations -------------------------------------------------------------------------------------------------------


def _translation(outputs: int, words: Words) -> tuple[Question, ...]:
    return (Question("translation", _("How is this said here?"), "words"),)


def _translation_said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": values.get("translation", "")}


def _translation_guessed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"translation": told["text"]}


# Flags --------------------------------------------------------------------------------------------------------------


def _flag(outputs: int, words: Words) -> tuple[Question, ...]:
    severity = (1, 2, 3, 4)
    return (
        Question("wrong", _("Is something wrong in this answer?"), "choice", {"yes": _("Yes"), "no": _("No")}),
        Question("spans", _("The words that are wrong"), "spans", words.categories, of="output_a", required=False),
        Question("categories", _("What is wrong, where it is all of it"), "choices", words.categories, required=False),
        Question("severity", _("How grave it is, from 1 to 4"), "scale", scale=severity, required=False),
        Question("stance", _("How the answer says it"), "choice", words.stances, required=False),
        Question("groups", _("Whom it harms"), "choices", words.groups, required=False),
        Question("comment", _("Remark"), "words", required=False),
    )


def _flag_said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of several marked parts the flag has the whole between them: it holds one span."""
    if _one(values, "wrong") == "no":
        return {"wrong": False}
    spans = values.get("spans") or []
    if not isinstance(spans, list) or not all(_is_span(each) for each in spans):
        raise bad("spans", _("Must have a start and an end."))
    categories = [*(each["label"] for each in spans), *_several(values, "categories")]
    said: dict[str, Any] = {
        "wrong": True, "categories": list(dict.fromkeys(categories)), "severity": values.get("severity"),
        "groups": _several(values, "groups"), "stance": values.get("stance", ""), "comment": _text(values, "comment"),
    }  # fmt: skip
    if spans:
        said["span"] = {"start": min(each["start"] for each in spans), "end": max(each["end"] for each in spans)}
    return said


def _is_span(value: Any) -> bool:
    return (
        isinstance(value, Mapping) and isinstance(value.get("label"), str)
        and type(value.get("start")) is int and type(value.get("end")) is int
    )  # fmt: skip


def _flag_guessed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"wrong": "yes" if told["wrong"] else "no"}


# Values as they came ------------------------------------------------------------------------------------------------


def _one(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise bad(name, _("Must be one of the options."))
    return value


def _several(values: Mapping[str, Any], name: str) -> list[str]:
    value = values.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise bad(name, _("Must be a list of the options."))
    return value


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name) or ""
    if not isinstance(value, str):
        raise bad(name, _("Must be a text."))
    return value


_ASKED: Final[Mapping[str, Callable[[int, Words], tuple[Question, ...]]]] = {
    "vote": _vote, "score": _score, "translation": _translation, "flag": _flag,
}  # fmt: skip
_SAID: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "vote": _vote_said, "score": _score_said, "translation": _translation_said, "flag": _flag_said,
}  # fmt: skip
_GUESSED: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "vote": _vote_guessed, "score": _score_guessed, "translation": _translation_guessed, "flag": _flag_guessed,
}  # fmt: skip
KINDS: Final[Sequence[str]] = tuple(_ASKED)
"""Kinds of work that experts can be asked for."""
