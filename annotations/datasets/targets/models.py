"""Deliveries: which release is at which target, or was."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release


class Delivery(models.Model):
    """The receipt of a release that was sent to a target. `place` is the target's address as it was then, without any
    credentials; `files` holds the sum of each file that was found there as it should be, so that a run that was cut
    goes on.

    `begun`: some of it may be there. `there`: all of it, proven. `gone`: it was taken away again, because the release
    was recalled; `files` says what had been there. `problem` says what stopped the last run that did not do it.
    """

    class State(models.TextChoices):
        BEGUN = "begun", _("begun")
        THERE = "there", _("there")
        GONE = "gone", _("taken away")

    target = models.CharField(max_length=40)
    place = models.CharField(max_length=300)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=5, choices=State, default=State.BEGUN)
    files = models.JSONField(default=dict)
    problem = models.CharField(max_length=40, blank=True, default="")
    begun_at = models.DateTimeField(db_default=Now())
    there_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering: ClassVar = ["-begun_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["target", "release"], name="one_delivery_of_a_release_to_a_target"),
            models.CheckConstraint(
                condition=Q(state="begun", there_at=None, gone_at=None)
                | Q(state="there", there_at__isnull=False, gone_at=None)
                | Q(state="gone", gone_at__isnull=False, problem=""),
                name="a_delivery_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} · {self.target}"
