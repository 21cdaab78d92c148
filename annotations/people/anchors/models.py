"""Whose word on a variety is trusted, since when, and on whose word."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person, Variety


class Anchor(models.Model):
    """That what a person judges as a speaker of a variety is trusted, from `since` on and before `until`: it checks
    what others say. Judgements given meanwhile are marked (`Judgement.trusted`), and stay so when it ends."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="anchors")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(_("why they are trusted"), max_length=500)
    named_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "variety"], condition=Q(until=None), name="nobody_is_an_anchor_twice"
            ),
            models.CheckConstraint(condition=~Q(named_by=F("person")), name="nobody_names_themselves_an_anchor"),
            models.CheckConstraint(condition=~Q(why=""), name="an_anchor_is_named_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.variety_id}"
