"""Campaigns, items, cells, seats, judgements and their receipts."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.opt_outs import BROKEN
from annotations.assignments.tallies.triggers import TALLIED
from annotations.assignments.triggers import CELL_COMES_BACK, CELL_COMES_FIRST
from annotations.corpus.models import Output, Prompt
from annotations.people.clocks import UTC, ZONES, Clock, clock_named
from annotations.people.models import Consent, Person, Variety
from annotations.people.purposes import LICENCES
from annotations.people.stewards.queries import takes_contributions

MOST_GOLD = 50
"""Percent of turns that may be of items whose answer is known: most of what people give is work."""
MOST_DRAWN_FROM = 8
"""Of how many items that are next one is drawn at most: with more, what matters most would wait."""


class Campaign(models.Model):
    """What is asked of whom, and by which rule it is settled. The defaults are the plain campaign of the contract."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    class Rule(models.TextChoices):
        STRICT_MAJORITY = "strict_majority", _("strict majority")

    class Access(models.TextChoices):
        OPEN = "open", _("everybody")
        LINK = "link", _("whoever comes by its link")
        LIST = "list", _("whom a lead names")

    class Gate(models.TextChoices):
        OFF = "off", _("off: nothing is looked at")
        REPORT = "report", _("report: it is told, and everything counts")
        HOLD = "hold", _("hold: what is too much is kept aside")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True, help_text=_("What it is for, in Markdown."))
    asked_by = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20, default="vote")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    needed = models.PositiveSmallIntegerField(
        _("judgements per item"), default=3, help_text=_("K: what an item, or each variety it is judged in, needs.")
    )
    at_least = models.PositiveSmallIntegerField(
        _("at least, at the end"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("When the campaign ends, an item with so many votes is settled with them. Empty: none is."),
    )  # fmt: skip
    rule = models.CharField(max_length=20, choices=Rule, default=Rule.STRICT_MAJORITY)
    sure_at = models.FloatField(
        _("sure enough at"), null=True, blank=True, validators=[MinValueValidator(0.5), MaxValueValidator(0.999)],
        help_text=_("An item asks for more votes until it is so likely that most people would say what leads. Empty:"
                    " every item gets the same number."),
    )  # fmt: skip
    most_votes = models.PositiveSmallIntegerField(
        _("most votes"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("With so many an item is settled, sure or not."),
    )  # fmt: skip
    anchored = models.PositiveSmallIntegerField(
        _("checked by trusted speakers, in %"), default=0, validators=[MaxValueValidator(100)],
        help_text=_("Of so many items, drawn by chance, a verdict waits for the vote of an anchor."),
    )  # fmt: skip
    judged_in = ArrayField(
        models.CharField(max_length=35), default=list, blank=True,
        help_text=_("Tags of varieties that judge every item, each with its own verdict. Empty: the item's own."),
    )  # fmt: skip
    contribution_licence = models.CharField(
        max_length=40, default=LICENCES[0], choices=[(each, each) for each in LICENCES]
    )
    lease_minutes = models.PositiveSmallIntegerField(default=20)
    practice = models.PositiveSmallIntegerField(
        _("practice items"), default=0,
        help_text=_("How many items with an explanation everybody meets before the first real one."),
    )  # fmt: skip
    gold = models.PositiveSmallIntegerField(
        _("gold, in %"), default=0, db_default=0, validators=[MaxValueValidator(MOST_GOLD)],
        help_text=_(
            "How likely somebody's first turn is an item whose answer is known. It is half of that after 20 answers, a "
            "third after 40, and never nothing. 0: none."
        ),
    )  # fmt: skip
    most_a_day = models.PositiveIntegerField(
        _("most in 24 hours"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("How many answers one person may give here in any 24 hours. Empty: as many as they like."),
    )  # fmt: skip
    most_in_all = models.PositiveIntegerField(
        _("most in all"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("How many answers one person may give here in all. Empty: as many as they like."),
    )  # fmt: skip
    drawn_from = models.PositiveSmallIntegerField(
        _("drawn from"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_DRAWN_FROM)],
        help_text=_("Of so many items that are next, one is drawn: chance decides whom one meets. 1: in order."),
    )  # fmt: skip
    close_first = models.BooleanField(
        _("close models first"), default=False,
        help_text=_("Of what is wanted alike, first the pairs of which it is not clear yet which one people prefer."),
    )  # fmt: skip
    gate = models.CharField(
        _("gate on concentration"), max_length=6, choices=Gate, blank=True,
        help_text=_("What happens where one account, or those who joined on one day, give a great part of it. Empty: as"
                    " the house does it. Outside production it is off; there it holds where 300 people or more take"
                    " part, and reports where it is fewer."),
    )  # fmt: skip
    asks_confirmed = models.BooleanField(
        _("only confirmed people"), default=False, db_default=False,
        help_text=_(
            "Asks only people whose knowledge of the variety is confirmed: by this campaign's practice items, by two "
            "confirmed speakers, by a lead or the variety's stewards. It takes no guests then."
        ),
    )  # fmt: skip
    access = models.CharField(
        _("it is for"), max_length=4, choices=Access, default=Access.OPEN, db_default=Access.OPEN,
        help_text=_("What is not for everybody stands on no list and takes no guests. Who takes part is seen, and said,"
                    " on a page of its own."),
    )  # fmt: skip
    link = models.CharField(max_length=43, blank=True, db_default="", editable=False)
    takes_guests = models.BooleanField(
        _("guests may try it"), default=True, help_text=_("Up to ten items, without an account.")
    )
    asks_models = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name=_("models that are asked"),
        help_text=_("Names from MINKA_MODELS, two or more: they answer the prompts that people propose here."),
    )  # fmt: skip
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(
        _("by the clock of"), max_length=40, default=UTC, db_default=UTC,
        help_text=_("By which it starts and ends, and says so."),
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(needed__gte=1), name="campaign_needs_at_least_one_judgement"),
            models.CheckConstraint(condition=Q(lease_minutes__gte=1), name="campaign_lease_is_positive"),
            models.CheckConstraint(
                condition=Q(at_least=None) | Q(at_least__gte=1, at_least__lte=F("needed")),
                name="campaign_ends_with_what_is_needed_or_less",
            ),
            models.CheckConstraint(
                condition=(Q(most_a_day=None) | Q(most_a_day__gte=1)) & (Q(most_in_all=None) | Q(most_in_all__gte=1)),
                name="a_cap_leaves_room_for_one",
            ),
            models.CheckConstraint(
                condition=Q(sure_at=None, most_votes=None)
                | Q(sure_at__isnull=False, most_votes__isnull=False, sure_at__gte=0.5, sure_at__lt=1)
                & Q(most_votes__gte=F("needed")),
                name="asking_for_more_votes_ends",
            ),
            models.CheckConstraint(condition=Q(anchored__lte=100), name="campaign_is_checked_in_percent"),
            models.CheckConstraint(condition=Q(gold__lte=MOST_GOLD), name="most_turns_are_real_work"),
            models.CheckConstraint(
                condition=Q(drawn_from__gte=1, drawn_from__lte=MOST_DRAWN_FROM), name="campaign_draws_from_a_few"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def table(self) -> str:
        """The table its work lies on, a word of its address."""
        return kinds.get(self.kind).table

    @property
    def does(self) -> Promise:
        """What one does there, in a sentence."""
        return kinds.get(self.kind).does

    @property
    def may_be_tried(self) -> bool:
        """Whether guests may try it: it and its kind allow it, it is for everybody, and nobody has to be confirmed."""
        may = self.takes_guests and self.is_for_all and not self.asks_confirmed
        return may and kinds.get(self.kind).takes_guests

    @property
    def is_for_all(self) -> bool:
        return self.access == self.Access.OPEN

    @property
    def clock(self) -> Clock:
        """By which it starts and ends."""
        return clock_named(self.time_zone)

    def clean(self) -> None:
        """What a form cannot see by itself: that the varieties exist and take contributions."""
        known = set(takes_contributions().filter(tag__in=self.judged_in).values_list("tag", flat=True))
        if unknown := sorted(set(self.judged_in) - known):
            raise ValidationError({"judged_in": _("Not varieties one can ask: %s") % ", ".join(unknown)})
        if len(set(self.judged_in)) < len(self.judged_in):
            raise ValidationError({"judged_in": _("A variety stands twice.")})
        if unknown := sorted(set(self.asks_models) - {each["name"] for each in settings.MINKA_MODELS}):
            raise ValidationError({"asks_models": _("Not in MINKA_MODELS: %s") % ", ".join(unknown)})
        if len(set(self.asks_models)) == 1:
            raise ValidationError({"asks_models": _("One answer is no choice: name two models or more.")})
        if self.at_least is not None and self.needed is not None and self.at_least > self.needed:
            raise ValidationError({"at_least": _("More than an item needs.")})
        if (self.sure_at is None) != (self.most_votes is None):
            raise ValidationError({"most_votes": _("How sure and how many at most are said together.")})
        if self.most_votes is not None and self.needed is not None and self.most_votes < self.needed:
            raise ValidationError({"most_votes": _("Fewer than an item needs.")})
        if self.time_zone not in ZONES:
            raise ValidationError({"time_zone": _("No clock of this name.")})
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("It ends before it starts.")})


class Item(models.Model):
    """One thing to be judged: a prompt and the outputs that meet. `source_id` is its importer's own name for it.

    `variety` is what it is judged, written or translated in; the prompt may stand in another. `author` wrote what is
    judged here, or what it came from, and never judges it. `sensitive` names the bias categories it touches, by which
    people can leave it out. `pair_probability` is the chance with which its outputs were drawn to meet, of those that
    could have; 1 where nobody drew.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="items")
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="items")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, default="vote")
    source_id = models.CharField(max_length=200)
    author = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sensitive = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    pair_probability = models.FloatField(default=1.0, db_default=1.0, editable=False)
    outputs: models.ManyToManyField[Output, "ItemOutput"] = models.ManyToManyField(Output, through="ItemOutput")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "source_id"], name="one_item_per_campaign_and_source_id"),
            models.CheckConstraint(
                condition=Q(pair_probability__gt=0, pair_probability__lte=1), name="a_pair_has_a_chance"
            ),
        ]

    def __str__(self) -> str:
        return self.source_id


class Known(models.Model):
    """An item whose answer is known: the answer expected, in the words of the API, and why, in Markdown, by language.
    Its cells are held back, so that what is said of it settles nothing.

    `practice` is to learn from: it comes first, is named so, and is explained after the answer (`expected` is empty
    where any answer will do). `gold` is mixed in among the others and looks like them (`gold/`), so that people and
    guidelines can be compared; once it is retired it is asked of nobody, and what was answered stands in no figure.
    """

    class Purpose(models.TextChoices):
        PRACTICE = "practice", _("practice")
        GOLD = "gold", _("gold")

    item = models.OneToOneField(Item, on_delete=models.CASCADE, primary_key=True, related_name="known")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.PRACTICE, db_default=Purpose.PRACTICE)
    expected = models.JSONField(default=dict, blank=True)
    explanation = models.JSONField(default=dict, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    retired_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("retired by")
    )
    retired_why = models.TextField(_("why it was retired"), max_length=2_000, blank=True)

    class Meta:
        verbose_name = _("item whose answer is known")
        verbose_name_plural = _("items whose answer is known")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(purpose="practice") | ~Q(expected={}), name="gold_expects_an_answer"),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None, retired_why="")
                | Q(retired_at__isnull=False, purpose="gold") & ~Q(retired_why=""),
                name="gold_is_retired_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.item_id)


class ItemOutput(models.Model):
    """An output's place in its item: the order of the import, which is not the order anyone is shown."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="places", db_index=False)
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "position"], name="one_output_per_item_and_position"),
            models.UniqueConstraint(fields=["item", "output"], name="one_position_per_item_and_output"),
        ]
        ordering: ClassVar = ["item", "position"]

    def __str__(self) -> str:
        return f"{self.item_id}.{self.position}"


