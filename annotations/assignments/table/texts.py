"""Texts as a browser sends them: one large field, how long it is, what is changed of what was there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.table.forms import AnswerForm
from annotations.corpus.models import MAX_TEXT
from annotations.differences import Change, changes


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
