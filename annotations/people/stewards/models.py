"""Stewards, their charters, decisions and labels, and the proposals of varieties that are missing."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person, Variety
from annotations.people.stewards import triggers
from annotations.people.stewards.pictures import picture_of

USES = ("evaluate", "train")
LEAST_QUORUM = 2


class Steward(models.Model):
    """That a person may decide for a variety: proposed by anyone, appointed by a letter of a body of its speakers that
    a lead records, accepted by the person. `letter_reference` is the SHA-256 of the file, or where it is kept.

    Ended rows are kept. When the person is erased, the row ends and forgets the name they chose to show.
    """

    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="stewardships")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="stewards")
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    why = models.TextField(max_length=2_000)
    letter_by = models.CharField(_("who wrote the letter"), max_length=120, blank=True)
    letter_body = models.CharField(_("for which body"), max_length=200, blank=True)
    letter_date = models.DateField(_("its date"), null=True, blank=True)
    letter_reference = models.CharField(_("SHA-256 of the file, or where it is kept"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    shown_name = models.CharField(max_length=80, blank=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("steward")
        verbose_name_plural = _("stewards")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "variety"], condition=Q(ended_at=None), name="one_stewardship_per_person_and_variety"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at=None)
                | (Q(letter_date__isnull=False) & ~(Q(letter_by="") | Q(letter_body="") | Q(letter_reference=""))),
                name="a_recorded_letter_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(recorded_at__isnull=False), name="a_letter_comes_before_acceptance"
            ),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("person")), name="nobody_records_the_letter_that_appoints_them"
            ),
        ]
        triggers: ClassVar = [
            triggers.STEWARD_BEGINS, triggers.STEWARD_STAYS, triggers.stays("a_stewardship_is_kept"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.variety_id}: {self.shown_name or self.pk}"

    @property
    def is_current(self) -> bool:
        return self.accepted_at is not None and self.ended_at is None


class Charter(models.Model):
    """What a variety's stewards lay down, version by version; a version is in force through a decision of its own.

    Everything is off unless it says otherwise: contributions, and each place its texts may be shown or sent to.
    """

    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="charters")
    version = models.PositiveIntegerField()
    policy = models.TextField(_("the policy, in Markdown"), max_length=20_000)
    permitted_use = ArrayField(models.CharField(max_length=8, choices=[(use, use) for use in USES]), default=list)
    quorum = models.PositiveSmallIntegerField(_("stewards a decision needs"), default=LEAST_QUORUM)
    orthographies = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    takes_contributions = models.BooleanField(_("takes contributions"), default=False)
    shows_anonymous = models.BooleanField(_("visitors without an account may see its texts"), default=False)
    sends_to_endpoints = models.BooleanField(_("its texts may be sent to model endpoints outside"), default=False)
    sends_to_argilla = models.BooleanField(_("its texts may be sent to Argilla"), default=False)
    keeps_in_memory = models.BooleanField(_("its texts may stand in the translation memory"), default=False)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("charter")
        verbose_name_plural = _("charters")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variety", "version"], name="one_charter_per_variety_and_version"),
            models.CheckConstraint(condition=Q(quorum__gte=LEAST_QUORUM), name="no_steward_decides_alone"),
            models.CheckConstraint(condition=Q(permitted_use__contained_by=list(USES)), name="charter_uses_are_known"),
        ]
        triggers: ClassVar = [triggers.only_grows("charter_is_append_only")]

    def __str__(self) -> str:
        return f"{self.variety_id} {self.version}"


class StewardsDecision(models.Model):
    """Something the stewards of a variety are asked, and what became of it. It is in force from `in_force_at`, which
    only the approvals of a quorum set, until `expires_at`, or until one of them revokes it: closing takes one.

    An `export` opens a slice of the variety's items: all, or those of a campaign (its slug), of a kind of judgement, of
    the days they entered (`since` to `until`, both within). `restore` brings one hidden record back.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("may be exported")
        CHARTER = "charter", _("a charter")
        UNGOVERNED = "ungoverned", _("needs no governance")
        RESTORE = "restore", _("a record comes back")

    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    campaign = models.CharField(_("only this campaign"), max_length=60, blank=True)
    item_kind = models.CharField(_("only this kind of work"), max_length=20, blank=True)
    since = models.DateField(_("entered from this day"), null=True, blank=True)
    until = models.DateField(_("until this day"), null=True, blank=True)
    charter = models.OneToOneField(Charter, null=True, on_delete=models.PROTECT, related_name="decision")
    reason = models.TextField(_("reason"), max_length=2_000)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("decision of stewards")
        verbose_name_plural = _("decisions of stewards")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="export") | Q(expires_at__isnull=False), name="what_opens_an_export_expires"
            ),
            models.CheckConstraint(
                condition=Q(kind="charter", charter__isnull=False) | (~Q(kind="charter") & Q(charter=None)),
                name="a_decision_on_a_charter_names_it",
            ),
            models.CheckConstraint(
                condition=Q(kind="export") | Q(campaign="", item_kind="", since=None, until=None),
                name="only_exports_have_a_slice",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["variety", "kind"], name="decisions_of_variety")]
        triggers: ClassVar = [
            triggers.DECISION_BEGINS, triggers.DECISION_STANDS, triggers.stays("a_decision_is_kept"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.variety_id} {self.kind} {self.pk}"


class StewardsApproval(models.Model):
    """One steward's yes or no to a decision; one each, and it stays as it was given."""

    decision = models.ForeignKey(StewardsDecision, on_delete=models.PROTECT, related_name="approvals")
    steward = models.ForeignKey(Steward, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    approves = models.BooleanField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "steward"], name="one_approval_per_decision_and_steward")
        ]
        triggers: ClassVar = [
            triggers.APPROVAL_IS_A_STEWARDS, triggers.APPROVAL_COUNTS, triggers.APPROVAL_STAYS,
            triggers.stays("an_approval_is_kept"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.approves}"


class StewardsLog(models.Model):
    """Who did what for a variety, and why. It only grows; it names a `subject` as the ledger of consent does, so that
    a person can be erased without the log losing a line."""

    class Code(models.TextChoices):
        MISTAKE = "mistake", _("a mistake was made")
        HARM = "harm", _("it can do harm")
        ASKED = "asked", _("somebody it concerns asked for it")
        SACRED = "sacred", _("it is not for everybody")
        MISUSE = "misuse", _("it was used against the charter")
        OTHER = "other", _("another reason")

    ACTS: ClassVar = {
        "propose_steward": _("proposed a steward"), "record_letter": _("recorded a letter"),
        "accept": _("accepted to be a steward"), "end": _("ended a stewardship"),
        "propose": _("proposed a decision"), "yes": _("said yes"), "no": _("said no"),
        "revoke": _("took a decision back"), "withdraw_variety": _("took the whole variety out"),
        "add_label": _("put a label"), "end_label": _("took a label away"),
        "hide": _("hid a record"), "keep": _("kept a record hidden"), "lift": _("let a record come back"),
        "confirm": _("confirmed somebody who speaks it"), "unconfirm": _("took a confirmation back"),
    }  # fmt: skip
    """What each act is called on the stewards' page."""

    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    subject = models.UUIDField()
    act = models.CharField(max_length=20)
    about = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("line of the stewards' log")
        verbose_name_plural = _("lines of the stewards' log")
        triggers: ClassVar = [triggers.only_grows("stewards_log_is_append_only")]

    def __str__(self) -> str:
        return f"{self.variety_id} {self.act} {self.about}"

    def what(self) -> str:
        return str(self.ACTS.get(self.act, self.act))

    def why(self) -> str:
        return str(dict(self.Code.choices).get(self.code, ""))


class CommunityLabel(models.Model):
    """A TK or BC Label (Local Contexts) that a community chose. It stands for the variety, for one campaign of it, or
    for one record (its importer's id in that campaign), is shown in words, with its picture where one was placed
    (`pictures.py`), and travels in the manifests of releases."""

    class System(models.TextChoices):
        TK = "TK", _("Traditional Knowledge")
        BC = "BC", _("Biocultural")

    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="labels")
    campaign = models.CharField(_("only this campaign"), max_length=60, blank=True)
    record = models.CharField(_("only this record"), max_length=200, blank=True)
    system = models.CharField(_("kind of label"), max_length=2, choices=System)
    local_contexts_id = models.CharField(_("id at Local Contexts"), max_length=80)
    name = models.CharField(_("name"), max_length=120)
    community = models.CharField(_("community"), max_length=120)
    url = models.CharField(
        _("address"), max_length=400, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    image_alt = models.CharField(_("what its picture shows, in words"), max_length=200)
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("label of a community")
        verbose_name_plural = _("labels of communities")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(record="") | ~Q(campaign=""), name="a_record_stands_in_a_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.community})"

    @property
    def said(self) -> str:
        """The name with its kind in front, which most names bring along: "TK Attribution", never "TK TK …"."""
        return self.name if self.name.startswith(f"{self.system} ") else f"{self.system} {self.name}"

    @property
    def has_picture(self) -> bool:
        return picture_of(self.local_contexts_id) is not None


class Governance(models.Model):
    """A governed variety and what its charter in force opens: a view, so that the house and its releases read the same.

    All is closed without two current stewards; `permitted_use` is the charter's alone. `free_from` says since when the
    stewards of a variety marked `ask` have held that it needs no governance; it is null where they have not.
    """

    variety = models.OneToOneField(
        Variety, primary_key=True, on_delete=models.DO_NOTHING, related_name="governance", db_constraint=False
    )
    free_from = models.DateTimeField(null=True)
    permitted_use = ArrayField(models.CharField(max_length=8))
    takes_contributions = models.BooleanField()
    shows_anonymous = models.BooleanField()
    sends_to_endpoints = models.BooleanField()
    sends_to_argilla = models.BooleanField()
    keeps_in_memory = models.BooleanField()

    class Meta:
        managed = False
        db_table = "annotations_governed"
        default_permissions = ()

    def __str__(self) -> str:
        return self.variety_id


class VarietyProposal(models.Model):
    """A variety somebody misses. Accepting one is a change of the seed file; here stands what was decided, and why."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    name = models.CharField(_("the name its speakers use"), max_length=80)
    other_names = models.CharField(_("other names it is found under"), max_length=200, blank=True)
    place = models.CharField(_("where it is spoken"), max_length=200)
    parent = models.ForeignKey(
        Variety, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("a kind of")
    )
    why = models.TextField(_("why it is missed"), max_length=2_000)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    note = models.TextField(_("note to who proposed it"), max_length=2_000, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("proposed variety")
        verbose_name_plural = _("proposed varieties")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False) & ~Q(note="")),
                name="what_is_decided_says_why",
            )
        ]

    def __str__(self) -> str:
        return self.name
