"""Alarms about a slice of a campaign."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.assignments.models import Campaign
from annotations.corpus.models import ModelVersion
from annotations.people.models import Person, Variety


class Alarm(models.Model):
    """That in a campaign and a variety a model's outputs are chosen by one voice alone, against all the others of an
    item, more often than those of other models: `alone` times of `chances`, beside `others_alone` of `others_chances`
    (`rules.py:Lone`); `by_chance` is how likely so much or more would be if there were no difference. It stands until
    somebody lifts it with a reason. It says nothing about anybody: a model can please few by itself."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="alarms")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    chances = models.PositiveIntegerField()
    alone = models.PositiveIntegerField()
    others_chances = models.PositiveIntegerField()
    others_alone = models.PositiveIntegerField()
    by_chance = models.FloatField()
    raised_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "variety", "model"], condition=Q(lifted_at=None), name="one_alarm_about_a_slice"
            ),
            models.CheckConstraint(
                condition=Q(alone__lte=F("chances"), others_alone__lte=F("others_chances")),
                name="no_more_votes_are_alone_than_could_be",
            ),
            models.CheckConstraint(condition=Q(lifted_at=None) | ~Q(reason=""), name="an_alarm_is_lifted_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.variety_id}: {self.model_id} {self.alone}/{self.chances}"
