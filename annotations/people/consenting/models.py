"""The consent texts that an operator laid down, and who approved them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person


class ConsentText(models.Model):
    """A consent text in all its languages, as it lay in its folder. `name` is the folder's, `texts` are the files by
    language with their blanks, `sha256` is over them (`rules.py`). It is in force from `in_force_at` until the next
    one is; `dropped_at` is since when another lies in its place, and nobody approves it any more."""

    class State(models.TextChoices):
        WAITS = "waits", _("waits for two people")
        SECOND = "second", _("waits for a second person")
        APPROVED = "approved", _("approved by two")
        DROPPED = "dropped", _("another one lies in its place")

    name = models.CharField(_("version"), max_length=30)
    texts = models.JSONField()
    sha256 = models.CharField(_("sum (SHA-256)"), max_length=64)
    noted_at = models.DateTimeField(_("noted"), db_default=Now())
    first_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("approved by")
    )
    first_at = models.DateTimeField(_("first approval"), null=True, blank=True)
    second_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("and by")
    )
    second_at = models.DateTimeField(_("second approval"), null=True, blank=True)
    in_force_at = models.DateTimeField(_("in force since"), null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-noted_at", "-pk"]
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        default_permissions: ClassVar = ["view"]
        permissions: ClassVar = [("approve_consenttext", "Can approve a consent text")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["in_force_at"],
                condition=Q(in_force_at=None, dropped_at=None),
                nulls_distinct=False,
                name="one_consent_text_waits",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | Q(first_by=None) | ~Q(second_by=F("first_by")),
                name="two_people_approve_a_consent_text",
            ),
            models.CheckConstraint(
                condition=Q(first_at=None, first_by=None, second_at=None, second_by=None)
                | Q(first_at__isnull=False, second_at=None, second_by=None)
                | Q(first_at__isnull=False, second_at__isnull=False),
                name="an_approval_comes_after_the_other",
            ),
            models.CheckConstraint(
                condition=Q(in_force_at=None, second_at=None)
                | Q(
                    in_force_at__gte=F("second_at"), in_force_at__isnull=False, second_at__isnull=False, dropped_at=None
                ),
                name="a_consent_text_in_force_was_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> State:
        if self.dropped_at:
            return self.State.DROPPED
        if self.in_force_at:
            return self.State.APPROVED
        return self.State.SECOND if self.first_at else self.State.WAITS
