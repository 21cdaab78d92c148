"""Boards, as they were measured."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release


class Board(models.Model):
    """What people prefer in one part of what a release was made of: all of it, a variety they judged in (its tag), a
    domain, or an aspect of the rubric. `evaluate` where only prompts that never train are in it.

    `lines` are the models, the best first (`measuring.py:Line`); `pulls` what standing first and being longer does.
    `votes` and `people` are null where too few people are behind them to be told. `left_out` counts pairs in which an
    answer said which model it is.
    """

    class Facet(models.TextChoices):
        ALL = "all", _("everything")
        VARIETY = "variety", _("variety")
        DOMAIN = "domain", _("domain")
        ASPECT = "aspect", _("aspect")

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="boards", db_index=False)
    facet = models.CharField(max_length=7, choices=Facet)
    value = models.CharField(max_length=40, blank=True)
    evaluate = models.BooleanField()
    votes = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)
    left_out = models.PositiveIntegerField(null=True)
    lines = models.JSONField()
    pulls = models.JSONField()
    version = models.CharField(max_length=40)
    measured_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "facet", "value", "evaluate"], name="one_board_of_a_part"),
            models.CheckConstraint(
                condition=Q(facet="all", value="") | (Q(facet__in=["variety", "domain", "aspect"]) & ~Q(value="")),
                name="a_board_of_a_part_names_it",
            ),
            models.CheckConstraint(
                condition=Q(votes=None, people=None, left_out=None, pulls={})
                | Q(votes__isnull=False, people__gte=5, left_out__isnull=False),
                name="no_number_of_fewer_than_five_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facet} {self.value}".strip()
