"""Sanctions."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person

WORDS: Final = 2_000
"""Characters of what is said to somebody, or by them."""


class Sanction(models.Model):
    """What was decided about somebody: which step, for which reason, in which words, from when to when.

    `ends_at` is when it ends by itself, `ended_at` since when it is over, for whatever reason: its time was up,
    somebody lifted it (`lifted_by`, `why_lifted`), an appeal was granted, or its person read the notice. `read_at` is
    when they said so. `seconded_at` is since when a second person says too that an account is to be closed.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", _("a notice")
        LIMITED = "limited", _("so many answers a day")
        PAUSED = "paused", _("a pause")
        CLOSED = "closed", _("a closed account")

    class Code(models.TextChoices):
        HURRIED = "hurried", _("answers that were given without reading")
        COPIED = "copied", _("texts that a machine wrote, sent in as one's own")
        SEVERAL = "several", _("several accounts of one person, or work agreed upon between accounts")
        HURTFUL = "hurtful", _("words that attack others")
        EXPOSING = "exposing", _("personal data of others")
        ADVERTS = "adverts", _("advertising, or texts that have nothing to do with the task")
        OTHER = "other", _("another reason")

    kind = models.CharField(_("what"), max_length=7, choices=Kind)
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="sanctions", verbose_name=_("person")
    )  # fmt: skip
    code = models.CharField(_("reason"), max_length=8, choices=Code)
    words = models.TextField(
        _("in words, for them"), max_length=WORDS, help_text=_("What happened, and what to do otherwise. They read it.")
    )
    most_a_day = models.PositiveSmallIntegerField(_("answers a day"), null=True, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(_("since"), db_default=Now())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    second = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    seconded_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("over since"), null=True, blank=True)
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    why_lifted = models.TextField(_("why it was lifted"), blank=True)

    class Meta:
        ordering: ClassVar = ["-decided_at", "-pk"]
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        indexes: ClassVar = [
            models.Index(fields=["ends_at"], condition=Q(ended_at=None), name="sanctions_that_will_end"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(words=""), name="a_sanction_is_told_in_words"),
            models.CheckConstraint(
                condition=Q(kind__in=["notice", "closed"], ends_at=None)
                | Q(kind__in=["limited", "paused"], ends_at__gt=F("decided_at"), ends_at__isnull=False),
                name="a_limit_and_a_pause_have_an_end",
            ),
            models.CheckConstraint(
                condition=Q(kind="limited", most_a_day__gte=1) | ~Q(kind="limited") & Q(most_a_day=None),
                name="a_limit_says_how_much",
            ),
            models.CheckConstraint(
                condition=Q(second=None) | Q(decided_by=None) | ~Q(second=F("decided_by")),
                name="two_people_close_an_account",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")),
                name="nobody_decides_about_themselves",
            ),
            models.CheckConstraint(
                condition=Q(why_lifted="") | Q(ended_at__isnull=False), name="what_was_lifted_is_over"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
