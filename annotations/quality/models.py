"""Verdicts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.assignments.models import Cell, Item
from annotations.corpus.models import Output


class Verdict(models.Model):
    """What a cell was settled to, by which rule, with which evidence.

    `evidence_until` is the latest `received_at` among its judgements: a release with a cutoff before it must not hold
    the verdict. `margin` is the absolute mean of the signed strengths, in [0, 2]; `agreement` the share of the winning
    answer among `n`. Superseded verdicts are kept.
    """

    class Outcome(models.TextChoices):
        OUTPUT = "output"
        TIE = "tie"
        BOTH_GOOD = "both_good"
        BOTH_BAD = "both_bad"
        NO_MAJORITY = "no_majority"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="verdicts")
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="verdicts")
    outcome = models.CharField(max_length=11, choices=Outcome)
    preferred = models.ForeignKey(Output, null=True, on_delete=models.PROTECT, related_name="+")
    rejected = models.ForeignKey(Output, null=True, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField()
    agreement = models.FloatField()
    margin = models.FloatField(null=True)
    evidence_until = models.DateTimeField()
    settled_at = models.DateTimeField(db_default=Now())
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cell"], condition=Q(superseded_at=None), name="one_current_verdict_per_cell"
            ),
            models.CheckConstraint(
                condition=Q(outcome="output", preferred__isnull=False, rejected__isnull=False, margin__isnull=False)
                | (~Q(outcome="output") & Q(preferred=None, rejected=None, margin=None)),
                name="a_verdict_names_both_sides_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.outcome}"
