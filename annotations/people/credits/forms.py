"""What a browser sends of a name to be thanked by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.credits.actions import orcid_of


class CreditForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False,
        help_text=_("As it is to stand in thanks and on a certificate. Empty: the user name stands there."),
    )  # fmt: skip
    affiliation = forms.CharField(label=_("Affiliation"), max_length=200, required=False)
    orcid = forms.CharField(label="ORCID", max_length=60, required=False)

    def clean_orcid(self) -> str:
        try:
            return orcid_of(self.cleaned_data["orcid"])
        except Refused as refused:
            raise forms.ValidationError(str(refused.detail)) from None

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        if not facts.get("name", "").strip() and (facts.get("affiliation") or facts.get("orcid")):
            self.add_error("name", _("A name stands with it."))
        return facts
