"""What follows when somebody comes in, or changes what keeps others out. Connected in `AppConfig.ready()`."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import (
    password_changed,
    password_reset,
    password_set,
    user_signed_up,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

from annotations.people.accounts.actions import end_others
from annotations.people.accounts.devices import device
from annotations.people.models import Person


def connect() -> None:
    user_logged_in.connect(_remember, dispatch_uid="accounts.remember")
    user_signed_up.connect(_just_chose_a_password, dispatch_uid="accounts.just_chose_a_password")
    changes = (password_changed, password_reset, password_set)
    for signal in (*changes, authenticator_added, authenticator_removed, authenticator_reset):
        signal.connect(_end_others, dispatch_uid="accounts.end_others")


def _remember(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    request.session["begun"] = timezone.now().isoformat()
    request.session["device"] = device(request.headers.get("User-Agent", ""))


def _just_chose_a_password(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    record_authentication(request, user, "password", reauthenticated=True)


def _end_others(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    end_others(person=user, keep=request.session.session_key)
