"""What every form has in which somebody writes freely."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.corpus.personal_data import warn


class WarnedForm(forms.Form):
    """Says, before it is sent, what in a text looks like somebody's own: an address, a number of a document; and what
    else a kind has its doubts about. Nothing is refused: sent once more with the box ticked, it goes as it is."""

    given = ""
    """A text that was there before: what stands in it was not written here."""

    def was_there(self) -> str:
        return self.given

    def doubts(self, facts: Mapping[str, Any]) -> Iterator[str]:
        """What is asked about, a sentence each."""
        was_there = self.was_there()
        for text in (value for value in facts.values() if isinstance(value, str)):
            for notice in warn(text, get_language() or "es"):
                if text[notice.start : notice.end] not in was_there:
                    yield notice.sentence

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        found = set(self.doubts(facts))
        if found and "anyway" not in self.data:
            self.add_error(None, sorted(found))
            self.fields["anyway"] = forms.BooleanField(label=_("It is meant so: send it as it is"), required=False)
        return facts
