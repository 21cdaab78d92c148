"""Joining, and getting back in."""

import secrets
from typing import Any

from allauth.account import forms as allauth
from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as keys
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.later import later
from annotations.people.accounts.jobs import mail_ways_back
from annotations.people.accounts.limits import count_try
from annotations.people.accounts.proof import is_proof, is_unhurried, seal
from annotations.people.accounts.queries import reached_at
from annotations.people.actions import join
from annotations.people.models import Person

_PASSWORD = _("At least eight characters, not only digits.")
_HIDDEN = forms.HiddenInput(attrs={"autocomplete": "off"})


class _Plain:
    """One of allauth's forms without placeholders, which say the label again, and with one short word on passwords."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = _PASSWORD if name == "password1" else ""


class ChangePasswordForm(_Plain, allauth.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(_Plain, allauth.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(_Plain, allauth.ResetPasswordForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        """allauth would look the account up here, in more or fewer steps by what it finds."""
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **_facts: Any) -> str:
        """One look, and one job for whoever was found, nobody too: what it takes tells nothing. Called by allauth once
        the form is valid and the try is counted.

        Raises:
            Refused: `try_later`, where the queue is away.
        """
        address: str = self.cleaned_data["email"]
        origin = f"{request.scheme}://{request.get_host()}"
        later(mail_ways_back, reached_at(address), get_language() or "es", origin)
        return address


class ResetPasswordKeyForm(_Plain, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(_Plain, allauth.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateCodesForm(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    pass


class AddKeyForm(keys.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("name of the key"), max_length=100, required=False)


class EditKeyForm(keys.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("name of the key"), max_length=100)


class SignupForm(_Plain, allauth.SignupForm):  # type: ignore[misc]
    """A user name or an e-mail address, a password, and the word that one is of age."""

    email = forms.EmailField(label=_("e-mail, if you like"), required=False)
    adult = forms.BooleanField(label=_("I am 18 or older"))
    proof = forms.CharField(required=False, max_length=2_000, widget=_HIDDEN)
    opened = forms.CharField(required=False, max_length=200, widget=_HIDDEN, initial=seal)
    field_order = ("username", "email", "password1", "adult")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("user name")
        self.fields["username"].help_text = _("Letters, digits and . + - _ only. It need not be a real name.")
        self.fields["username"].max_length = 60
        self.fields["username"].widget.attrs |= {"autocapitalize": "none"}
        self.fields["email"].validators.append(MaxLengthValidator(254))
        self.fields["email"].label = _("e-mail, if you like")
        self.fields["email"].help_text = _("Only to get back in. Without one you get codes to write down.")
        self.fields["password1"].label = _("password")

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean()
        if not facts.get("username") and not facts.get("email") and not self.errors:
            self.add_error("username", _("Choose a user name, or give an e-mail address."))
        if not self.errors:  # a proof is used up by looking at it: last
            self._look_at_the_proof(facts)
        return facts

    def _look_at_the_proof(self, facts: dict[str, Any]) -> None:
        self.is_proven = is_proof(facts.get("proof", ""))
        if not self.is_proven and not is_unhurried(facts.get("opened", "")):
            # What was sealed is used up or stale; the page comes back with a fresh one.
            self.data: dict[str, Any] = self.data.copy() | {"opened": seal(), "proof": ""}
            self.add_error(None, _("That was too quick for us. Please send it once more in a few seconds."))

    def save(self, request: HttpRequest) -> Person:
        """Open the account. Called by allauth once the form is valid."""
        if not self.is_proven:
            count_try(request, "join_unproven")
        facts = self.cleaned_data
        person = join(
            username=facts["username"] or f"persona-{secrets.token_hex(4)}", password=facts["password1"],
            language=get_language() or "es", adult=facts["adult"], is_proven=self.is_proven,
        )  # fmt: skip
        setup_user_email(request, person, [EmailAddress(email=facts["email"])] if facts.get("email") else [])
        return person


class LoginForm(_Plain, allauth.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("user name or e-mail")
        self.fields["login"].validators.append(MaxLengthValidator(254))
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["password"].label = _("password")


class WayBackForm(forms.Form):
    """A user name, a code from the paper, a new password."""

    username = forms.CharField(
        label=_("user name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    code = forms.CharField(label=_("one of your codes"), max_length=40)
    password = forms.CharField(
        label=_("new password"), max_length=200, help_text=_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, Person(username=self.cleaned_data.get("username", "")))
        return password


class HelpForm(forms.Form):
    """Whom a lead wants to help back in, and why."""

    username = forms.CharField(label=_("user name"), max_length=60)
    reason = forms.CharField(label=_("How do you know that it is they?"), max_length=200)
