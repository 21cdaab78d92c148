"""What follows when somebody comes in, or changes what keeps others out. Connected in `AppConfig.ready()`."""

import logging
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import (
    email_changed,
    password_changed,
    password_reset,
    password_set,
    user_signed_up,
)
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from annotations.people.accounts.actions import end_others
from annotations.people.accounts.devices import device
from annotations.people.models import Person

log = logging.getLogger(__name__)


def connect() -> None:
    user_logged_in.connect(_remember, dispatch_uid="accounts.remember")
    user_logged_in.connect(_say_so, dispatch_uid="accounts.say_so")
    for signal in (user_login_failed, authentication_failed):
        signal.connect(_say_not, dispatch_uid="accounts.say_not")
    email_changed.connect(_say_changed, dispatch_uid="accounts.say_changed")
    user_signed_up.connect(_just_chose_a_password, dispatch_uid="accounts.just_chose_a_password")
    changes = (password_changed, password_reset, password_set)
    for signal in (*changes, authenticator_added, authenticator_removed, authenticator_reset):
        signal.connect(_end_others, dispatch_uid="accounts.end_others")
        signal.connect(_say_changed, dispatch_uid="accounts.say_changed")


def _remember(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    request.session["begun"] = timezone.now().isoformat()
    request.session["device"] = device(request.headers.get("User-Agent", ""))


def _just_chose_a_password(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    record_authentication(request, user, "password", reauthenticated=True)


def _end_others(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    end_others(person=user, keep=request.session.session_key)


# Whoever works in the panel is written down by their key; of a volunteer the log knows that somebody came, not who.


def _who(user: Person) -> str:
    return f"account {user.pk}, of the team" if user.is_staff or user.is_superuser else "an account"


def _say_so(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    log.info("log-in: %s", _who(user))


def _say_not(sender: Any, **_facts: Any) -> None:
    log.info("log-in refused")


def _say_changed(sender: Any, request: HttpRequest, user: Person, **_facts: Any) -> None:
    log.info("a password, a second step or an address was changed: %s", _who(user))
