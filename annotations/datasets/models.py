"""Releases, and what each was made from."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Release(models.Model):
    """One published set of files. The row is committed after the folder stands in its place, so a release that has a
    row is whole. `manifest` is the manifest as published; the folder's own copy is what is downloaded.

    A recalled one has lost its files and its membership. `withdrawn` names the records of it that must go wherever they
    are, by config; empty where that is not known, and then all of it must. `replaces` is of the release that took its
    place.
    """

    class State(models.TextChoices):
        PUBLISHED = "published"
        RECALLED = "recalled"

    version = models.CharField(max_length=32, unique=True)
    cutoff = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.PUBLISHED)
    release_id = models.CharField(max_length=64)
    manifest = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )  # fmt: skip
    recalled_at = models.DateTimeField(null=True, blank=True)
    withdrawn = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-cutoff", "-published_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="published", recalled_at=None, withdrawn={})
                | Q(state="recalled", recalled_at__isnull=False),
                name="a_recalled_release_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class Membership(models.Model):
    """Some of the rows that a release was made from, as they stood in its snapshot: a block of one query's.

    `body` is packed (`datasets/membership.py`). It goes with the recall of its release.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="membership")
    query = models.CharField(max_length=40)
    place = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["release", "query", "place"]
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "query", "place"], name="one_block_of_a_membership_at_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.query} {self.place}"
