"""What people write: demonstrations, corrections, prompts they propose."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Item, Judgement
from annotations.corpus.models import Output, Prompt


class Demonstration(models.Model):
    """An ideal answer to the item's prompt."""

    judgement = models.OneToOneField(
        Judgement, on_delete=models.CASCADE, primary_key=True, related_name="demonstration"
    )
    text = models.TextField()

    class Meta:
        verbose_name = _("written answer")
        verbose_name_plural = _("written answers")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="a_demonstration_says_something")]

    def __str__(self) -> str:
        return self.text[:60]


class Correction(models.Model):
    """A better version of an output. `distance` is the edit distance between the two, in characters."""

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="correction")
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    distance = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="a_correction_says_something"),
            models.CheckConstraint(condition=Q(distance__gte=1), name="a_correction_changes_something"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class PromptProposal(models.Model):
    """A question somebody would ask; the item's prompt is the brief, its variety the one they judged as.

    Accepted, it is a `prompt` of the corpus: a new one, which is its own (`is_new`), or one that was there already in
    the same words. `item` is the vote between the answers to it.
    """

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="proposal")
    text = models.TextField()
    domain = models.CharField(max_length=40, blank=True)
    country_about = models.CharField(max_length=2, blank=True)
    prompt = models.ForeignKey(Prompt, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals")
    is_new = models.BooleanField(default=False)
    item = models.OneToOneField(Item, null=True, blank=True, on_delete=models.PROTECT, related_name="proposal")

    class Meta:
        verbose_name = _("proposed question")
        verbose_name_plural = _("proposed questions")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="a_proposal_says_something"),
            models.UniqueConstraint(fields=["prompt"], condition=Q(is_new=True), name="one_proposal_brought_a_prompt"),
            models.CheckConstraint(
                condition=Q(is_new=False, item=None) | Q(prompt__isnull=False), name="what_is_asked_is_a_prompt"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]
