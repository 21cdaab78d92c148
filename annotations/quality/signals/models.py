"""Where signals are looked for, what was seen, and by what texts are found again."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign, Judgement
from annotations.corpus.models import Output
from annotations.people.models import Person


class Watched(models.Model):
    """A campaign in which signals are looked for each night. Without a row nothing is looked for; when the row goes,
    what nobody has looked at goes with the next night."""

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="watched", verbose_name=_("campaign")
    )
    since = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("campaign with signals")
        verbose_name_plural = _("campaigns with signals")

    def __str__(self) -> str:
        return str(self.campaign)


class Signal(models.Model):
    """That `part` of `whole` answers of one kind (`work`) that somebody gave in a campaign look as if nobody had read,
    or are like other texts. It is no verdict about anybody.

    `button` is which one, of `one_button`; `others` how often others press it, `by_chance` how likely anybody of so
    many people would do so by chance. `strength` is how great the part is at least (`rules.py:strength`). `last` is the
    newest judgement that was counted, at `last_at`; what somebody looked at is counted no more, and `last_at` is then
    when.
    """

    class Kind(models.TextChoices):
        FAST = "fast", _("faster than one reads")
        ONE_BUTTON = "one_button", _("nearly always one button")
        SAME_TEXT = "same_text", _("like another text")
        MODEL_TEXT = "model_text", _("like the text of a model")

    class Button(models.TextChoices):
        FIRST = "first", _("the first place")
        SECOND = "second", _("the second place")
        TIE = "tie", _("alike")
        BOTH_GOOD = "both_good", _("both are good")
        BOTH_BAD = "both_bad", _("both are bad")

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="signals", db_index=False, verbose_name=_("campaign")
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("what is seen"), max_length=10, choices=Kind)
    work = models.CharField(_("work"), max_length=20)
    button = models.CharField(_("button"), max_length=9, choices=Button, blank=True)
    part = models.PositiveIntegerField()
    whole = models.PositiveIntegerField()
    others = models.FloatField(null=True)
    by_chance = models.FloatField(null=True)
    strength = models.FloatField(_("strength"))
    last = models.BigIntegerField()
    last_at = models.DateTimeField(_("last"))
    found_at = models.DateTimeField(_("found"), db_default=Now())
    looked_by = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("looked at by")
    )
    looked_at = models.DateTimeField(_("looked at"), null=True)
    reason = models.CharField(_("reason"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        default_permissions = ()
        permissions: ClassVar = [
            ("see_signals", "Can see whose work looks as if nobody had read it"),
            ("look_at_signals", "Can say that there is nothing to a signal"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "person", "kind", "work"], condition=Q(looked_at=None),
                name="one_open_signal_of_a_kind",
            ),
            models.CheckConstraint(condition=Q(part__gte=1, part__lte=F("whole")), name="a_signal_is_a_part"),
            models.CheckConstraint(condition=Q(strength__range=(0, 1)), name="a_signal_s_strength_is_a_share"),
            models.CheckConstraint(
                condition=Q(kind="one_button", others__isnull=False, by_chance__isnull=False) & ~Q(button="")
                | ~Q(kind="one_button") & Q(button="", others=None, by_chance=None),
                name="only_one_button_names_a_button",
            ),
            models.CheckConstraint(
                condition=Q(looked_at=None, looked_by=None, reason="")
                | Q(looked_at__isnull=False) & (Q(looked_by=None) | ~Q(reason="")),
                name="who_looked_at_a_signal_says_why",
            ),
            models.CheckConstraint(condition=~Q(person=F("looked_by")), name="nobody_looks_at_their_own_signal"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Alike(models.Model):
    """A text of a signal and what it is like: an earlier text, or an output that was there before it. `near` is how
    alike, from 0 to 1, when case, accents and punctuation are left aside. Of several the nearest, then the earliest."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="texts", verbose_name=_("signal"))
    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Judgement, null=True, on_delete=models.CASCADE, related_name="+")
    output = models.ForeignKey(Output, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    near = models.FloatField(_("alike"))

    class Meta:
        verbose_name = _("pair of texts")
        verbose_name_plural = _("pairs of texts")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["judgement"], condition=Q(output=None), name="a_text_is_like_one_text"),
            models.UniqueConstraint(fields=["judgement"], condition=Q(other=None), name="a_text_is_like_one_output"),
            models.CheckConstraint(
                condition=Q(other=None, output__isnull=False) | Q(other__isnull=False, output=None),
                name="a_text_is_like_a_text_or_an_output",
            ),
            models.CheckConstraint(
                condition=Q(other=None) | Q(other__lt=F("judgement")), name="the_other_text_was_first"
            ),
            models.CheckConstraint(condition=Q(near__range=(0, 1)), name="alike_is_a_share"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.near:.0%}"


class Sketch(models.Model):
    """By what a text is found again (`alike.py:sketch`): its bands, some hashes of its words, none of which can be read
    back. It goes with its text. It has none where a text is too short to be compared."""

    judgement = models.OneToOneField(Judgement, null=True, on_delete=models.CASCADE, related_name="sketch")
    output = models.OneToOneField(Output, null=True, on_delete=models.CASCADE, related_name="sketch")

    class Meta:
        verbose_name_plural = "sketches"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(judgement=None, output__isnull=False) | Q(judgement__isnull=False, output=None),
                name="a_sketch_is_of_one_text",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SketchBand(models.Model):
    """A band of a sketch, found by it: those of outputs and those of what people wrote apart."""

    pk = models.CompositePrimaryKey("band", "of_output", "sketch")
    band = models.BigIntegerField()
    of_output = models.BooleanField()
    sketch = models.ForeignKey(Sketch, on_delete=models.CASCADE, related_name="bands")

    def __str__(self) -> str:
        return f"{self.sketch_id} {self.band}"
