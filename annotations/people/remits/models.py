"""What somebody of the team looks after, since when, and who said so."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.countries import COUNTRIES
from annotations.people.models import Person, Variety


class Remit(models.Model):
    """That a person looks after a variety and all that descends from it, or after what is spoken in a country, from
    `since` on and before `until`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="remits")
    variety = models.ForeignKey(Variety, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(_("country"), max_length=2, blank=True, choices=COUNTRIES)
    given_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("remit")
        verbose_name_plural = _("remits")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(variety__isnull=True) & ~Q(country="") | Q(variety__isnull=False, country=""),
                name="a_remit_is_a_variety_or_a_country",
                violation_error_message=_("A variety or a country: one of the two."),
            ),
            models.UniqueConstraint(
                fields=["person", "variety", "country"], condition=Q(until=None), nulls_distinct=False,
                name="nobody_has_a_remit_twice",
            ),
            models.CheckConstraint(condition=~Q(given_by=F("person")), name="nobody_gives_themselves_a_remit"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id} {self.variety_id or self.country}"
