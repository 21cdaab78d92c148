"""Who wants to be told when there is more."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from annotations.assignments.models import Campaign
from annotations.people.models import Person


class Note(models.Model):
    """That somebody wants a note, once, when there is work for them again: in this campaign, or in any where none is
    named. The row is the wish; it goes when the note is sent, taken back, or too old to be meant any more."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notes")
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "campaign"], nulls_distinct=False, name="one_note_per_person_and_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.campaign_id or 'any'}"