class Cell(models.Model):
    """An item as judged in one variety: what it still needs, and the queue itself.

    `held` counts live seats, `done` counted judgements. `held + done <= needed` is a constraint, so no counting error
    can oversell an item. A cell is open for new seats while that sum leaves room and nothing closed it.

    `for_anchors`: what is left of its seats is for those whose word on its variety is trusted (`people/anchors`).

    `returned` is the transaction in which it last came back, or came in ahead of others: people who have passed its
    place in the queue are shown it first (`queue.py`). A trigger sets it, whoever changes the cell.
    """

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="cells", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, default="vote")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", db_index=False)
    priority = models.FloatField(default=0)
    needed = models.PositiveSmallIntegerField()
    held = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)
    held_back = models.CharField(max_length=40, blank=True)
    for_anchors = models.BooleanField(default=False, db_default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    returned = models.BigIntegerField(null=True, editable=False)
    open = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(held__lt=F("needed") - F("done"), settled_at=None, held_back=""), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "variety"], name="one_cell_per_item_and_variety"),
            models.CheckConstraint(condition=Q(held__lte=F("needed") - F("done")), name="cell_is_never_oversold"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["variety"], name="cells_of_variety"),
            # Both ascending, so that one comparison of rows begins in the middle of it.
            models.Index(
                "campaign", "kind", "variety", -F("priority"), "id", condition=Q(open=True), name="cells_in_order"
            ),
            models.Index(
                "campaign",
                "kind",
                "variety",
                "returned",
                "id",
                condition=Q(open=True, returned__isnull=False),
                name="cells_returned",
            ),
            models.Index(fields=["id"], condition=Q(settled_at=None, done__gte=F("needed")), name="cell_due"),
            models.Index(fields=["campaign", "done"], condition=Q(settled_at=None, done__gte=1), name="cells_begun"),
            models.Index(fields=["campaign"], condition=Q(settled_at=None, for_anchors=True), name="cells_for_anchors"),
        ]
        triggers: ClassVar = [CELL_COMES_BACK, CELL_COMES_FIRST, *TALLIED]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.variety_id} {self.done}+{self.held}/{self.needed}"

    @property
    def is_full(self) -> bool:
        return self.settled_at is not None or self.done >= self.needed


