"""Records that are hidden."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Item
from annotations.people.models import Person
from annotations.people.stewards.models import StewardsDecision, StewardsLog
from annotations.people.stewards.triggers import stays


class Hidden(models.Model):
    """A record that is hidden, since when and why. Its question is hidden with it, in whatever item it stands.

    Anyone who sees an item can mark it as `restricted` knowledge; a steward can take a record out (`withheld`). Both
    hold at once. In a governed variety only a decision of its stewards (`restoring`) brings the record back, and the
    database sees to it; elsewhere a moderator does, with a reason.
    """

    class Kind(models.TextChoices):
        RESTRICTED = "restricted", _("restricted knowledge")
        WITHHELD = "withheld", _("withheld by stewards")

    class Knowledge(models.TextChoices):
        CEREMONIAL = "ceremonial", _("Of a ceremony")
        MEDICINAL = "medicinal", _("Of healing")
        PLACE = "place", _("Of a place that is kept")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="hidings")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=20)
    text = models.TextField(max_length=2_000, blank=True)
    hidden_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    hidden_at = models.DateTimeField(db_default=Now())
    kept_at = models.DateTimeField(null=True)
    restoring = models.ForeignKey(StewardsDecision, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("record that is hidden")
        verbose_name_plural = _("records that are hidden")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item"], condition=Q(lifted_at=None), name="an_item_is_hidden_once"),
        ]
        triggers: ClassVar = [
            stays("what_was_hidden_is_kept"),
            pgtrigger.Trigger(
                name="only_stewards_bring_back_what_is_theirs",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.item_id <> OLD.item_id OR NEW.kind <> OLD.kind
                       OR (OLD.lifted_at IS NOT NULL AND NEW.lifted_at IS DISTINCT FROM OLD.lifted_at)
                       OR (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL
                           AND EXISTS (SELECT 1 FROM annotations_item i JOIN annotations_governed g
                                           ON g.variety_id = i.variety_id AND g.free_from IS NULL
                                        WHERE i.id = NEW.item_id)
                           AND NOT EXISTS (SELECT 1 FROM annotations_stewardsdecision d
                                             JOIN annotations_item i ON i.variety_id = d.variety_id
                                            WHERE d.id = NEW.restoring_id AND i.id = NEW.item_id
                                              AND d.kind = 'restore' AND d.in_force_at IS NOT NULL
                                              AND d.revoked_at IS NULL)) THEN
                        RAISE EXCEPTION 'only_stewards_bring_back_what_is_theirs';
                    END IF;
                    RETURN NEW;""",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.kind}"

    def why(self) -> str:
        return str(dict([*self.Knowledge.choices, *StewardsLog.Code.choices]).get(self.code, self.code))
