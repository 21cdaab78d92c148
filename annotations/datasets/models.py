"""Releases."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Release(models.Model):
    """One published set of files. The row is written after the folder stands in its place, so a release that has a
    row is whole. `manifest` is the manifest as published; the folder's own copy is what is downloaded."""

    class State(models.TextChoices):
        PUBLISHED = "published"
        RECALLED = "recalled"

    version = models.CharField(max_length=32, unique=True)
    cutoff = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.PUBLISHED)
    release_id = models.CharField(max_length=64)
    manifest = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["-cutoff"]

    def __str__(self) -> str:
        return self.version
