"""What was decided about a cell by hand."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Cell
from annotations.people.models import Person
from annotations.quality.models import Verdict


class Ruling(models.Model):
    """That somebody adjudicated a cell (`verdict`), took that back, or asked for so many more votes, and why."""

    class Kind(models.TextChoices):
        ADJUDICATED = "adjudicated", _("decided by hand")
        TAKEN_BACK = "taken_back", _("the rule decides again")
        MORE = "more", _("more votes are asked for")

    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="rulings")
    kind = models.CharField(_("what"), max_length=11, choices=Kind)
    verdict = models.OneToOneField(Verdict, null=True, on_delete=models.PROTECT, related_name="ruling")
    votes = models.PositiveSmallIntegerField(_("more votes"), default=0)
    reason = models.TextField(_("reason"), max_length=1_000)
    ruled_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("by"))
    ruled_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        ordering: ClassVar = ["-ruled_at", "-pk"]
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_ruling_says_why"),
            models.CheckConstraint(
                condition=Q(kind="adjudicated", verdict__isnull=False, votes=0)
                | Q(kind="taken_back", verdict=None, votes=0)
                | Q(kind="more", verdict=None, votes__gte=1),
                name="a_ruling_is_of_one_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
