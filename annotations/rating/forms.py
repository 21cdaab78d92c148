"""Votes and scores as a browser sends them. Of a vote one button says it all."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.assignments.queries import KEYS
from annotations.assignments.table.forms import AnswerForm
from annotations.rating.actions import MAX_REASON
from annotations.rating.rubric import aspects

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

    aspects = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        required=False, max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}), label=_("In words")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("aspects"):
            field.choices = [(each.code, each.name) for each in aspects(get_language())]  # type: ignore[attr-defined]

    def beside(self, letter: str) -> forms.BoundField | None:
        """The places of an output, where there are more than two."""
        several = len(self.seat.shown)
        if several <= 2:
            return None
        name = f"rank_{letter}"
        self.fields[name].widget.choices = [(place, place) for place in range(1, several + 1)]
        return self[name]

    def read(self, choice: str) -> Mapping[str, Any]:
        answer = {"ranking": self._tiers()} if choice == "ranking" else PAIR[choice]
        why = {name: self.cleaned_data[name] for name in ("aspects", "reason") if self.cleaned_data[name]}
        return {**answer, **why}

    def _tiers(self) -> list[list[str]]:
        places: dict[int, list[str]] = {}
        for letter in KEYS:
            if place := self.cleaned_data.get(f"rank_{letter}"):
                places.setdefault(place, []).append(letter)
        return [places[place] for place in sorted(places)]

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        tiers = enumerate(answer.get("ranking", ()), 1)
        why = {name: answer[name] for name in ("aspects", "reason") if name in answer}
        return {f"rank_{letter}": place for place, tier in tiers for letter in tier} | why


class ScoreForm(AnswerForm):
    """A field for each aspect of the rubric, and `overall`."""

    overall = forms.TypedChoiceField(
        label=_("All in all"), coerce=int, widget=forms.RadioSelect,
        choices=[(1, _("Very bad")), (2, _("Bad")), (3, _("Fair")), (4, _("Good")), (5, _("Very good"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "overall" not in self.fields:
            return
        overall = self.fields.pop("overall")
        for aspect in aspects(get_language()):
            self.fields[aspect.code] = forms.TypedChoiceField(
                label=aspect.name, help_text=aspect.question, coerce=int, choices=aspect.anchors,
                widget=forms.RadioSelect,
            )  # fmt: skip
        self.fields["overall"] = overall

    @property
    def scales(self) -> list[forms.BoundField]:
        """The scales in their order, the whole at the end."""
        return [self[name] for name in self.own_fields()]

    def read(self, choice: str) -> Mapping[str, Any]:
        facts = self.cleaned_data
        points = {name: facts[name] for name in self.own_fields() if name != "overall"}
        return {"points": points, "overall": facts["overall"]}

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**answer["points"], "overall": answer["overall"]}
