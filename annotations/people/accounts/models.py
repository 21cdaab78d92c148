"""Sessions that know whose they are, codes on paper, and a lead's help."""

import datetime as dt
from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.people.models import Person


class Session(AbstractBaseSession):
    """A browser's session. It names its person, so that they can see and end it, and erasing them ends it too."""

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type:
        from annotations.people.accounts.sessions import SessionStore

        return SessionStore


class WayBack(models.Model):
    """A code that lets its person set a new password once. Of the code only a keyed hash is kept."""

    CODES: ClassVar = 8
    HELP_LASTS: ClassVar = dt.timedelta(hours=24)

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="ways_back")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id}"


class Help(models.Model):
    """A lead's wish to let somebody back in who has lost everything. It takes two: who asks never agrees."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    agreed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200)
    asked_at = models.DateTimeField(db_default=Now())
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "help with accounts"
        permissions: ClassVar = [("help_back_in", "Can help somebody back into their account")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")), name="help_needs_a_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("asked_by")) & ~Q(person=F("agreed_by")), name="nobody_helps_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"
