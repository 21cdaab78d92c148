"""Translations, those that were accepted, and the terms of glossaries."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Judgement
from annotations.people.models import Variety

LONGEST: Final = {"term": 120, "translation": 200, "note": 400}
"""Characters of a term's fields."""


class Translation(models.Model):
    """The item's source in the cell's variety. `orthography` is a code of `seeds/palettes.csv`, empty where it was not
    said; `warnings` are codes of `checks.py`.

    What began with an accepted translation says with which and how far it went from it (`distance`, in characters; null
    where it began with nothing). `valid_here` took it as it is. Where that other one's author is erased with their
    words, what others made of them loses its text too.
    """

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="translation")
    text = models.TextField(blank=True)
    orthography = models.CharField(max_length=20, blank=True)
    started_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="went_on")
    distance = models.PositiveIntegerField(null=True, blank=True)
    valid_here = models.BooleanField(default=False)
    warnings = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(text="") | Q(distance__isnull=False, started_from=None),
                name="a_translation_says_something",
            ),
            models.CheckConstraint(
                condition=Q(started_from=None) | Q(distance__isnull=False),
                name="what_began_elsewhere_says_how_far_it_went",
            ),
            models.CheckConstraint(
                condition=Q(valid_here=False) | Q(distance__isnull=False, distance=0),
                name="what_is_valid_here_was_taken_as_it_is",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Approved(models.Model):
    """A translation that readers accepted, as it stands after them: a row of the translation memory. It is searched
    while its judgement counts. `variety` is the one its author wrote as, which its readers speak."""

    translation = models.OneToOneField(Translation, on_delete=models.CASCADE, primary_key=True, related_name="approved")
    source = models.TextField()
    source_variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    approved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("accepted translation")
        verbose_name_plural = _("accepted translations")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~(Q(source="") | Q(text="")), name="the_memory_holds_both_texts")
        ]
        indexes: ClassVar = [models.Index("variety", Length("source"), name="memory_by_length")]

    def __str__(self) -> str:
        return self.text[:60]


class Term(models.Model):
    """How a word of the source's variety, or of one within it, is to be said in the other, or in one within that."""

    source_variety = models.ForeignKey(Variety, on_delete=models.CASCADE, related_name="+", verbose_name=_("from"))
    variety = models.ForeignKey(Variety, on_delete=models.CASCADE, related_name="+", verbose_name=_("into"))
    term = models.CharField(_("term"), max_length=LONGEST["term"])
    translation = models.CharField(_("its translation"), max_length=LONGEST["translation"])
    note = models.CharField(_("note"), max_length=LONGEST["note"], blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source_variety", "variety", "term"], name="one_translation_per_term_and_varieties"
            ),
            models.CheckConstraint(condition=~(Q(term="") | Q(translation="")), name="a_term_has_its_translation"),
        ]
        ordering: ClassVar = ["source_variety", "variety", "term"]

    def __str__(self) -> str:
        return f"{self.term} → {self.translation}"
