"""Votes, scores, and the rubric both speak of."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Judgement
from annotations.corpus.models import Output


class Vote(models.Model):
    """Which of an item's outputs is better. `strength` (1 or 2) says how much, only where one is preferred.

    More than two outputs are ranked: `ranking` is a list of tiers of output ids, best first, all of them once; the
    outcome is then what its first tier says: one output, or a tie. `aspects` of the rubric that decided, and `reason`
    in words, where somebody wanted to say why.
    """

    class Outcome(models.TextChoices):
        OUTPUT = "output", _("one is better")
        TIE = "tie", _("a tie")
        BOTH_GOOD = "both_good", _("both good")
        BOTH_BAD = "both_bad", _("both bad")

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="vote")
    outcome = models.CharField(max_length=9, choices=Outcome)
    preferred = models.ForeignKey(Output, null=True, on_delete=models.PROTECT, related_name="+")
    strength = models.PositiveSmallIntegerField(null=True)
    ranking = models.JSONField(null=True)
    aspects = ArrayField(models.CharField(max_length=40), default=list)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="output", preferred__isnull=False, strength__in=[1, 2])
                | (~Q(outcome="output") & Q(preferred=None, strength=None)),
                name="a_vote_prefers_an_output_or_none",
            )
        ]

    def __str__(self) -> str:
        return self.outcome


class Score(models.Model):
    """One output on the rubric: `points` is a point for each aspect, by its code; `overall` lies among them."""

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="score")
    points = models.JSONField()
    overall = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(overall__range=(1, 5)), name="a_score_is_from_one_to_five")
        ]

    def __str__(self) -> str:
        return str(self.overall)


class RubricPoint(models.Model):
    """One point of one aspect of the rubric: what a 3 in `fluidez` means, in words."""

    aspect = models.CharField(max_length=40)
    applies_to = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()
    name_es = models.CharField(max_length=80)
    name_pt = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    question_es = models.TextField()
    question_pt = models.TextField()
    question_en = models.TextField()
    scale_min = models.SmallIntegerField()
    scale_max = models.PositiveSmallIntegerField()
    point = models.SmallIntegerField()
    anchor_es = models.TextField()
    anchor_pt = models.TextField()
    anchor_en = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["aspect", "point"], name="one_anchor_per_aspect_and_point")
        ]
        ordering: ClassVar = ["order", "point"]

    def __str__(self) -> str:
        return f"{self.aspect} {self.point}"
