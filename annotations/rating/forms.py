"""A vote as a browser sends it: one button says it all."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.opt_outs import codes
from annotations.assignments.queries import KEYS

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
_OUT = "out:"


class VoteForm(forms.Form):
    """`choice` is a key of `PAIR`, `ranking` (then `rank_a`, `rank_b`, … hold places from 1), or `out:CODE`.

    After `is_valid`, exactly one of `answer` and `opt_out` is set.
    """

    assignment = forms.UUIDField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    choice = forms.CharField(max_length=40)
    seconds = forms.FloatField(required=False, min_value=0, max_value=86_400)

    answer: dict[str, Any] | None = None
    opt_out = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for letter in KEYS:
            self.fields[f"rank_{letter}"] = forms.IntegerField(required=False, min_value=1, max_value=len(KEYS))

    def clean_choice(self) -> str:
        choice: str = self.cleaned_data["choice"]
        if choice not in {*PAIR, "ranking", *(_OUT + code for code in codes())}:
            raise forms.ValidationError(_("Choose one of the answers."))
        return choice

    def clean(self) -> dict[str, Any]:
        choice = self.cleaned_data.get("choice", "")
        if choice.startswith(_OUT):
            self.opt_out = choice.removeprefix(_OUT)
        elif choice == "ranking":
            self.answer = {"ranking": self._tiers()}
        else:
            self.answer = dict(PAIR.get(choice, {}))
        return self.cleaned_data

    def _tiers(self) -> list[list[str]]:
        places: dict[int, list[str]] = {}
        for letter in KEYS:
            if place := self.cleaned_data.get(f"rank_{letter}"):
                places.setdefault(place, []).append(letter)
        return [places[place] for place in sorted(places)]


def new_key() -> uuid.UUID:
    """The key a form is rendered with: sending it twice, by a nervous thumb or a bad network, is one vote."""
    return uuid.uuid4()
