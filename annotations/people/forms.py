"""Joining, in three short forms."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from annotations.people.actions import Spoken
from annotations.people.models import Person, SpokenVariety
from annotations.people.purposes import PURPOSES


class JoinForm(forms.ModelForm[Person]):
    password = forms.CharField(
        label=_("password"), max_length=200, help_text=_("At least eight characters, not only digits."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    adult = forms.BooleanField(label=_("I am 18 or older"))

    class Meta:
        model = Person
        fields = ("username",)
        widgets = {"username": forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})}

    def clean_username(self) -> str:
        username: str = Person.normalize_username(self.cleaned_data["username"])
        if Person.objects.named(username).exists():
            raise forms.ValidationError(_("This user name is taken."))
        return username

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, Person(username=self.cleaned_data.get("username", "")))
        return password


class VarietiesForm(forms.Form):
    """Which varieties one speaks, and how: a checkbox a variety, one question about how for all that are marked."""

    varieties = forms.MultipleChoiceField(
        label=_("What I speak"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )  # fmt: skip
    how = forms.ChoiceField(
        label=_("How I came to it"), initial=SpokenVariety.How.GREW_UP, widget=forms.RadioSelect,
        choices=[(how.value, how.label) for how in SpokenVariety.How if how != SpokenVariety.How.READS],
    )  # fmt: skip

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["varieties"].choices = [(tag, tag) for tag in offered]  # type: ignore[attr-defined]

    def spoken(self) -> list[Spoken]:
        return [Spoken(tag, self.cleaned_data["how"]) for tag in self.cleaned_data["varieties"]]


class ConsentForm(forms.Form):
    """A switch for each purpose, all off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in PURPOSES:
            self.fields[purpose.name] = forms.BooleanField(
                label=str(purpose.label), help_text=purpose.told(), required=False
            )

    def purposes(self) -> dict[str, bool]:
        return {purpose.name: bool(self.cleaned_data[purpose.name]) for purpose in PURPOSES}
