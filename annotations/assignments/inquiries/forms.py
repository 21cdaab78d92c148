"""A note, as it is written."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.assignments.inquiries.models import MOST_WORDS


class AskForm(forms.Form):
    text = forms.CharField(
        label=_("My note"), max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is not clear, or wrong. No names, please: moderators read it."),
        error_messages={"required": _("What is it about?")},
    )  # fmt: skip
