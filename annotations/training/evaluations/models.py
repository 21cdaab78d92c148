"""What was measured of a run's model."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from annotations.training.models import TrainingRun


class Evaluation(models.Model):
    """The numbers of one run's model, as `reading.py` took them in; told again, the last ones."""

    run = models.OneToOneField(TrainingRun, on_delete=models.CASCADE, related_name="evaluation")
    told = models.JSONField()
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions: ClassVar = []

    def __str__(self) -> str:
        return str(self.run_id)
