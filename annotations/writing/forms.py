"""What is written as a browser sends it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Assignment
from annotations.assignments.table.forms import AnswerForm
from annotations.corpus.models import MAX_TEXT
from annotations.differences import Change, changes
from annotations.writing.actions import output_of
from annotations.writing.choices import COUNTRIES, DOMAINS


def long_text(rows: int, *, required: bool = True) -> forms.CharField:
    """A large, calm field. It cuts nothing off: what is too long is said, with how long it is."""
    attrs = {"rows": rows, "data-count": MAX_TEXT, "spellcheck": "true", "aria-describedby": "count"}
    missing = {"required": _("Nothing is written yet.")}
    return forms.CharField(strip=False, required=required, widget=forms.Textarea(attrs=attrs), error_messages=missing)


class TextForm(AnswerForm):
    """An answer with a field `text`, which may begin with a text that is `given`."""

    most = MAX_TEXT

    def begin_with(self, given: str) -> None:
        self.given = given
        self.initial.setdefault("text", given)

    @property
    def changes(self) -> list[Change]:
        """What is changed so far of what was given."""
        text = (self["text"].value() or "").replace("\r\n", "\n")
        return changes(self.given, text) if text != self.given else []


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
