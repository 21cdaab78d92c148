"""Which items experts are asked about, what is at the desk, and what came back."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.people.models import Person
from annotations.quality.argilla.rules import a_seed

SAMPLE = 200
"""How many a desk holds unless it is told otherwise: a server takes some twenty records and five answers a second, and
experts a few of them in a minute."""


class ExpertDesk(models.Model):
    """Which items of a campaign experts are asked about. `seed` draws the audit: the same of the same items, whenever
    it is asked, and no volunteer can know them."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="expert_desk")
    is_open = models.BooleanField(_("open"), default=True, help_text=_("Closed: nothing more is sent; answers come."))
    disputed = models.BooleanField(
        _("what is disputed"), default=True,
        help_text=_("Votes without a majority, or with a close one, scores two points apart, texts that readers did "
                    "not accept, flags about which people say different things."),
    )  # fmt: skip
    unsure_below = models.FloatField(
        _("what is less sure than"), null=True, blank=True,
        validators=[MinValueValidator(0.5), MaxValueValidator(0.999)],
        help_text=_("Verdicts of votes that the model beside them is less sure of. Empty: none for that."),
    )  # fmt: skip
    severe = models.BooleanField(
        _("what is flagged as grave"), default=True, help_text=_("Items with a flag of severity 3 or 4.")
    )
    audit = models.PositiveSmallIntegerField(
        _("audit, in %"), default=0, validators=[MaxValueValidator(100)],
        help_text=_("Of what has all its answers, so many are drawn by chance, whatever was said."),
    )  # fmt: skip
    seed = models.BigIntegerField(_("seed of the audit"), default=a_seed, editable=False)
    experts = models.PositiveSmallIntegerField(
        _("experts per item"), default=2, validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("With so many answers it is done at the desk."),
    )  # fmt: skip
    most = models.PositiveIntegerField(
        _("most at once"), default=SAMPLE, validators=[MinValueValidator(1)],
        help_text=_("So many wait for an expert at most: it is a sample, and no mirror."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("expert desk")
        verbose_name_plural = _("expert desks")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(unsure_below=None) | Q(unsure_below__gte=0.5, unsure_below__lt=1),
                name="a_desk_is_unsure_below_a_chance",
            ),
            models.CheckConstraint(condition=Q(audit__lte=100), name="an_audit_is_in_percent"),
            models.CheckConstraint(
                condition=Q(experts__gte=1, experts__lte=9, most__gte=1), name="a_desk_asks_for_somebody"
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)


class ExpertSet(models.Model):
    """A data set at the desk, and how the link to it stands. `news` is the desk's own mark of what it said last.
    `problem` is what stopped the last run: a code of `port.py`, with the desk's words."""

    desk = models.ForeignKey(ExpertDesk, on_delete=models.CASCADE, related_name="sets")
    name = models.CharField(_("data set"), max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    outputs = models.PositiveSmallIntegerField()
    news = models.CharField(max_length=40, blank=True)
    pushed_at = models.DateTimeField(_("last push"), null=True, blank=True)
    pulled_at = models.DateTimeField(_("last pull"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    says = models.CharField(_("what the desk says"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"), null=True, blank=True)

    class Meta:
        verbose_name = _("data set at the desk")
        verbose_name_plural = _("data sets at the desk")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(problem="", since=None) | ~Q(problem="") & Q(since__isnull=False),
                name="a_problem_at_the_desk_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExpertRecord(models.Model):
    """An item, as judged in one variety, that experts are asked about: its id is the record's at the desk. `shown` is
    the order of the outputs, drawn once. `sum` is of what was pushed last: what is as it was is not pushed again.

    `waiting`: to be pushed. `there`: it was. `failed`: the desk does not take it, `problem` and `says` tell why; a
    moderator has it tried again. `gone`: it may not be there any more, and was taken away.
    """

    class Why(models.TextChoices):
        SEVERE = "severe", _("flagged as grave")
        DISPUTED = "disputed", _("disputed")
        UNSURE = "unsure", _("not sure enough")
        AUDIT = "audit", _("drawn for the audit")
        CHOSEN = "chosen", _("chosen by a moderator")

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        THERE = "there", _("at the desk")
        FAILED = "failed", _("not taken")
        GONE = "gone", _("taken away")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(ExpertDesk, on_delete=models.CASCADE, related_name="records")
    at = models.ForeignKey(
        ExpertSet, null=True, blank=True, on_delete=models.PROTECT, related_name="records", verbose_name=_("data set")
    )
    cell = models.OneToOneField(Cell, on_delete=models.PROTECT, related_name="expert_record")
    why = models.CharField(_("reason"), max_length=8, choices=Why)
    chosen_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("chosen by")
    )
    chosen_at = models.DateTimeField(_("since"), db_default=Now())
    shown = ArrayField(models.BigIntegerField())
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    sum = models.CharField(max_length=64, blank=True)
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    says = models.CharField(_("what the desk says"), max_length=300, blank=True)
    pushed_at = models.DateTimeField(_("pushed"), null=True, blank=True)

    class Meta:
        verbose_name = _("item at the desk")
        verbose_name_plural = _("items at the desk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(problem=""), name="what_is_not_taken_says_why"),
            models.CheckConstraint(
                condition=~Q(state="there") | Q(at__isnull=False, pushed_at__isnull=False),
                name="what_is_at_the_desk_was_pushed",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["desk", "state"], name="records_of_desk")]

    def __str__(self) -> str:
        return str(self.cell.item.source_id)


class Expert(models.Model):
    """Somebody's account at the desk: its id there, and a name that says nothing of them. Who is invited is an anchor
    (`people/anchors`): what they say there is trusted where they are one. An account whose person left, or took their
    consent back, is removed there with its answers (`gone_at`); until then `problem` says what keeps it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name at the desk"), max_length=40, unique=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="expert_accounts",
        verbose_name=_("person"),
    )  # fmt: skip
    invited_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("since"), db_default=Now())
    leaves_at = models.DateTimeField(_("to be removed since"), null=True, blank=True)
    gone_at = models.DateTimeField(_("removed"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(gone_at=None), name="one_desk_account_per_person"),
            models.CheckConstraint(condition=Q(gone_at=None) | Q(problem=""), name="what_is_removed_has_no_problem"),
        ]

    def __str__(self) -> str:
        return self.name


class ExpertAnswer(models.Model):
    """What an expert said at the desk, as it stands there, and the judgement it became. Its id is the desk's;
    `changed_at` the desk's own clock, empty where the item was lost there, and with it what was said of it.

    `problem` says why it is none: a code of `Refused`, or `not_an_anchor`, `not_spoken`, `own_work`, `unknown_values`;
    `says` more of it. It is tried again until it can be one.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("given")
        DISCARDED = "discarded", _("left out by the expert")
        DELETED = "deleted", _("taken back by the expert")

    id = models.UUIDField(primary_key=True, editable=False)
    record = models.ForeignKey(ExpertRecord, on_delete=models.CASCADE, related_name="answers")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="answers")
    status = models.CharField(_("state"), max_length=9, choices=Status)
    values = models.JSONField(default=dict)
    changed_at = models.CharField(max_length=40, blank=True)
    judgement = models.OneToOneField(
        Judgement, null=True, blank=True, on_delete=models.SET_NULL, related_name="expert_answer"
    )
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    says = models.CharField(_("more of it"), max_length=300, blank=True)
    pulled_at = models.DateTimeField(_("pulled"), db_default=Now())

    class Meta:
        verbose_name = _("answer of an expert")
        verbose_name_plural = _("answers of experts")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="submitted") | Q(judgement=None, problem=""), name="only_what_is_given_is_judged"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record"], condition=~Q(problem=""), name="expert_answers_with_problem"),
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.expert}"
