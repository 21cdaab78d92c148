"""How many settled items are wanted of a part of a campaign."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotations.assignments.models import Campaign


class Quota(models.Model):
    """That of a campaign's items in a variety (its tag), of prompts from a country (ISO 3166-1, two letters) or of a
    domain, as the import named it, so many are wanted settled."""

    class Facet(models.TextChoices):
        VARIETY = "variety", _("variety")
        COUNTRY = "country", _("country")
        DOMAIN = "domain", _("domain")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="quotas")
    facet = models.CharField(_("of"), max_length=7, choices=Facet)
    value = models.CharField(_("which"), max_length=40)
    wanted = models.PositiveIntegerField(_("settled items wanted"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "facet", "value"], name="one_quota_of_a_part"),
            models.CheckConstraint(condition=models.Q(wanted__gte=1), name="a_quota_wants_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_facet_display()} {self.value}: {self.wanted}"
