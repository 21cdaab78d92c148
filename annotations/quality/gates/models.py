"""What was too much of one account or one day, and what is kept aside for it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign, Judgement
from annotations.corpus.models import ModelVersion
from annotations.people.models import Person, Variety


class Hold(models.Model):
    """That too much of a slice came from one account, or from those who joined on one day; or too many texts from one
    account. Of each there is one row until it is released.

    A slice is what was judged of one kind (`work`) in one `variety` or about one `model`; texts are those of the whole
    campaign. `share` of `given` judgements is what it was, `limit` what it may be, `judgements` how many are kept
    aside, or would be where it is only reported. A report goes by itself when it is no longer so.

    To release takes two who are not concerned: one asks with a reason, another agrees.
    """

    class Why(models.TextChoices):
        ACCOUNT = "account", _("much from one account")
        COHORT = "cohort", _("much from those who joined on one day")
        TEXTS = "texts", _("many texts from one account")

    class Mode(models.TextChoices):
        REPORT = "report", _("reported")
        HOLD = "hold", _("kept aside")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="holds", db_index=False)
    why = models.CharField(max_length=7, choices=Why)
    work = models.CharField(max_length=20, blank=True)
    variety = models.ForeignKey(Variety, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    model = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    day = models.DateField(null=True)
    contributors = models.PositiveIntegerField()
    given = models.PositiveIntegerField()
    share = models.FloatField()
    limit = models.FloatField()
    judgements = models.PositiveIntegerField()
    mode = models.CharField(max_length=6, choices=Mode)
    found_at = models.DateTimeField(db_default=Now())
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=1_000, blank=True)
    released_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("hold on an account")
        verbose_name_plural = _("holds on accounts")
        permissions: ClassVar = [("release_holds", "Can let judgements count again that were kept aside")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "why", "work", "variety", "model", "person", "day"], nulls_distinct=False,
                condition=Q(released_at=None) & (Q(person__isnull=False) | Q(day__isnull=False)),
                name="one_open_hold_of_a_slice_and_whom",
            ),
            models.CheckConstraint(
                condition=Q(why="cohort", day__isnull=False, person=None) | Q(why__in=["account", "texts"], day=None),
                name="a_hold_names_an_account_or_a_day",
            ),
            models.CheckConstraint(
                condition=Q(why="texts", work="", variety=None, model=None)
                | Q(why__in=["account", "cohort"])
                & ~Q(work="")
                & (Q(variety__isnull=False, model=None) | Q(variety=None, model__isnull=False)),
                name="a_hold_is_of_one_slice",
            ),
            models.CheckConstraint(
                condition=Q(asked_at=None, asked_by=None, reason="")
                | Q(asked_at__isnull=False) & (Q(asked_by=None) | ~Q(reason="")),
                name="who_asks_for_a_release_says_why",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, asked_at__isnull=False, mode="hold"),
                name="what_is_released_was_held_and_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("asked_by")), name="a_release_takes_two"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("asked_by")) & ~Q(person=F("released_by")), name="nobody_releases_their_own"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.why} {self.pk}"


class Held(models.Model):
    """A judgement that is or was kept aside, and by which hold. The row stays after the release: what two people looked
    at is not held again, and is in nobody's share any more."""

    judgement = models.OneToOneField(Judgement, on_delete=models.CASCADE, primary_key=True, related_name="held")
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="held")

    class Meta:
        verbose_name_plural = "held"

    def __str__(self) -> str:
        return str(self.judgement_id)
