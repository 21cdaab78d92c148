"""Why somebody does not agree."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.quality.reliability.actions import MAX_WORDS


class ObjectionForm(forms.Form):
    """`item` is empty where it is about the figures as a whole."""

    item = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Why"), max_length=MAX_WORDS, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why, in a few words."),
                        "max_length": _("That is longer than an objection can be.")},
    )  # fmt: skip
