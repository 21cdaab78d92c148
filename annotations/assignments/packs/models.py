"""What somebody carries with them."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.assignments.models import Campaign
from annotations.people.models import Person

MOST_BYTES: Final = 100_000
"""What a pack weighs on its way to the phone, compressed."""


class Pack(models.Model):
    """Seats that one person took along. They are the seats that name it (`Assignment.pack`); `weight` is what they
    weighed on their way, in bytes. It is open until it is given back, its days are over, or nothing in it is left."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="packs")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    weight = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="one_open_pack_per_person"),
            models.CheckConstraint(condition=Q(weight__lte=MOST_BYTES), name="pack_weighs_at_most_100_kb"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.campaign_id}"
