"""A review as a browser sends it: one of three buttons, and what goes with two of them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Assignment
from annotations.assignments.table.texts import TextForm, long_text
from annotations.reviewing.models import Review
from annotations.reviewing.queries import asked


class ReviewForm(TextForm):
    choices: ClassVar = tuple(Review.Decision.values)
    default: ClassVar = ""

    text = long_text(8, required=False)
    reason = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In words, kindly: what would have helped?"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, seat: Assignment, **kwargs: Any) -> None:
        super().__init__(data, seat=seat, **kwargs)
        turn = asked(seat)
        self.begin_with(turn["written"])
        if "reason" in self.fields:
            reasons = [(reason, Review.Reason(reason).label) for reason in turn["reasons"]]
            self.fields["reason"].choices = reasons  # type: ignore[attr-defined]

    def read(self, choice: str) -> Mapping[str, Any]:
        goes_with = {"edit": ("text",), "reject": ("reason", "words")}.get(choice, ())
        return {"decision": choice} | {name: self.cleaned_data[name] for name in goes_with}

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: value for name, value in answer.items() if name != "decision"}
