"""The words of a flag, flags, and what somebody has to look at because of them."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Assignment, Item, Judgement
from annotations.corpus.models import Output
from annotations.people.models import Person
from annotations.people.texts import supported


class _Worded(models.Model):
    """A row whose words stand in three languages, in columns that end in `_es`, `_pt` and `_en`."""

    class Meta:
        abstract = True

    def said(self, what: str) -> str:
        """One of its words in the language of the page."""
        return str(getattr(self, f"{what}_{supported(get_language()).partition('-')[0]}"))


class Severity(_Worded):
    """How grave a flag is, 1 to 4, with an anchor in words; `workflow` says what the two gravest set in motion."""

    level = models.PositiveSmallIntegerField(primary_key=True)
    code = models.CharField(max_length=20, unique=True)
    name_es = models.CharField(max_length=80)
    name_pt = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    anchor_es = models.TextField()
    anchor_pt = models.TextField()
    anchor_en = models.TextField()
    workflow = models.CharField(max_length=20)

    GRAVE: ClassVar = 3
    """From here on a flag hides what it is about once more than one voice says so."""
    CRITICAL: ClassVar = 4
    """This one hides it by itself."""

    class Meta:
        verbose_name_plural = "severities"
        ordering: ClassVar = ["level"]

    def __str__(self) -> str:
        return f"{self.level} {self.code}"


class TargetGroup(_Worded):
    """Whom a flagged text harms."""

    code = models.CharField(max_length=40, primary_key=True)
    name_es = models.CharField(max_length=120)
    name_pt = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.code


class BiasCategory(_Worded):
    """What is wrong. `target_groups` are the codes usually meant; `maps_to` names the like in other collections."""

    code = models.CharField(max_length=40, primary_key=True)
    family = models.CharField(max_length=20)
    name_es = models.CharField(max_length=120)
    name_pt = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    help_es = models.TextField()
    help_pt = models.TextField()
    help_en = models.TextField()
    target_groups = ArrayField(models.CharField(max_length=40), default=list)
    maps_to = models.TextField(blank=True)
    display_order = models.PositiveSmallIntegerField()

    SOCIAL: ClassVar = "social_bias"
    """The family of what is against somebody, so that a flag says against whom."""

    class Meta:
        verbose_name_plural = "bias categories"
        ordering: ClassVar = ["display_order"]

    def __str__(self) -> str:
        return self.code


class Look(models.Model):
    """Something a person must look at: an output that somebody flagged, or, without one, a task that is broken.

    `hidden_at` is since when nobody is shown it, `hidden_by` the rule that hid it. The decision has its reason, and can
    be taken anew.
    """

    class Rule(models.TextChoices):
        SEVERITY = "severity", _("somebody says that it is critical")
        SECOND = "second", _("a second person says so")
        SPEAKER = "speaker", _("a steward or a confirmed speaker says so")
        MACHINE = "machine", _("screening finds something too")
        MODERATOR = "moderator", _("a moderator decided so")

    class Decision(models.TextChoices):
        OUT = "out", _("it stays out")
        VEILED = "veiled", _("it comes back, behind a click")
        FINE = "fine", _("it comes back")

    output = models.ForeignKey(Output, null=True, blank=True, on_delete=models.PROTECT, related_name="looks")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="looks")
    opened_at = models.DateTimeField(db_default=Now())
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.CharField(max_length=10, choices=Rule, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("look at an output")
        verbose_name_plural = _("looks at outputs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["output"], condition=Q(decided_at=None), name="an_output_is_looked_at_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["item"], condition=Q(output=None, decided_at=None), name="a_task_is_looked_at_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by="") | Q(hidden_at__isnull=False) & ~Q(hidden_by=""),
                name="what_is_hidden_says_by_which_rule",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decision="", reason="")
                | Q(decided_at__isnull=False) & ~Q(decision="") & ~Q(reason=""),
                name="a_decision_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.decision or '…'}"


UNLOOKED: Final = Q(look=None, wrong=True) & (
    Q(judgement=None) | Q(severity__gte=Severity.GRAVE) | ~Q(counter_example="")
)
"""Flags that ask for a look and have none; their index is as small as they are few."""


class Flag(models.Model):
    """What somebody says is wrong in an output they were shown at a seat: as the answer that a campaign of flags asks
    for (`judgement`), or in passing, at a seat of any kind. Whose it is the seat says.

    The span is `[start, end)` in Unicode code points of the output's text; without one the whole is meant. `weighs` is
    whether it can hide the output from others: it does not while too much of the same person waits to be looked at.
    `taken` is whether whoever decided found its counter-example a good answer in the place of the output.
    """

    class Stance(models.TextChoices):
        ENDORSED = "endorsed", _("The answer says it as its own")
        MENTIONED = "mentioned", _("It only mentions it")
        CRITICISED = "criticised", _("It mentions it to object")

    class Common(models.TextChoices):
        OFTEN = "often", _("One hears it often")
        SOMETIMES = "sometimes", _("Sometimes")
        RARELY = "rarely", _("Rarely")
        NEVER = "never", _("Never")

    judgement = models.OneToOneField(Judgement, null=True, on_delete=models.CASCADE, related_name="flag")
    seat = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="flags")
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="flags")
    look = models.ForeignKey(Look, null=True, on_delete=models.SET_NULL, related_name="flags")
    wrong = models.BooleanField()
    weighs = models.BooleanField(default=True)
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    categories = ArrayField(models.CharField(max_length=40), default=list)
    severity = models.PositiveSmallIntegerField(null=True)
    groups = ArrayField(models.CharField(max_length=40), default=list)
    stance = models.CharField(max_length=10, choices=Stance, blank=True)
    common = models.CharField(max_length=9, choices=Common, blank=True)
    counter_example = models.TextField(blank=True)
    taken = models.BooleanField(default=False, db_default=False)
    comment = models.TextField(blank=True)
    flagged_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["seat", "output"], condition=Q(judgement=None), name="an_output_is_flagged_in_passing_once"
            ),
            models.CheckConstraint(
                condition=Q(wrong=True, severity__isnull=False) & ~Q(categories=[]) & ~Q(stance="")
                | Q(wrong=False, severity=None, categories=[], groups=[], stance="", common="", counter_example="",
                    comment="", start=None, end=None),
                name="a_flag_says_what_is_wrong",
            ),
            models.CheckConstraint(
                condition=Q(wrong=True) | Q(judgement__isnull=False), name="only_who_is_asked_says_nothing_is_wrong"
            ),
            models.CheckConstraint(
                condition=Q(taken=False) | ~Q(counter_example=""), name="what_is_taken_is_a_counter_example"
            ),
            models.CheckConstraint(
                condition=Q(start=None, end=None)
                | Q(start__isnull=False, end__isnull=False, start__lt=models.F("end")),
                name="a_span_has_two_ends",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["output"], condition=UNLOOKED, name="flags_to_look_into")]

    def __str__(self) -> str:
        return ", ".join(self.categories) or "–"
