"""Confirmations, the words of speakers that lead to one, and the codes that are handed to them."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person, Variety


class Confirmed(models.Model):
    """That somebody's knowledge of a variety is confirmed, and of its ancestors by that, as speaking is. In force until
    a person takes it back, with a reason; ended rows are kept, and what a person ended only a person brings back."""

    class How(models.TextChoices):
        QUIZ = "quiz", _("by practising in a campaign")
        SPEAKERS = "speakers", _("by two who speak it")
        LEAD = "lead", _("by a lead")
        STEWARDS = "stewards", _("by its stewards")

    class Code(models.TextChoices):
        MISTAKE = "mistake", _("it was confirmed by mistake")
        WISH = "wish", _("the person asked for it")
        UNFAIR = "unfair", _("it was come by unfairly")
        OTHER = "other", _("another reason, in words")

    NAMED: ClassVar = (How.LEAD, How.STEWARDS)
    """By the word of one person, who is `confirmed_by`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="confirmed", verbose_name=_("person"))
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", verbose_name=_("variety"))
    how = models.CharField(_("how"), max_length=8, choices=How)
    since = models.DateTimeField(_("since"), db_default=Now())
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(_("reason"), max_length=2_000, blank=True)
    until = models.DateTimeField(_("until"), null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_code = models.CharField(_("reason of the end"), max_length=8, choices=Code, blank=True)
    ended_reason = models.TextField(_("in words"), max_length=2_000, blank=True)

    class Meta:
        verbose_name = _("confirmed speaker")
        verbose_name_plural = _("confirmed speakers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "variety"], condition=Q(until=None), name="one_confirmation_per_person_and_variety"
            ),
            models.CheckConstraint(condition=~Q(confirmed_by=F("person")), name="nobody_confirms_themselves"),
            models.CheckConstraint(
                condition=Q(how__in=["lead", "stewards"]) | Q(confirmed_by=None, reason=""),
                name="only_who_is_named_has_a_namer",
            ),
            models.CheckConstraint(
                condition=Q(until=None, ended_code="") | (Q(until__isnull=False) & ~Q(ended_code="")),
                name="what_is_taken_back_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variety_id} ({self.how})"


class Vouch(models.Model):
    """The word of a confirmed speaker that somebody else speaks a variety. Two make a confirmation; what stands by then
    stands on, whatever becomes of who said it."""

    speaker = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="vouches_given")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="vouches")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("vouching")
        verbose_name_plural = _("vouchings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "variety", "speaker"], name="one_vouch_per_speaker_person_and_variety"
            ),
            models.CheckConstraint(condition=~Q(speaker=F("person")), name="nobody_vouches_for_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.variety_id}"


class VouchCode(models.Model):
    """A code that somebody hands to speakers who know them, in person or by message: whoever opens it and is confirmed
    can vouch. Of the code only a keyed hash is kept; a new one ends the one before."""

    LASTS: ClassVar = dt.timedelta(days=3)

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="vouch_codes")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "variety"], name="one_vouch_code_per_person_and_variety"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.variety_id}"
