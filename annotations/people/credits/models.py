"""What somebody gives for being thanked by name."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.people.models import Person


class Credit(models.Model):
    """The name under which a person is thanked, in the place of their user name, with an affiliation and an ORCID
    (ISO 27729, in four groups). It is theirs to give and to take, under the purpose `credit` alone, and goes with it;
    no release holds it."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="credit")
    name = models.CharField(_("name"), max_length=120)
    affiliation = models.CharField(_("affiliation"), max_length=200, blank=True)
    orcid = models.CharField("ORCID", max_length=19, blank=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("name in the thanks")
        verbose_name_plural = _("names in the thanks")
        default_permissions: ClassVar = ["view"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="a_credit_names_somebody"),
            models.CheckConstraint(
                condition=Q(orcid="") | Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"), name="an_orcid_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"
