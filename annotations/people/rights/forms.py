"""What one fills in about one's own account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person
from annotations.people.rights.facts import FACTS, OWN_WORDS
from annotations.people.rights.models import Request


class AccountForm(forms.ModelForm[Person]):
    """The name, corrected. Bound to a copy, so that what is refused changes nobody. An address changes once it is
    confirmed, on the account's own page."""

    class Meta:
        model = Person
        fields = ("username",)

    def clean_username(self) -> str:
        username: str = Person.normalize_username(self.cleaned_data["username"])
        if "@" in username:
            raise forms.ValidationError(_("A user name has no @."))
        if Person.objects.named(username).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This user name is taken."))
        return username


class AskForm(forms.Form):
    """What only a human can do, in one's own words."""

    kind = forms.ChoiceField(
        label=_("What it is about"), choices=[(kind.value, kind.label) for kind in Request.ASKED], initial="other"
    )
    text = forms.CharField(
        label=_("In my own words"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read only by whoever answers, and deleted 30 days after the answer."),
    )  # fmt: skip


class FactsForm(forms.Form):
    """Five closed questions, each of which may stay open, and a line in one's own words."""

    own_words = forms.CharField(
        label=_("In my own words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For you alone: it is never counted and never shown."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, choices) in FACTS.items():
            self.fields[name] = forms.ChoiceField(
                label=str(label), choices=[("", _("I would rather not say")), *choices], required=False
            )
        self.order_fields([*FACTS, OWN_WORDS])


class EraseForm(forms.Form):
    """Which of the two, and the password again. Neither is chosen beforehand."""

    contributions = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("erase", ""), ("leave", "")],
        error_messages={"required": _("Choose one of the two.")},
    )  # fmt: skip
    password = forms.CharField(
        label=_("password"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.person.check_password(password):
            raise forms.ValidationError(_("This is not the password."))
        return password
