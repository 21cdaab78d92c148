"""Reviews, and what they come to."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Item, Judgement
from annotations.people.models import Variety


class Reviewed(models.Model):
    """A text somebody wrote and the item in which others read it. Settled, it has an `outcome` and, accepted, the
    `text` that releases read: as it was written, or with the changes of a reviewer."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        EDITED = "edited", _("accepted with changes")
        REJECTED = "rejected", _("not accepted")
        TAKEN_BACK = "taken_back", _("taken back")

    item = models.OneToOneField(Item, on_delete=models.PROTECT, primary_key=True, related_name="reviewed")
    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, related_name="reviewed")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    text = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("text that is read")
        verbose_name_plural = _("texts that are read")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "edited"]) & ~Q(text="")
                | ~Q(outcome__in=["accepted", "edited"]) & Q(text=""),
                name="what_is_accepted_has_its_text",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None) | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="an_outcome_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.judgement_id}: {self.outcome or '…'}"


class Review(models.Model):
    """What one reader says. An edit has its `text`; a rejection a `reason`, and words where they help.

    `target` is the variety that was asked for, `written_as` the author's own, `read_as` the reader's own. Only where
    the three are one can the reason be `variety`: a constraint, so that no door in leads around it.
    """

    class Decision(models.TextChoices):
        ACCEPT = "accept", _("accept")
        EDIT = "edit", _("accept with changes")
        REJECT = "reject", _("do not accept")

    class Reason(models.TextChoices):
        OFF_TASK = "off_task", _("It does not do what was asked")
        WRONG = "wrong", _("It says something that is not so")
        UNCLEAR = "unclear", _("One cannot follow it, or it is cut off")
        HARM = "harm", _("It hurts or puts somebody in danger")
        PERSONAL = "personal", _("It shows who somebody is")
        COPIED = "copied", _("It seems to be copied, or written by a machine")
        VARIETY = "variety", _("It is not in the variety that was asked for")
        OTHER = "other", _("Something else, in the words below")

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="review")
    decision = models.CharField(max_length=6, choices=Decision)
    text = models.TextField(blank=True)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    words = models.CharField(max_length=1_000, blank=True)
    target = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    written_as = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    read_as = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reason="variety") | Q(written_as=F("target"), read_as=F("target")),
                name="nobody_is_rejected_for_their_variety",
            ),
            models.CheckConstraint(
                condition=Q(decision="reject") & ~Q(reason="") | ~Q(decision="reject") & Q(reason="", words=""),
                name="a_rejection_says_why",
            ),
            models.CheckConstraint(condition=Q(text="") | Q(decision="edit"), name="only_an_edit_has_a_text"),
        ]

    def __str__(self) -> str:
        return self.decision