class Assignment(models.Model):
    """One person's seat at one item: a lease. There is one row for a person and an item, for ever, so that nobody
    meets an item twice; a seat that ran out or was given back may be held again. `outside` is a seat for the moment in
    which a guest's answer is claimed and the cell has no room: it takes nobody's place. `pack` is set while and where
    it was taken along (`packs/`).

    `shown` lists output ids in the order drawn for this person; key `a` of a turn is the first of them.
    """

    class State(models.TextChoices):
        HELD = "held", _("held")
        ANSWERED = "answered", _("answered")
        EXPIRED = "expired", _("ran out")
        RETURNED = "returned", _("given back")
        OUTSIDE = "outside", _("beside the others")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, null=True, db_index=False, on_delete=models.SET_NULL, related_name="assignments")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="assignments")
    cell = models.ForeignKey(Cell, on_delete=models.CASCADE, related_name="assignments")
    judge_variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    shown = ArrayField(models.BigIntegerField())
    offer_policy = models.CharField(max_length=20, default="in_order")
    offer_probability = models.FloatField(default=1.0)
    claimed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    pack = models.ForeignKey(
        "annotations.Pack", null=True, blank=True, on_delete=models.SET_NULL, related_name="seats", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "item"], name="one_seat_per_person_and_item"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="held", pack__isnull=False), name="one_pack_seat_per_item"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(state="held"), name="seat_expiry"),
            models.Index(fields=["person"], condition=Q(state="held"), name="seats_held"),
            models.Index(fields=["cell"], condition=Q(state="held"), name="seats_of_cell"),
            models.Index(fields=["pack"], condition=Q(pack__isnull=False), name="seats_of_pack"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Bookmark(models.Model):
    """How far a person has come in a queue (`queue.py`). It is a help and no truth: without it they begin at the start,
    and come to the same.

    Of the cells before (`rank`, `cell`) none was for them, nor of those that came back before (`returned`,
    `returned_cell`), under these `terms`: what was closed then and what the person avoids, hashed. `whole_at` is when
    they last went through from the start and found nothing.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", db_index=False)
    terms = models.CharField(max_length=32)
    rank = models.FloatField()
    cell = models.BigIntegerField()
    returned = models.BigIntegerField()
    returned_cell = models.BigIntegerField()
    whole_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "campaign", "kind", "variety"], name="one_bookmark_per_person_and_queue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.kind}/{self.variety_id} {self.rank}/{self.cell}"


class Draft(models.Model):
    """An answer somebody has begun, as the fields of its form: it waits with the seat, and goes when it is sent.

    `version` counts its savings, so that an older one that arrives late, from another tab or a slow network, does not
    write over a newer.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    fields = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.assignment_id)


