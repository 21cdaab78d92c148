"""Purges, the judgements each took out with what they were before, and the releases that held them."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Judgement
from annotations.datasets.models import Release
from annotations.moderation.purges.rules import RETURNS_FOR, can_be_put_back
from annotations.moderation.sanctions.models import WORDS, Sanction
from annotations.people.models import Person


class Purge(models.Model):
    """That what somebody gave until `approved_at` is taken out: for which reason, in which words, by which two.

    `whole` is how many judgements that were when it was agreed to, `taken` how many are out by now; `reached` is the
    last one the job came to. Between `undoing_at` and `undone_at` they are put back, `returned` of them by now.
    `dropped_at` is since when nobody means it any more: who asked took it back, or nobody agreed in time.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second person")
        TAKING = "taking", _("is being done")
        DONE = "done", _("done")
        RETURNING = "returning", _("is being put back")
        UNDONE = "undone", _("put back")
        DROPPED = "dropped", _("nobody means it any more")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="purges", verbose_name=_("person"))
    code = models.CharField(_("reason"), max_length=8, choices=Sanction.Code)
    words = models.TextField(
        _("in words that they read"), max_length=WORDS, help_text=_("What happened, and what to do otherwise.")
    )
    asked_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("asked for by")
    )
    asked_at = models.DateTimeField(_("asked for"), db_default=Now())
    approved_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("agreed to by")
    )
    approved_at = models.DateTimeField(_("agreed to"), null=True, blank=True)
    whole = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    taken = models.PositiveIntegerField(_("taken out"), default=0)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("put back by")
    )
    undoing_at = models.DateTimeField(null=True, blank=True)
    why_undone = models.TextField(_("why it was put back"), max_length=WORDS, blank=True)
    returned = models.PositiveIntegerField(_("put back"), default=0)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        verbose_name = _("purge")
        verbose_name_plural = _("purges")
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=Q(approved_at__isnull=False, done_at=None) | Q(undoing_at__isnull=False, undone_at=None),
                name="purges_to_be_done",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(done_at=None, dropped_at=None), name="one_purge_of_a_person_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="a_purge_is_told_in_words"),
            models.CheckConstraint(
                condition=(Q(asked_by=None) | ~Q(asked_by=F("person")))
                & (Q(approved_by=None) | ~Q(approved_by=F("person")))
                & (Q(undone_by=None) | ~Q(undone_by=F("person"))),
                name="nobody_purges_their_own",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(asked_by=None) | ~Q(approved_by=F("asked_by")),
                name="a_purge_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, done_at=None) | Q(approved_at__isnull=False, dropped_at=None),
                name="what_is_purged_was_agreed_to",
            ),
            models.CheckConstraint(
                condition=Q(undoing_at=None, undone_at=None, why_undone="")
                | Q(undoing_at__isnull=False, done_at__isnull=False) & ~Q(why_undone=""),
                name="what_is_put_back_was_taken_out",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.get_code_display())

    @property
    def back_until(self) -> dt.datetime | None:
        """Until when it can be put back; None where there is nothing to put back."""
        if self.done_at and can_be_put_back(self.done_at, self.undoing_at, timezone.now()):
            return self.done_at + RETURNS_FOR
        return None

    @property
    def state(self) -> State:
        """How it stands, by its moments."""
        if self.dropped_at:
            return self.State.DROPPED
        if self.approved_at is None:
            return self.State.ASKED
        if self.done_at is None:
            return self.State.TAKING
        if self.undoing_at is None:
            return self.State.DONE
        return self.State.UNDONE if self.undone_at else self.State.RETURNING


class Purged(models.Model):
    """A judgement that is taken out, or was: whether it counted before, and if not, why."""

    purge = models.ForeignKey(Purge, on_delete=models.CASCADE, related_name="purged", db_index=False)
    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="purged", db_index=False)
    counted = models.BooleanField()
    not_counted = models.CharField(max_length=20, blank=True)
    returned = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "purged"
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["judgement", "purge"], name="a_purge_takes_a_judgement_once"),
            models.UniqueConstraint(
                fields=["judgement"], condition=Q(returned=False), name="a_judgement_is_taken_out_once"
            ),
            models.CheckConstraint(
                condition=Q(counted=True, not_counted="") | Q(counted=False) & ~Q(not_counted=""),
                name="what_was_taken_out_is_known_as_it_was",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["purge", "id"], condition=Q(returned=False), name="purged_to_be_put_back"),
        ]

    def __str__(self) -> str:
        return str(self.judgement_id)


class Mark(models.Model):
    """That a release held so many judgements that this purge took out: they stand in its `taken_out` until they are put
    back."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="marks", db_index=False)
    purge = models.ForeignKey(Purge, on_delete=models.CASCADE, related_name="marks")
    judgements = models.PositiveIntegerField()

    class Meta:
        default_permissions: ClassVar = []
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "purge"], name="a_release_is_marked_once_by_a_purge"),
        ]

    def __str__(self) -> str:
        return str(self.release_id)
