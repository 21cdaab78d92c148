"""Releases, and what each was made from."""

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person

_NOT_RECALLED: Final[dict[str, Any]] = {
    "recalled_at": None,
    "recall_number": None,
    "reason": "",
    "why": "",
    "withdrawn": {},
}


class Release(models.Model):
    """One published set of files. The row is committed after the folder stands in its place, so a release that has a
    row is whole. `manifest` is the manifest as published; the folder's own copy is what is downloaded.

    A recalled one has lost its files and its membership, for a `reason`: something in it was erased, or somebody of the
    house took it back and says `why`. `withdrawn` names the records of it that must go wherever they are, by config;
    empty where that is not known, or it was taken back, and then all of it must. `replaces` is of the release that took
    its place. `recall_number` counts recalls, so that whoever reads them goes on where they were.

    `taken_out` counts the judgements it holds that were taken out since for a reason (`moderation/purges/`) and are not
    put back. They are in no later release.

    `held_since` is since when its files are out of sight, while two people decide whether it is taken back.

    `proven_at` is when it was last proven where it lies, and `unsound` what was wrong then; it was proven first when it
    was published.

    `must_go_since` says when it was first seen to hold what was erased.

    `audience` says who may take its rows (`access.py`); its card and its manifest are everybody's.

    An expired one was kept for its period and has lost the same; nothing of it must go anywhere. What is erased
    afterwards recalls it all the same.
    """

    class State(models.TextChoices):
        PUBLISHED = "published", _("published")
        RECALLED = "recalled", _("recalled")
        EXPIRED = "expired", _("kept no longer")

    class Reason(models.TextChoices):
        ERASED = "erased", _("what somebody gave to it was erased")
        WRONG = "wrong", _("something in it is wrong")
        LICENCE = "licence", _("something in it may not be handed on")
        PERSONAL = "personal", _("something in it shows who somebody is")
        HARMFUL = "harmful", _("something in it can do harm")
        COMMUNITY = "community", _("a community asked for it")

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("everybody")
        REGISTERED = "registered", _("people with an account")

    version = models.CharField(max_length=32, unique=True)
    audience = models.CharField(
        _("who may take its rows"), max_length=10, choices=Audience, default=Audience.EVERYBODY
    )  # fmt: skip
    cutoff = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.PUBLISHED)
    release_id = models.CharField(max_length=64)
    manifest = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )  # fmt: skip
    taken_out = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    held_since = models.DateTimeField(null=True, blank=True)
    must_go_since = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)
    recall_number = models.PositiveIntegerField(null=True, blank=True, unique=True)
    reason = models.CharField(max_length=9, choices=Reason, blank=True, default="")
    why = models.CharField(max_length=500, blank=True, default="")
    recalled_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn = models.JSONField(default=dict, blank=True)
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)
    unsound = models.TextField(_("what is wrong with its files"), blank=True, db_default="", default="")
    doi = models.CharField(_("DOI"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering: ClassVar = ["-cutoff", "-published_at"]
        permissions: ClassVar = [("retract_release", "Can take a release back")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="published", expired_at=None, **_NOT_RECALLED)
                | Q(state="expired", expired_at__isnull=False, **_NOT_RECALLED)
                | Q(state="recalled", recalled_at__isnull=False, recall_number__isnull=False),
                name="a_release_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="recalled")
                | Q(reason="erased", why="")
                | ~(Q(reason__in=["", "erased"]) | Q(why="")),
                name="a_recalled_release_says_why",
            ),
            models.CheckConstraint(
                condition=Q(held_since=None) | Q(state="published"), name="what_is_held_has_not_ended"
            ),
            models.UniqueConstraint(fields=["doi"], condition=~Q(doi=""), name="one_release_of_a_doi"),
        ]

    def __str__(self) -> str:
        return self.version


class Membership(models.Model):
    """Some of the rows that a release was made from, as they stood in its snapshot: a block of one query's.

    `body` is packed (`datasets/membership.py`). It goes when its release is recalled or expires.
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


class Preview(models.Model):
    """The first rows of a config, as its release has them, so that a page can show some without reading Parquet. It
    goes when its release is recalled or expires."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="previews")
    config = models.CharField(max_length=20)
    rows = models.JSONField()

    class Meta:
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "config"], name="one_preview_of_a_config"),
        ]

    def __str__(self) -> str:
        return self.config
