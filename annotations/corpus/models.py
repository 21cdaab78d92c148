"""Sources, prompts, model versions and outputs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Variety

MAX_TEXT = 32_000
"""Longest text of a message or an output, in characters (Unicode code points)."""


class Use(models.TextChoices):
    """What a text may be used for. A row's permitted use is the intersection over all it is made of."""

    TRAIN = "train"
    EVALUATE = "evaluate"


def _short(text: str) -> str:
    """How a text stands in a list."""
    return text if len(text) <= 60 else text[:59].rstrip() + "…"


class Source(models.Model):
    """Where texts come from, with the terms they came under. Other terms under the same name are another row.

    `licence` is an SPDX identifier where one exists, "unknown" when somebody looked and could not tell, and empty
    when nobody said: what is empty is never released.
    """

    name = models.CharField(max_length=200)
    licence = models.CharField(max_length=80, blank=True)
    permitted_use = ArrayField(models.CharField(max_length=8, choices=Use))
    url = models.CharField(max_length=400, blank=True)
    attribution = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "licence", "permitted_use"], name="one_source_per_terms")
        ]

    def __str__(self) -> str:
        return self.name


class PromptGroup(models.Model):
    """Prompts that are the same question, or nearly (`grouping.py`). Role and split are the group's, fixed by its first
    prompt.

    `key` is the SHA-256 of the words of the earliest prompt.
    """

    class Role(models.TextChoices):
        TRAIN = "train", _("trains")
        EVALUATE = "evaluate", _("evaluates")

    class Split(models.TextChoices):
        TRAIN = "train", _("train")
        VALIDATION = "validation", _("validation")
        TEST = "test", _("test")
        EVALUATE = "evaluate", _("evaluates")

    key = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=8, choices=Role)
    split = models.CharField(max_length=10, choices=Split)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(role="evaluate", split="evaluate") | (Q(role="train") & ~Q(split="evaluate")),
                name="evaluation_never_trains",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}/{self.split} {self.key[:8]}"


class Prompt(models.Model):
    """What a model was asked: messages with roles, the last of them the user's.

    `content_key` is the SHA-256 over everything that makes it this prompt, so that it enters once. What is nearly the
    same as questions of two splits stands in the group of the earlier and `bridges` them: it leaves with no release.
    `looks_like` is a mark, and holds nothing back (`languages.py`).
    """

    group = models.ForeignKey(PromptGroup, on_delete=models.PROTECT, related_name="prompts")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="prompts")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    messages = models.JSONField()
    content_key = models.CharField(max_length=64)
    bridges = models.BooleanField(default=False, db_default=False)
    looks_like = models.CharField(
        _("looks like another language"), max_length=2, blank=True, db_default="", editable=False
    )
    register = models.CharField(max_length=40, blank=True)
    domain = models.CharField(max_length=40, blank=True)
    task = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, blank=True)
    country_about = models.CharField(max_length=2, blank=True)
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["content_key"], name="one_prompt_per_content")]

    def __str__(self) -> str:
        return _short(str(self.messages[-1]["content"]))


class Wording(models.Model):
    """The words of a question (`grouping.words_of`), found by their SHA-256. `prompt` is the first that came in them,
    and says their group."""

    key = models.CharField(max_length=64, unique=True)
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="wordings")

    def __str__(self) -> str:
        return self.key[:8]


class Band(models.Model):
    """A mark of some words, by which those that are nearly the same are found (`grouping.bands`)."""

    pk = models.CompositePrimaryKey("band", "wording")
    band = models.BigIntegerField()
    wording = models.ForeignKey(Wording, on_delete=models.CASCADE, related_name="bands", db_index=False)

    def __str__(self) -> str:
        return f"{self.wording_id} {self.band}"


class ModelVersion(models.Model):
    """A model that answered, under the name its importer gave it."""

    name = models.CharField(max_length=120, unique=True)
    licence = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")

    def __str__(self) -> str:
        return self.name


class Output(models.Model):
    """One answer of one model to one prompt. `quarantine` names why it is held back; empty means it circulates.
    `looks_like` is a mark, and holds nothing back (`languages.py`)."""

    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="outputs")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="outputs")
    sample = models.PositiveIntegerField(default=0)
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    licence = models.CharField(max_length=80, blank=True)
    permitted_use = ArrayField(models.CharField(max_length=8, choices=Use))
    params = models.JSONField(default=dict)
    quarantine = models.CharField(max_length=40, blank=True)
    looks_like = models.CharField(
        _("looks like another language"), max_length=2, blank=True, db_default="", editable=False
    )
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("output")
        verbose_name_plural = _("outputs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prompt", "model", "sample"], name="one_output_per_prompt_model_and_sample"
            ),
            models.UniqueConstraint(
                fields=["prompt", "model", "text_sha256"], name="one_output_per_prompt_model_and_text"
            ),
        ]

    def __str__(self) -> str:
        return _short(self.text)
