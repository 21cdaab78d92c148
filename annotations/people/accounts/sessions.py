"""The session engine (`SESSION_ENGINE`): Django's own over the database, whose rows know their person.

A visit that was ended meanwhile, or whose person was erased, is not written anew: it holds nothing any more, and
whoever asks next is nobody. Django would say 400 to the first and break, or try for ever, at the second.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import IntegrityError
from django.utils import timezone

from annotations.people.accounts.models import Session
from annotations.people.models import Person

HALF_IN = "account_authentication_methods_user"
"""Where allauth names who gave the right password and still owes the second step."""


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.person_id = _whose(data)
        return row

    def load(self) -> dict[str, Any]:
        """Nothing, where it began too long ago, however often it was written since."""
        data: dict[str, Any] = super().load()
        begun = data.get("begun")
        if begun and timezone.now() - datetime.fromisoformat(begun) > timedelta(seconds=settings.SESSION_COOKIE_AGE):
            self.delete()
            self._session_key = None
            return {}
        return data

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's own form
        try:
            super().save(must_create)
        except UpdateError:
            self.clear()
        except (CreateError, IntegrityError):
            whose = _whose(dict(self.items()))
            if whose is None or Person.objects.filter(pk=whose).exists():
                raise
            self.clear()


def _whose(data: dict[str, Any]) -> Any:
    return data.get(SESSION_KEY) or data.get(HALF_IN)
