"""The words of a flag."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Severity(models.Model):
    """How grave a flag is, 1 to 4, with an anchor in words; `workflow` says what the two gravest set in motion."""

    level = models.PositiveSmallIntegerField(primary_key=True)
    code = models.CharField(max_length=20, unique=True)
    name_es = models.CharField(max_length=80)
    name_pt = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    anchor_es = models.TextField()
    anchor_pt = models.TextField()
    anchor_en = models.TextField()
    workflow = models.CharField(max_length=20)

    class Meta:
        verbose_name_plural = "severities"
        ordering: ClassVar = ["level"]

    def __str__(self) -> str:
        return f"{self.level} {self.code}"


class TargetGroup(models.Model):
    """Whom a flagged text harms."""

    code = models.CharField(max_length=40, primary_key=True)
    name_es = models.CharField(max_length=120)
    name_pt = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.code


class BiasCategory(models.Model):
    """What is wrong. `target_groups` are the codes usually meant; `maps_to` names the like in other collections."""

    code = models.CharField(max_length=40, primary_key=True)
    family = models.CharField(max_length=20)
    name_es = models.CharField(max_length=120)
    name_pt = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    help_es = models.TextField()
    help_pt = models.TextField()
    help_en = models.TextField()
    target_groups = ArrayField(models.CharField(max_length=40), default=list)
    maps_to = models.TextField(blank=True)
    display_order = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "bias categories"
        ordering: ClassVar = ["display_order"]

    def __str__(self) -> str:
        return self.code
