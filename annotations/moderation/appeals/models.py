"""What people say against what was decided about them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.moderation.purges.models import Purge
from annotations.moderation.sanctions.models import WORDS, Sanction
from annotations.people.models import Person


class Appeal(models.Model):
    """What somebody says against a sanction or a purge, once; and what a human who had no part in it answered."""

    sanction = models.OneToOneField(
        Sanction, null=True, blank=True, on_delete=models.CASCADE, related_name="appeal"
    )  # fmt: skip
    purge = models.OneToOneField(Purge, null=True, blank=True, on_delete=models.CASCADE, related_name="appeal")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("why"), max_length=WORDS)
    made_at = models.DateTimeField(_("received"), db_default=Now())
    granted = models.BooleanField(_("granted"), null=True, blank=True)
    answer = models.TextField(_("in words, for them"), max_length=WORDS, blank=True)
    answered_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["made_at"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sanction=None, purge__isnull=False) | Q(sanction__isnull=False, purge=None),
                name="an_appeal_is_against_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, granted=None, answer="")
                | Q(answered_at__isnull=False, granted__isnull=False) & ~Q(answer=""),
                name="an_appeal_is_answered_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"  # the panel's log keeps it longer than the words

    @property
    def against(self) -> Sanction | Purge:
        found = self.sanction or self.purge
        assert found
        return found

    @property
    def what(self) -> str | Promise:
        """What it is against, in a word or two."""
        return self.sanction.get_kind_display() if self.sanction else _("a purge")

    @property
    def parts(self) -> tuple[int | None, ...]:
        """Who had a part in it: whom it is about, and who decided."""
        if self.sanction:
            return self.person_id, self.sanction.decided_by_id, self.sanction.second_id
        assert self.purge
        return self.person_id, self.purge.asked_by_id, self.purge.approved_by_id

    @property
    def decided(self) -> str:
        """What was decided, in a sentence."""
        if not self.granted:
            return str(_("It stays as it is."))
        return str(_("Right: it is over.") if self.sanction_id else _("Right: it is put back."))
