"""What somebody says against a sanction, or against what was taken out of their work."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.moderation.sanctions.models import WORDS


class AppealForm(forms.Form):
    sanction = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput, required=False)
    purge = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Why"), max_length=WORDS, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why, in a few words."),
                        "max_length": _("That is longer than an objection can be.")},
    )  # fmt: skip


class ReadForm(forms.Form):
    read = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
