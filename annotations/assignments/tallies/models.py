"""The rows whose sum says how far something is."""

from typing import ClassVar

from django.db import models

from annotations.assignments.models import Campaign
from annotations.people.models import Variety


class Tally(models.Model):
    """What one change of a cell added, or many together, in a campaign and a variety. Cells that are held back are
    nobody's work and stand in no sum; a settled one needs what it has."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    variety = models.ForeignKey(Variety, on_delete=models.CASCADE, related_name="+", db_index=False)
    items = models.IntegerField()
    needed = models.IntegerField()
    done = models.IntegerField()
    settled = models.IntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        indexes: ClassVar = [models.Index(fields=["campaign", "variety"], name="tallies_of_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.variety_id} {self.done:+}/{self.needed:+}"
