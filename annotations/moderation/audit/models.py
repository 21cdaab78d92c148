"""Changes, as the database wrote them down."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """That something came, changed or went. Nobody writes here but the database, and nobody changes what it wrote; it
    goes after three years. `by` is the key of who did it in the panel, and stays when their account goes; empty where
    it was somebody at their own work, an interface or a job. Of what changed, `facts` holds both states by column."""

    class What(models.TextChoices):
        JUDGEMENT = "judgement", _("judgement")
        VERDICT = "verdict", _("verdict")
        CONSENT = "consent", _("consent")
        CONSENT_TEXT = "consent_text", _("consent text")
        ACCOUNT = "account", _("account")
        ACCOUNT_ROLE = "account_role", _("role of an account")
        ACCOUNT_RIGHT = "account_right", _("right of an account")
        ROLE = "role", _("role")
        ROLE_RIGHT = "role_right", _("right of a role")
        SANCTION = "sanction", _("sanction")
        APPEAL = "appeal", _("appeal")
        PURGE = "purge", _("purge")
        RULING = "ruling", _("ruling")
        LOOK = "look", _("look at a flagged answer")
        OUTPUT = "output", _("answer of a model")
        HIDDEN = "hidden", _("hidden item")
        HOLD = "hold", _("hold")
        KNOWN = "known", _("item with a known answer")
        OBJECTION = "objection", _("objection")
        CAMPAIGN = "campaign", _("campaign")
        SOURCE = "source", _("source")
        RELEASE = "release", _("release")
        RETRACTION = "retraction", _("release to be taken back")
        EDITION = "edition", _("edition")
        PIN = "pin", _("pin")
        DELIVERY = "delivery", _("delivery")
        PARTNERSHIP = "partnership", _("partnership")
        ADMISSION = "admission", _("who takes part in a campaign")
        REMIT = "remit", _("part of the house")
        ANCHOR = "anchor", _("anchor")
        CONFIRMED = "confirmed", _("confirmed speaker")
        STEWARD = "steward", _("steward")
        DECISION = "decision", _("decision of stewards")
        APPROVAL = "approval", _("approval of a steward")
        EXPERT = "expert", _("account at the desk of the experts")
        RUN = "run", _("training run")
        EXTERNAL = "external", _("document of votes given elsewhere")

    class Verb(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        REMOVED = "removed", _("removed")

    at = models.DateTimeField(_("when"))
    by = models.BigIntegerField(_("by"), null=True)
    what = models.CharField(_("kind"), max_length=16, choices=What)
    key = models.CharField(_("key"), max_length=40)
    verb = models.CharField(_("change"), max_length=7, choices=Verb)
    facts = models.JSONField(_("how it was and is"))

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        default_permissions: ClassVar = ["view"]
        indexes: ClassVar = [
            models.Index(fields=["key", "what"], name="changes_of_a_row"),
            models.Index(fields=["by", "id"], condition=models.Q(by__isnull=False), name="changes_by_staff"),
            models.Index(fields=["what", "id"], name="changes_of_a_kind"),
            models.Index(fields=["at"], name="changes_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.key}"
