"""The moments of a claim: somebody logs in, or says what they speak or agree to.

Every way of logging in sends Django's signal, signing up too, so that this is the only place that knows of it. The
guest's id outlives the new key a session gets at log-in; where somebody else was logged in before, the session is a new
one and holds no guest. Connected in `AppConfig.ready()`.
"""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from annotations.assignments.guests.actions import claim, complete
from annotations.assignments.guests.views import GUEST, guest_of
from annotations.people.models import Person
from annotations.people.signals import terms_changed
from annotations.people.views import SUGGESTED


def connect() -> None:
    user_logged_in.connect(_claim_at_log_in, dispatch_uid="guests.claim_at_log_in")
    terms_changed.connect(_complete_when_ready, dispatch_uid="guests.complete_when_ready")


def _claim_at_log_in(*, request: HttpRequest, user: Person, **_signal: Any) -> None:
    guest = guest_of(request)
    request.session.pop(GUEST, None)
    if guest:
        request.session[SUGGESTED] = [guest.variety_id]
        claim(person=user, guest_id=guest.pk)


def _complete_when_ready(*, person: Person, **_signal: Any) -> None:
    complete(person=person)
