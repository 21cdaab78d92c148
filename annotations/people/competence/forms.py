"""The code that somebody was given, and whom a lead or a steward names."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person
from annotations.people.stewards.forms import long_text


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code they gave"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace("/", "")


class NamedForm(forms.Form):
    """Somebody, by the name of their account, and why their knowledge is known."""

    username = forms.CharField(label=_("Their user name"), max_length=60)
    reason = long_text(_("reason"), _("How it is known that they speak it. They can read this."))

    person: Person

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        person = Person.objects.named(username).filter(is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("There is no account of this name."))
        self.person = person
        return username
