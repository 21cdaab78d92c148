"""Runs, the prompts handed to them, their metrics, and the models that came of them."""

import uuid
from typing import ClassVar, Final

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign
from annotations.corpus.models import ModelVersion, Prompt, Use
from annotations.datasets.models import Release
from annotations.people.models import Person

RECIPES: Final = {"sft": "sft", "dpo": "preference", "reward": "preference", "kto": "kto"}
"""What one can train, and the config of a release that it reads."""
MOVES: Final = {
    "queued": ("running", "failed", "cancelled"),
    "running": ("finished", "failed", "lost", "cancelled"),
    "lost": ("running", "finished", "failed", "cancelled"),
    "failed": ("running",),
}
"""From a state to those that may follow. A failed run can be taken up again from its last checkpoint."""
HIGHEST: Final = 1.7976931348623157e308
"""The greatest number a column can hold: what is between it and its opposite is neither infinite nor NaN."""


class TrainingRun(models.Model):
    """One training: what was handed over, to whom, and how it goes. The key is the client's own, so that asking twice
    makes one.

    `manifest` is what was handed over: releases with their files, recipe, base model. It holds no text of a prompt, and
    never changes. `campaign` is where its model's answers are judged. `heard_at` is when the run was last heard of.
    `here` where a worker of the house trains it (`here/`).
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")
        LOST = "lost", _("lost: it fell silent")
        CANCELLED = "cancelled", _("cancelled")

    ENDED: ClassVar = ("finished", "failed", "cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="runs")
    releases: models.ManyToManyField[Release, "HandedRelease"] = models.ManyToManyField(
        Release, through="HandedRelease", related_name="runs"
    )
    recipe = models.CharField(max_length=20, choices=[(name, name) for name in RECIPES])
    commit = models.CharField(max_length=64, blank=True)
    seed = models.PositiveIntegerField(default=0)
    base_model = models.CharField(max_length=120)
    base_licence = models.CharField(max_length=80)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    place = models.CharField(max_length=200, blank=True)
    here = models.BooleanField(default=False, db_default=False)
    manifest = models.JSONField()
    asked_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    problem = models.CharField(max_length=2_000, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering: ClassVar = ["-made_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "finished", "failed", "lost", "cancelled"]),
                name="a_run_is_in_a_state_we_know",
            ),
            models.CheckConstraint(
                condition=Q(state="queued", started_at=None)
                | Q(state__in=["failed", "cancelled"])
                | Q(state__in=["running", "finished", "lost"], started_at__isnull=False, heard_at__isnull=False),
                name="a_run_that_began_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["finished", "failed", "cancelled"], ended_at__isnull=False)
                | Q(state__in=["queued", "running", "lost"], ended_at=None),
                name="a_run_that_ended_says_when",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(problem=""), name="a_failed_run_says_why"),
            models.CheckConstraint(condition=~Q(base_licence=""), name="a_base_model_has_a_licence"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["heard_at"], condition=Q(state="running"), name="runs_that_run"),
            models.Index(
                fields=["made_at"], condition=Q(here=True, state__in=["queued", "lost"]), name="runs_to_take_up"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="a_run_moves_as_it_may",
                field="state",
                transitions=[(before, after) for before, several in MOVES.items() for after in several],
            ),
            pgtrigger.ReadOnly(
                name="what_was_handed_over_stays",
                fields=[
                    "id",
                    "here",
                    "recipe",
                    "commit",
                    "seed",
                    "base_model",
                    "base_licence",
                    "manifest",
                    "asked_sha256",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} {str(self.pk)[:8]}"

    @property
    def is_over(self) -> bool:
        return self.state in self.ENDED


class HandedRelease(models.Model):
    """A release that was handed to a run."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="handed")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="handed")

    class Meta:
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "release"], name="a_release_is_handed_to_a_run_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.release_id}"


class RunPrompt(models.Model):
    """A prompt that was handed to a run, at its place in the order. Its role is its group's, fixed when it entered."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="prompts", db_index=False)
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["run", "place"]
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "place"], name="one_prompt_at_a_place_of_a_run"),
            models.UniqueConstraint(fields=["run", "prompt"], name="a_prompt_is_handed_to_a_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}.{self.place}"


class Metric(models.Model):
    """One number a run reported: what it is called, at which step, and its value."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="metrics", db_index=False)
    name = models.CharField(max_length=80)
    step = models.PositiveIntegerField()
    value = models.FloatField()

    class Meta:
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name", "step"], name="one_value_per_run_metric_and_step"),
            models.CheckConstraint(condition=Q(value__range=(-HIGHEST, HIGHEST)), name="a_metric_is_a_finite_number"),
        ]

    def __str__(self) -> str:
        return f"{self.name}[{self.step}] = {self.value}"


class TrainedModel(models.Model):
    """That a model version came of a run: which, and as what. `checkpoint` is the SHA-256 of its files, `checkpoint_id`
    in the recipe's `lineage.json`. `permitted_use` is what its answers may be used for by its licence."""

    model = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, primary_key=True, related_name="trained")
    run = models.ForeignKey(TrainingRun, on_delete=models.PROTECT, related_name="trained")
    checkpoint = models.CharField(max_length=64, blank=True)
    permitted_use = ArrayField(models.CharField(max_length=8, choices=Use))
    registered_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions: ClassVar = []

    def __str__(self) -> str:
        return str(self.model_id)
