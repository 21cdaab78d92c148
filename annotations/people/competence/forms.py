"""The code that somebody was given, and whom a lead or a steward names."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.people.stewards.forms import NamesSomebody, long_text


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code they gave"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace("/", "")


class NamedForm(NamesSomebody):
    """Whose knowledge is confirmed, and how it is known."""

    reason = long_text(_("reason"), _("How it is known that they speak it. They can read this."))
