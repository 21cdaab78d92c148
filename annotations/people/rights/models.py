"""The register of requests, and what can show who somebody is."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person


class Request(models.Model):
    """That somebody used a right, or asked for what only a human can do: an entry of the register.

    It holds keys, states and dates, never a text, and no person: `subject` is the ledger's, random, and once the
    account is erased nobody's. `due_on` is the day by which an answer was promised, `limit_on` the last day that the
    law of the person's country gives.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("see and take along")
        CORRECT = "correct", _("correct")
        PAUSE = "pause", _("pause")
        RESUME = "resume", _("go on after a pause")
        ERASE = "erase", _("erase")
        OPPOSE = "oppose", _("oppose a use")
        BLOCK = "block", _("block while a doubt is cleared up")
        OTHER = "other", _("something else")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        PARTLY = "partly", _("done in part")
        REFUSED = "refused", _("refused")
        MOOT = "moot", _("no longer needed")

    class Reason(models.TextChoices):
        AT_ONCE = "at_once", _("done at once by the person")
        BY_HAND = "by_hand", _("done by the team")
        CONTRIBUTIONS_TOO = "contributions_too", _("account and contributions erased")
        CONTRIBUTIONS_LEFT = "contributions_left", _("account erased, contributions left without a link")
        ACCOUNT_GONE = "account_gone", _("the account was erased meanwhile")
        NO_SUCH_DATA = "no_such_data", _("there are no such data")
        LAW_KEEPS_IT = "law_keeps_it", _("the law asks to keep it")
        OTHERS_RIGHTS = "others_rights", _("it would touch the rights of others")

    ASKED: ClassVar = (Kind.CORRECT, Kind.OPPOSE, Kind.BLOCK, Kind.OTHER)
    """What one can ask a human for."""

    subject = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=7, choices=Kind)
    country = models.CharField(max_length=2, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    limit_on = models.DateField()
    reminded_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    reason = models.CharField(max_length=18, choices=Reason, blank=True)

    class Meta:
        verbose_name = _("request about rights")
        verbose_name_plural = _("requests about rights")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="", reason="")
                | (Q(done_at__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="a_done_request_says_how_and_why",
            ),
            models.CheckConstraint(
                condition=Q(due_on__lte=models.F("limit_on")), name="we_promise_no_later_than_the_law"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_on"], condition=Q(done_at=None), name="requests_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RequestText(models.Model):
    """What somebody asked for in their own words; apart from the register, and gone some days after it is done."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, primary_key=True, related_name="words")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=4_000)

    def __str__(self) -> str:
        return f"words of {self.request_id}"


class SensitiveFacts(models.Model):
    """What can show who somebody is, told freely under the purpose `demographics`: JSON, encrypted as a whole.

    No page of the panel, no export of the platform and no right to look: it is only counted (`queries.counted_facts`).
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    sealed = models.TextField()

    class Meta:
        verbose_name_plural = "sensitive facts"
        default_permissions = ()
        permissions: ClassVar = [("count_sensitivefacts", "Can see counts of sensitive facts")]

    def __str__(self) -> str:
        return "sealed"
