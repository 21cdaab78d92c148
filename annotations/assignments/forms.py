"""What every form has in which somebody writes freely."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.corpus.personal_data import warn


class WarnedForm(forms.Form):
    """Says, before it is sent, what in a text looks like somebody's own: an address, a number of a document. Nothing is
    refused: sent once more with the box ticked, it goes as it is."""

    given = ""
    """A text that was there before: what stands in it was not written here."""

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        texts = [value for value in facts.values() if isinstance(value, str)]
        found = {
            notice.sentence
            for text in texts
            for notice in warn(text, get_language() or "es")
            if text[notice.start : notice.end] not in self.given
        }
        if found and "anyway" not in self.data:
            self.add_error(None, sorted(found))
            self.fields["anyway"] = forms.BooleanField(label=_("It is meant so: send it as it is"), required=False)
        return facts
