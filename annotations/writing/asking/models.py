"""Questions to models."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.writing.models import PromptProposal


class Question(models.Model):
    """One prompt to be answered by one model of the settings (`MINKA_MODELS`). `problem` names why the last try
    brought no answer, or why none was made: `no_transfer` (its author's word is lacking), `governed` (its stewards').
    It is tried again at `due_at`, until it is given up, which is when `due_at` is empty."""

    proposal = models.ForeignKey(PromptProposal, on_delete=models.CASCADE, related_name="questions")
    model = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True, db_default=Now())
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("question to a model")
        verbose_name_plural = _("questions to models")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "model"], name="one_question_per_proposal_and_model"),
            models.CheckConstraint(
                condition=Q(answered_at=None, text="") | (Q(answered_at__isnull=False, due_at=None) & ~Q(text="")),
                name="an_answered_question_has_its_answer",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="questions_due")]

    def __str__(self) -> str:
        return f"{self.model}: {self.proposal_id}"
