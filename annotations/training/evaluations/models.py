"""What was measured of a run's model."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from annotations.training.models import TrainingRun


class Evaluation(models.Model):
    """The numbers of one run's model, as `reading.py` took them in; told again, the last ones.

    `checkpoint` is the `checkpoint_id` of the model, `version` the release whose held-out rows it was asked.
    """

    run = models.OneToOneField(TrainingRun, on_delete=models.CASCADE, related_name="evaluation")
    checkpoint = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    told = models.JSONField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions: ClassVar = []

    def __str__(self) -> str:
        return f"{self.run_id}: {self.version}"
