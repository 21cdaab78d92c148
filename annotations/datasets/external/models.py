"""Documents, and the votes that came under them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.corpus.models import Prompt, Use
from annotations.people.models import Person, Variety


class ExternalBatch(models.Model):
    """The votes of one document: the consent or agreement under which they were given elsewhere, by its name or its
    number. Once it is withdrawn it has no votes any more and takes none: the row stays, and says how many there were
    (`gone`) and why."""

    document = models.CharField(
        _("document"), max_length=120, unique=True,
        help_text=_("The consent or agreement under which they were given: its name or number. Everybody reads it."),
    )  # fmt: skip
    entered_at = models.DateTimeField(_("came in"), db_default=Now())
    brought_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("brought by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("withdrawn by")
    )
    why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)
    gone = models.PositiveIntegerField(_("votes that went with it"), default=0)

    class Meta:
        ordering: ClassVar = ["-entered_at"]
        verbose_name = _("document of votes given elsewhere")
        verbose_name_plural = _("votes given elsewhere, by document")
        default_permissions: ClassVar = ["view", "add", "change"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(document=""), name="external_votes_have_a_document"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, why="", gone=0) | Q(withdrawn_at__isnull=False) & ~Q(why=""),
                name="a_document_that_was_withdrawn_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.document


class ExternalVote(models.Model):
    """One vote, in the words of the API: keys are by place in `outputs`, which are `{"model", "text", "licence"}`.

    `source_id` is the importer's own. `annotator` is a sum with the house's key of who gave it, in which nobody is
    found again; empty where nobody said. `held_back` says why it is not released until somebody decides. The question
    stands in the corpus, under a source that permits nothing here; what the vote may be used for is its own."""

    class Preferred(models.TextChoices):
        A = "a", "a"
        B = "b", "b"
        C = "c", "c"
        D = "d", "d"
        TIE = "tie", _("a tie")
        BOTH_GOOD = "both_good", _("both good")
        BOTH_BAD = "both_bad", _("both bad")

    batch = models.ForeignKey(
        ExternalBatch, on_delete=models.PROTECT, related_name="votes", verbose_name=_("document")
    )  # fmt: skip
    source_id = models.CharField(max_length=200)
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+", verbose_name=_("prompt"))
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    outputs = models.JSONField()
    preferred = models.CharField(max_length=9, choices=Preferred)
    strength = models.PositiveSmallIntegerField(null=True, blank=True)
    ranking = models.JSONField(null=True, blank=True)
    annotator = models.CharField(max_length=32, blank=True)
    given_on = models.DateField(_("given on"), null=True, blank=True)
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=80)
    permitted_use = ArrayField(models.CharField(max_length=8, choices=Use), verbose_name=_("what for"))
    held_back = models.CharField(max_length=40, blank=True)
    entered_at = models.DateTimeField(_("came in"), db_default=Now())

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name = _("vote given elsewhere")
        verbose_name_plural = _("votes given elsewhere")
        default_permissions: ClassVar = ["view", "change"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "source_id"], name="one_external_vote_per_document_and_id"),
            models.CheckConstraint(
                condition=Q(strength=None) | Q(strength__in=[1, 2], preferred__in=["a", "b", "c", "d"]),
                name="an_external_strength_goes_with_a_preferred_output",
            ),
            models.CheckConstraint(condition=~Q(licence=""), name="an_external_vote_has_a_licence"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["entered_at"], name="external_votes_by_entry"),
            models.Index(fields=["held_back"], condition=~Q(held_back=""), name="external_votes_held_back"),
        ]

    def __str__(self) -> str:
        return self.source_id
