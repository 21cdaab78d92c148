"""What is written as a browser sends it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Assignment
from annotations.assignments.table.texts import TextForm, long_text
from annotations.people.countries import COUNTRIES
from annotations.writing.actions import output_of
from annotations.writing.choices import DOMAINS


class DemonstrationForm(TextForm):
    text = long_text(10)

    def read(self, choice: str) -> Mapping[str, Any]:
        return {name: self.cleaned_data[name] for name in self.own_fields()}


class CorrectionForm(DemonstrationForm):
    """Begins with the output's own text."""

    def __init__(self, data: Any = None, *, seat: Assignment, **kwargs: Any) -> None:
        super().__init__(data, seat=seat, **kwargs)
        self.begin_with(output_of(seat).text)


class PromptForm(DemonstrationForm):
    text = long_text(6)
    domain = forms.ChoiceField(
        label=_("What it is about"), required=False, choices=[("", _("something else")), *DOMAINS.items()]
    )
    country_about = forms.ChoiceField(
        label=_("The country it speaks about"),
        required=False,
        choices=[("", _("none in particular")), *COUNTRIES.items()],
    )
