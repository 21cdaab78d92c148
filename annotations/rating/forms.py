"""A vote as a browser sends it: one button says it all."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from annotations.assignments.queries import KEYS
from annotations.assignments.table.forms import AnswerForm

PAIR: dict[str, dict[str, Any]] = {
    "a2": {"preferred": "a", "strength": 2},
    "a1": {"preferred": "a", "strength": 1},
    "tie": {"preferred": "tie"},
    "b1": {"preferred": "b", "strength": 1},
    "b2": {"preferred": "b", "strength": 2},
    "both_good": {"preferred": "both_good"},
    "both_bad": {"preferred": "both_bad"},
}
"""What the value of each button means."""


def _place() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        coerce=int, required=False, empty_value=None, widget=forms.RadioSelect(attrs={"required": True}),
        choices=[(place, place) for place in range(1, len(KEYS) + 1)],
    )  # fmt: skip


class VoteForm(AnswerForm):
    """`choice` is a key of `PAIR`, or `ranking`: then `rank_a`, `rank_b`, … hold places from 1."""

    choices: ClassVar = (*PAIR, "ranking")
    default: ClassVar = ""

    rank_a = _place()
    rank_b = _place()
    rank_c = _place()
    rank_d = _place()

    def beside(self, letter: str) -> forms.BoundField | None:
        """The places of an output, where there are more than two."""
        several = len(self.seat.shown)
        if several <= 2:
            return None
        name = f"rank_{letter}"
        self.fields[name].widget.choices = [(place, place) for place in range(1, several + 1)]
        return self[name]

    def read(self, choice: str) -> Mapping[str, Any]:
        return {"ranking": self._tiers()} if choice == "ranking" else PAIR[choice]

    def _tiers(self) -> list[list[str]]:
        places: dict[int, list[str]] = {}
        for letter in KEYS:
            if place := self.cleaned_data.get(f"rank_{letter}"):
                places.setdefault(place, []).append(letter)
        return [places[place] for place in sorted(places)]

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        tiers = enumerate(answer.get("ranking", ()), 1)
        return {f"rank_{letter}": place for place, tier in tiers for letter in tier}
