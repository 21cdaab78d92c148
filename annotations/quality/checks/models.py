"""Alarms about a slice of a campaign."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign
from annotations.corpus.models import ModelVersion
from annotations.people.models import Person, Variety


class Alarm(models.Model):
    """That anchors, in a campaign and a variety, took a verdict from a model `away` times and gave it one `towards`
    times (`rules.py:Corrected`), which comes `by_chance` that seldom. It stands until somebody lifts it with a reason.
    It says nothing about anybody: a crowd can be wrong by itself."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="alarms")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    away = models.PositiveIntegerField()
    towards = models.PositiveIntegerField()
    by_chance = models.FloatField()
    raised_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "variety", "model"], condition=Q(lifted_at=None), name="one_alarm_about_a_slice"
            ),
            models.CheckConstraint(condition=Q(away__gt=F("towards")), name="an_alarm_has_a_direction"),
            models.CheckConstraint(condition=Q(lifted_at=None) | ~Q(reason=""), name="an_alarm_is_lifted_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.model} · {self.variety_id}"
