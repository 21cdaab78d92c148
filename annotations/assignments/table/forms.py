"""What a browser sends from the table: an answer of some kind, or a way out of it."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.forms import WarnedForm
from annotations.assignments.models import Assignment
from annotations.assignments.opt_outs import codes

_OUT: Final = "out:"


class AnswerForm(WarnedForm):
    """What every kind's form has. A kind adds its fields and says in `read` what answer they make.

    After `is_valid`, exactly one of `answer` and `opt_out` is set: `choice` is `out:CODE` for a way out, which needs
    none of the kind's own fields; else it is a value of `choices`, for kinds whose buttons are the answer. `client_at`
    and `offline` are the browser's word: when it was answered by its clock, and whether away from the network.
    """

    choices: ClassVar[Collection[str]] = ("send",)
    default: ClassVar = "send"
    """The choice of a form that was sent without one; empty where a button must be chosen."""

    assignment = forms.UUIDField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    seconds = forms.FloatField(required=False, min_value=0, max_value=86_400, widget=forms.HiddenInput)
    choice = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    client_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    offline = forms.BooleanField(required=False, widget=forms.HiddenInput)

    answer: Mapping[str, Any] | None = None
    opt_out = ""

    def __init__(self, data: Any = None, *, seat: Assignment, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.seat = seat
        if str((data or {}).get("choice", "")).startswith(_OUT):
            for name in self.own_fields():
                del self.fields[name]

    def clean_client_at(self) -> dt.datetime | None:
        """A clock that is wrong by more than a year tells nothing."""
        told: dt.datetime | None = self.cleaned_data["client_at"]
        return told if told and abs(timezone.now() - told) < dt.timedelta(days=366) else None

    def own_fields(self) -> list[str]:
        """The kind's own: what a draft holds."""
        return [name for name in self.fields if name not in AnswerForm.base_fields and name != "anyway"]

    def typed(self, data: Any) -> dict[str, Any]:
        """The kind's own fields as they were sent, whatever is in them: a draft."""
        return {name: self.fields[name].widget.value_from_datadict(data, {}, name) for name in self.own_fields()}

    def clean_choice(self) -> str:
        choice: str = self.cleaned_data["choice"] or self.default
        if choice not in {*self.choices, *(_OUT + code for code in codes())}:
            raise forms.ValidationError(_("Choose one of the answers."))
        return choice

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        choice = facts.get("choice", "")
        if choice.startswith(_OUT):
            self.opt_out = choice.removeprefix(_OUT)
        elif not self.errors and not self.non_field_errors():
            self.answer = self.read(choice)
        return facts

    def read(self, choice: str) -> Mapping[str, Any]:
        """The answer of valid fields, in the words of the API."""
        raise NotImplementedError

    def beside(self, letter: str) -> forms.BoundField | None:
        """The field that stands at the output of this letter, where the kind has one there."""
        return None

    @classmethod
    def fields_of(cls, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """The kind's own fields as they would have to be filled for this answer: what an undone answer begins with."""
        return answer


def new_key() -> uuid.UUID:
    """The key a form is rendered with: sending it twice, by a nervous thumb or a bad network, is one answer."""
    return uuid.uuid4()
