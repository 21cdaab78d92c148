"""Guests, and what they answered before they had an account."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.assignments.models import Assignment, Cell, Item
from annotations.people.models import Person, Variety

AT_MOST = 10
"""Items a guest is shown."""


class Guest(models.Model):
    """Somebody without an account: a random id, what they speak, and the short text they agreed to.

    `person` is whoever claimed this guest and still has to say what they speak or to consent; when everything is
    theirs the row is gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="guests")
    text_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=5)
    agreed_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


class GuestJudgement(models.Model):
    """An item a guest was shown, as one of their ten, and what they answered: nothing yet, an answer as the kind
    checked it, or a way out. `shown` is the order drawn when they saw it first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    guest = models.ForeignKey(Guest, on_delete=models.CASCADE, related_name="judgements")
    number = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="+")
    judge_variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    shown = ArrayField(models.BigIntegerField())
    offer_probability = models.FloatField()
    guideline_version = models.CharField(max_length=20)
    shown_at = models.DateTimeField(db_default=Now(), db_index=True)
    key = models.UUIDField(null=True)
    answer = models.JSONField(null=True)
    opt_out = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5, blank=True)
    seconds = models.FloatField(null=True)
    given_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guest", "item"], name="one_judgement_per_guest_and_item"),
            models.UniqueConstraint(fields=["guest", "key"], name="one_judgement_per_guest_and_key"),
            models.UniqueConstraint(fields=["guest", "number"], name="one_judgement_per_guest_and_number"),
            models.CheckConstraint(condition=Q(number__range=(1, AT_MOST)), name="a_guest_is_shown_ten_at_most"),
            models.CheckConstraint(
                condition=Q(given_at=None, key=None, answer__isnull=True, opt_out="")
                | Q(given_at__isnull=False, key__isnull=False, answer__isnull=False, opt_out="")
                | (Q(given_at__isnull=False, key__isnull=False, answer__isnull=True) & ~Q(opt_out="")),
                name="a_guest_gave_an_answer_or_a_way_out_or_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guest_id} {self.number}"

    def as_seat(self) -> Assignment:
        """The seat this turn would be, not in the database: what a kind checks an answer against, what a table shows,
        and, once it has a person, what a claim saves."""
        return Assignment(
            pk=self.pk, item=self.item, cell=self.cell, judge_variety_id=self.judge_variety_id, shown=self.shown,
            offer_policy="guest", offer_probability=self.offer_probability, claimed_at=self.shown_at,
            expires_at=self.shown_at,
        )  # fmt: skip