class Averted(models.Model):
    """An output that somebody is never shown again, in whatever item it stands: they do not want to, or sent it in
    themselves."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="averted")
    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "averted"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "output"], name="an_output_is_averted_once"),
        ]

    def __str__(self) -> str:
        return str(self.output_id)


class Judgement(models.Model):
    """What every answer has, whatever its kind; the answer itself is a one-to-one row of its kind (`rating.Vote`).

    `received_at` is the database's clock, stamped under the submit lock, and decides in which release it can stand.
    A judgement that is taken back keeps its row (`undone_at`); one that does not count says why. `trusted` where an
    anchor gave it in a campaign that has them check (`people/anchors`), or at the desk of the experts (the channel
    `argilla`); it stays so when its person is gone.
    """

    class Channel(models.TextChoices):
        WEB = "web", _("in the browser")
        OFFLINE = "offline", _("without a network")
        API = "api", _("over the API")
        ARGILLA = "argilla", _("at the desk of the experts")
        IMPORT = "import", _("imported")

    person = models.ForeignKey(Person, null=True, db_index=False, on_delete=models.SET_NULL, related_name="judgements")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="judgements")
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="judgements")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="judgements")
    kind = models.CharField(max_length=20)
    opt_out = models.CharField(max_length=20, blank=True)
    judge_variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+", db_index=False)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+", db_index=False)
    guideline_version = models.CharField(max_length=20)
    rubric_version = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5)
    channel = models.CharField(max_length=8, choices=Channel)
    shown = ArrayField(models.BigIntegerField())
    offer_policy = models.CharField(max_length=20)
    offer_probability = models.FloatField()
    seconds = models.FloatField(null=True, blank=True)
    client_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_index=True)
    late = models.BooleanField(default=False)
    trusted = models.BooleanField(default=False, db_default=False)
    counted = models.BooleanField()
    not_counted = models.CharField(max_length=20, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "item"], condition=Q(undone_at=None), name="one_judgement_per_person_and_item"
            ),
            models.CheckConstraint(
                condition=Q(counted=True, not_counted="") | (Q(counted=False) & ~Q(not_counted="")),
                name="what_is_not_counted_says_why",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(opt_out="", undone_at=None), name="only_standing_answers_count"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["judge_variety"], name="judgements_of_variety"),
            models.Index(fields=["cell"], condition=Q(counted=True), name="counted_of_cell"),
            models.Index(fields=["consent"], condition=Q(counted=True), name="counted_under_consent"),
            models.Index(fields=["person", "campaign", "received_at"], name="judgements_of_person"),
            models.Index(fields=["item"], condition=Q(opt_out=BROKEN, undone_at=None), name="told_to_be_broken"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Receipt(models.Model):
    """The client's own key of a submission, and what it was used for: sending again changes nothing.

    A table of its own, narrow, so that judgements can be partitioned without losing the key's uniqueness.
    `body_sha256` is over the canonical answer: the same key with another body is refused.
    """

    key = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="receipts")
    body_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.key)


class Tombstone(models.Model):
    """That a judgement was here and was erased. It names no person: from it and the key of a release follows which of
    its records must go, and `received_at` says which releases can hold them."""

    judgement_id = models.BigIntegerField(primary_key=True)
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_index=True)
    erased_on = models.DateField()

    def __str__(self) -> str:
        return str(self.judgement_id)
