"""Proposing a steward, accepting to be one, proposing a variety that is missing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person, Variety
from annotations.people.stewards.models import VarietyProposal


def long_text(label: Any, help_text: Any = "", required: bool = True) -> forms.CharField:  # noqa: FBT001, FBT002
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=2_000, widget=widget)


class NamesSomebody(forms.Form):
    """Somebody, by the name of their account; `person` once it is valid."""

    username = forms.CharField(label=_("Their user name"), max_length=60)

    person: Person

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        person = Person.objects.named(username).filter(is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("There is no account of this name."))
        self.person = person
        return username


class StewardForm(NamesSomebody):
    """Who should be a steward: oneself or somebody else."""

    username = forms.CharField(
        label=_("Their user name"), max_length=60, help_text=_("It may be one's own. They need an account first.")
    )
    why = long_text(_("Why them"), _("Who they are to those who speak it, and which body can write the letter."))


class AcceptForm(forms.Form):
    shown_name = forms.CharField(
        label=_("The name to be shown by"), max_length=80,
        help_text=_("It stands on the variety's public page. It need not be a real name."),
    )  # fmt: skip


class VarietyProposalForm(forms.ModelForm[VarietyProposal]):
    class Meta:
        model = VarietyProposal
        fields = ("name", "other_names", "place", "parent", "why")
        widgets = {"why": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent"]
        parent.queryset = Variety.objects.exclude(level=Variety.Level.SOURCE)
        parent.label_from_instance = lambda variety: f"{variety.own_name} ({variety.tag})"
