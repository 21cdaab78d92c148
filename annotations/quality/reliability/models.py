"""The counts of a person, the counts of a gold item, and objections to both."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign, Item
from annotations.people.models import Person, Variety


class Reliability(models.Model):
    """In how many of a person's answers, in a campaign and as a speaker of a variety, others say the same: what is
    expected of gold that they were told of, what trusted speakers said, the majority of the others. Made anew each
    night. `judgements` are the votes of theirs that count, and their answers to gold."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", db_index=False)
    judgements = models.PositiveIntegerField()
    gold_agreed = models.PositiveIntegerField(default=0)
    gold_of = models.PositiveIntegerField(default=0)
    anchors_agreed = models.PositiveIntegerField(default=0)
    anchors_of = models.PositiveIntegerField(default=0)
    others_agreed = models.PositiveIntegerField(default=0)
    others_of = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("agreement of a person")
        verbose_name_plural = _("agreement of people")
        permissions: ClassVar = [("see_reliability", "Can see in how many of somebody's answers others say the same")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "variety", "person"], name="a_person_is_counted_once_in_a_variety"
            ),
            models.CheckConstraint(
                condition=Q(gold_agreed__lte=F("gold_of"), anchors_agreed__lte=F("anchors_of"))
                & Q(others_agreed__lte=F("others_of")),
                name="nobody_agrees_more_often_than_they_could",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.variety_id}"


class GoldCount(models.Model):
    """How many people of a variety gave the expected answer to a gold item, of how many. It names nobody."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="gold_counts", db_index=False)
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", db_index=False)
    agreed = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "variety"], name="gold_is_counted_once_in_a_variety"),
            models.CheckConstraint(condition=Q(agreed__lte=F("answered")), name="no_more_agree_than_answered"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.variety_id} {self.agreed}/{self.answered}"


class Objection(models.Model):
    """What somebody says against what was expected of a gold item, or, without one, against their figures as a whole;
    and what a human who is not them answered. Where it is upheld, the item is retired for everybody."""

    class Decision(models.TextChoices):
        UPHELD = "upheld", _("right: the item is asked of nobody any more, and stands in no figure")
        KEPT = "kept", _("the item stays as it is")
        ANSWERED = "answered", _("answered")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.CASCADE, related_name="objections", db_index=False
    )
    text = models.TextField(_("why"), max_length=2_000)
    made_at = models.DateTimeField(_("received"), db_default=Now())
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True)
    answer = models.TextField(_("in words, for them"), max_length=2_000, blank=True)
    decided_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("answered by")
    )
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "item"], condition=Q(item__isnull=False), name="one_objection_to_an_item"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(item=None, decided_at=None), name="one_open_objection_to_the_figures"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, decision="", answer="")
                | Q(decided_at__isnull=False) & ~Q(decision="") & ~Q(answer=""),
                name="an_objection_is_answered_in_words",
            ),
            models.CheckConstraint(
                condition=Q(item=None, decision__in=["", "answered"])
                | Q(item__isnull=False, decision__in=["", "upheld", "kept"]),
                name="only_an_item_is_upheld_or_kept",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")), name="nobody_answers_their_own_objection"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.decision or '–'}"
