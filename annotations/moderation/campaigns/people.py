"""Who takes part in a campaign that is not for everybody: its link, and whom a lead lets in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NamesForm(forms.Form):
    """User names, one a line."""

    names = forms.CharField(
        label=_("user names"), widget=forms.Textarea(attrs={"rows": 4}), max_length=100_000,
        help_text=_("One a line. Whom one names takes part at once; they find the campaign on their own page."),
    )  # fmt: skip

    def clean_names(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["names"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))
