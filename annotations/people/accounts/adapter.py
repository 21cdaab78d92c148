"""Where allauth asks us: how names compare, what mails are called, where one goes."""

import unicodedata
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from annotations.people.mail import MAIL_HEADER, mail_mark
from annotations.people.models import Person
from annotations.people.sealing import SECOND_STEP, box
from annotations.people.views import after


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def clean_username(self, username: str, shallow: bool = False) -> str:  # noqa: FBT001, FBT002 -- allauth's own form
        username = Person.normalize_username(username)
        if "@" in username:  # it would read as somebody's address, and log-in takes both
            raise ValidationError(_("A user name has no @."))
        try:
            for validator in Person._meta.get_field("username").validators:
                validator(username)
        except ValidationError as error:
            raise ValidationError(
                _("A user name is one word of letters, digits and . + - _, such as rosa_quispe: no spaces.")
            ) from error
        if not shallow and Person.objects.named(username).exists():
            raise ValidationError(_("This user name is taken."))
        return username

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """Mail says whose it is in a header that only we can read, so that erasing them finds it where it lies."""
        mark = {MAIL_HEADER: mail_mark(context["user"])} if "user" in context else {}
        return super().render_mail(template_prefix, email, context, headers=(headers or {}) | mark)

    def format_email_subject(self, subject: str) -> str:
        return f"{settings.MINKA_SITE_NAME}: {subject}"

    def set_password(self, user: Person, password: str) -> None:
        """The password alone: what else stands in the row may be changing at this moment, consent not least."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return after(request)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Where it is said that the address is confirmed; who is not in is told at the door."""
        return reverse("account")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """What tries are counted under: no address (those are kept nowhere), but what one becomes under a key of today,
        an IPv6 network's being one."""
        address = truncate_ip(super().get_client_ip(request))
        return salted_hmac(f"address {timezone.now():%F}", address, algorithm="sha256").hexdigest()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Tries are counted under the name as we compare it, so that no accent or case makes a fresh count."""
        if username := credentials.get("username"):
            credentials["username"] = unicodedata.normalize("NFKC", username).lower()
        super().pre_authenticate(request, **credentials)


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Log-in by user name or confirmed e-mail address; user names compare as the database's constraint does."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:
        """Whatever was written is an address or a name, and one password is checked: allauth tries an address as both,
        and who is there would be told by the time it takes."""
        login = credentials.get("username") or credentials.get("email") or ""
        password = credentials.get("password") or ""
        person: Person | None = self._authenticate_by_email(login, password)
        return person if self._did_check_password else self._authenticate_by_username(login, password)

    def _authenticate_by_username(self, username: str, password: str) -> Person | None:
        person: Person | None = self._check_password(Person.objects.named(username).first(), password)
        return person


class SecondStep(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of second steps lie encrypted, under a key derived from the master key."""

    def encrypt(self, text: str) -> str:
        return box(SECOND_STEP).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box(SECOND_STEP).decrypt(encrypted_text.encode()).decode()
