"""Who was let in, and by whom."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from annotations.assignments.models import Campaign
from annotations.people.models import Person


class Admission(models.Model):
    """That somebody takes part in a campaign that is not for everybody; `by` a lead, or nobody: by its link. One that a
    lead ended stays, so that the link does not let them in again."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="admissions")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="admissions")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "person"], name="one_admission_per_person_and_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.campaign_id}"
