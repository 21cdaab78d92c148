"""Verdicts, what a model says beside them, and how much people agree."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign, Cell, Item
from annotations.corpus.models import Output
from annotations.people.models import Variety


class Verdict(models.Model):
    """What a cell was settled to, by which rule, with which evidence.

    `evidence_until` is the latest `received_at` among its judgements: a release with a cutoff before it must not hold
    the verdict. `margin` is the absolute mean of the signed strengths, in [0, 2]; `agreement` the share of the winning
    answer among `n`; `closed_short` where `n` was less than the item needs, because its campaign ended. Superseded
    verdicts are kept.
    """

    class Outcome(models.TextChoices):
        OUTPUT = "output", _("one is better")
        TIE = "tie", _("a tie")
        BOTH_GOOD = "both_good", _("both good")
        BOTH_BAD = "both_bad", _("both bad")
        NO_MAJORITY = "no_majority", _("no majority")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="verdicts")
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="verdicts")
    outcome = models.CharField(max_length=11, choices=Outcome)
    preferred = models.ForeignKey(Output, null=True, on_delete=models.PROTECT, related_name="+")
    rejected = models.ForeignKey(Output, null=True, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField()
    agreement = models.FloatField()
    margin = models.FloatField(null=True)
    closed_short = models.BooleanField(default=False)
    evidence_until = models.DateTimeField()
    settled_at = models.DateTimeField(db_default=Now())
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        indexes: ClassVar = [
            models.Index(
                fields=["settled_at"], condition=Q(outcome="no_majority", superseded_at=None), name="disputes"
            ),
        ]
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


class Estimate(models.Model):
    """What the model of who calls what how (`dawid_skene.py`) says beside a current verdict of a vote, and how sure it
    is. The verdict is what counts and what is published; this is made anew each night, from whatever is known by then,
    and so it stands in a table of its own and not in a row that never changes."""

    verdict = models.OneToOneField(Verdict, on_delete=models.CASCADE, primary_key=True, related_name="estimate")
    outcome = models.CharField(max_length=11, choices=Verdict.Outcome)
    preferred = models.ForeignKey(Output, null=True, on_delete=models.PROTECT, related_name="+")
    confidence = models.FloatField()
    computed_at = models.DateTimeField(db_default=Now())
    version = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("estimate")
        verbose_name_plural = _("estimates")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="output", preferred__isnull=False)
                | Q(outcome__in=["tie", "both_good", "both_bad"], preferred=None),
                name="an_estimate_prefers_an_output_or_none",
            ),
            models.CheckConstraint(condition=Q(confidence__range=(0, 1)), name="confidence_is_a_chance"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.confidence:.2f})"


class Agreement(models.Model):
    """How much people agree in a campaign about one thing that judgements of a kind say, as it was measured last:
    within a variety, or, without one, across varieties, where only people of different ones are compared.

    `alpha` is Krippendorff's with a 95 % interval (`agreement.py`), or there is none and `undefined` says why. `aspect`
    is what was said: an aspect of the rubric, `outcome`, `lean`, `wrong`, `decision`. `coincidences` are `values` by
    `values`.
    """

    class Level(models.TextChoices):
        NOMINAL = "nominal", _("each as different as the next")
        ORDINAL = "ordinal", _("in an order")

    class Undefined(models.TextChoices):
        NO_PAIRS = "no_pairs", _("no item was judged by two who can be compared")
        ONE_VALUE = "one_value", _("everybody always said the same")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=20)
    aspect = models.CharField(max_length=40)
    variety = models.ForeignKey(Variety, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=8, choices=Level)
    alpha = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    undefined = models.CharField(max_length=9, choices=Undefined, blank=True)
    units = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    judgements = models.PositiveIntegerField()
    values = models.JSONField(default=list)
    coincidences = models.JSONField(default=list)
    computed_at = models.DateTimeField(db_default=Now())
    version = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("measure of agreement")
        verbose_name_plural = _("measures of agreement")
        permissions: ClassVar = [("see_quality", "Can see how much people agree and what lacks")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "aspect", "variety"],
                nulls_distinct=False,
                name="an_agreement_is_measured_once",
            ),
            models.CheckConstraint(
                condition=Q(alpha__isnull=False, undefined="") | Q(alpha=None, low=None, high=None) & ~Q(undefined=""),
                name="no_alpha_says_why",
            ),
            models.CheckConstraint(
                condition=Q(low=None, high=None) | Q(low__lte=models.F("high")), name="an_interval_has_two_ends"
            ),
        ]

    def __str__(self) -> str:
        said = self.undefined if self.alpha is None else f"{self.alpha:.2f}"
        return f"{self.kind}.{self.aspect} {self.variety_id or '*'}: {said}"
