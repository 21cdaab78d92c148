"""What was asked, and what is answered in the open."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Item
from annotations.people.models import Person, Variety

MOST_WORDS = 1_000
"""Characters of a note, of an answer, and of a question in the open."""


class Inquiry(models.Model):
    """A note to the moderators: about an item, as it was asked in a variety, or about the guidelines of a kind."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="inquiries", verbose_name=_("user name"))
    kind = models.CharField(_("kind"), max_length=20)
    item = models.ForeignKey(Item, null=True, on_delete=models.CASCADE, related_name="inquiries")
    variety = models.ForeignKey(
        Variety, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("variety")
    )
    text = models.TextField(_("note"), max_length=MOST_WORDS)
    asked_at = models.DateTimeField(_("asked on"), db_default=Now())
    answer = models.TextField(_("answer"), blank=True, max_length=MOST_WORDS)
    answered_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered on"), null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("note to the moderators")
        verbose_name_plural = _("notes to the moderators")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="an_inquiry_says_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="an_inquiry_is_answered_in_words",
            ),
            models.CheckConstraint(condition=~Q(answered_by=models.F("person")), name="nobody_answers_their_own_note"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"  # the panel's log keeps it longer than the note


class OpenAnswer(models.Model):
    """What stands beside the guidelines of a kind. It points to no item and to nobody who asked."""

    kind = models.CharField(_("kind"), max_length=20)
    question = models.TextField(_("question"), max_length=MOST_WORDS)
    answer = models.TextField(_("answer"), max_length=MOST_WORDS)
    told_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("answered by")
    )
    told_at = models.DateTimeField(_("answered on"), db_default=Now())
    until = models.DateTimeField(_("taken back on"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer in the open")
        verbose_name_plural = _("answers in the open")
        default_permissions = ("view", "change")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(question="") & ~Q(answer=""), name="an_open_answer_says_something"),
        ]

    def __str__(self) -> str:
        return self.question[:80]
