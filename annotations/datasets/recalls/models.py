"""That somebody wants to take a release back, and a second person says so too."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release
from annotations.people.models import Person

WHY = 500
"""Characters of the sentence that everybody reads."""
REASONS = [choice for choice in Release.Reason.choices if choice[0] != Release.Reason.ERASED]
"""For which somebody takes a release back; what is erased is recalled by itself."""


class Retraction(models.Model):
    """That a release is to be taken back, for which reason, in which words. It is once a second person confirms it.
    `dropped_at` is since when nobody means it any more: somebody took it back, nobody confirmed it in time, or the
    release was recalled meanwhile."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second person")
        DONE = "done", _("done")
        DROPPED = "dropped", _("nobody means it any more")

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="retractions", verbose_name=_("release")
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=9, choices=REASONS)
    why = models.CharField(_("in a sentence that everybody reads"), max_length=WHY)
    asked_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("asked for by")
    )
    asked_at = models.DateTimeField(_("asked for"), db_default=Now())
    confirmed_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        verbose_name = _("release to be taken back")
        verbose_name_plural = _("releases to be taken back")
        default_permissions: ClassVar = ["view"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["release"], condition=Q(confirmed_at=None, dropped_at=None), name="one_retraction_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(why="") & ~Q(reason__in=["", "erased"]), name="a_retraction_says_why"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(asked_by=None) | ~Q(confirmed_by=F("asked_by")),
                name="a_retraction_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None) | Q(confirmed_at__isnull=False, dropped_at=None),
                name="what_is_dropped_was_not_confirmed",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.release}: {self.get_reason_display()}"

    @property
    def state(self) -> State:
        if self.dropped_at:
            return self.State.DROPPED
        return self.State.DONE if self.confirmed_at else self.State.ASKED
