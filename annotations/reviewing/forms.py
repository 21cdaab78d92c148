"""A review as a browser sends it: one of three buttons, and what goes with two of them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Assignment
from annotations.assignments.table.forms import AnswerForm
from annotations.corpus.models import MAX_TEXT
from annotations.differences import Change, changes
from annotations.reviewing.models import Review
from annotations.reviewing.queries import asked


class ReviewForm(AnswerForm):
    choices: ClassVar = tuple(Review.Decision.values)
    default: ClassVar = ""
    most = MAX_TEXT

    text = forms.CharField(
        strip=False, required=False,
        widget=forms.Textarea(attrs={"rows": 8, "data-count": MAX_TEXT, "spellcheck": "true",
                                     "aria-describedby": "count"}),
    )  # fmt: skip
    reason = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In words, kindly: what would have helped?"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, seat: Assignment, **kwargs: Any) -> None:
        super().__init__(data, seat=seat, **kwargs)
        turn = asked(seat)
        self.given = turn["written"]
        self.initial.setdefault("text", self.given)
        if "reason" in self.fields:
            reasons = [(reason, Review.Reason(reason).label) for reason in turn["reasons"]]
            self.fields["reason"].choices = reasons  # type: ignore[attr-defined]

    def read(self, choice: str) -> Mapping[str, Any]:
        goes_with = {"edit": ("text",), "reject": ("reason", "words")}.get(choice, ())
        return {"decision": choice} | {name: self.cleaned_data[name] for name in goes_with}

    @property
    def changes(self) -> list[Change]:
        """What is changed so far."""
        text = (self["text"].value() or "").replace("\r\n", "\n")
        return changes(self.given, text) if text != self.given else []

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: value for name, value in answer.items() if name != "decision"}
