"""Agreements with partners, and what was handed out under them."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release
from annotations.people.models import Person


class Partnership(models.Model):
    """A written agreement: with whom, where it is kept, from when to when, and the account under which its files are
    fetched. It is in force on each of its days, unless it was ended before."""

    slug = models.SlugField(
        _("short name"), max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")],
        help_text=_("It stands in addresses, and their codes are made from it: it never changes."),
    )  # fmt: skip
    name = models.CharField(_("partner"), max_length=120)
    document = models.CharField(
        _("agreement"), max_length=200, help_text=_("Its number, and where the signed paper is kept.")
    )
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("account"),
        help_text=_("Under which they fetch the files."),
    )  # fmt: skip
    begins_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    why = models.CharField(_("why it was ended"), max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["slug"]
        verbose_name = _("agreement with a partner")
        verbose_name_plural = _("agreements with partners")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(document=""), name="an_agreement_is_with_somebody"),
            models.CheckConstraint(condition=Q(begins_on__lte=F("ends_on")), name="an_agreement_begins_before_its_end"),
            models.CheckConstraint(
                condition=Q(ended_at=None, why="") | Q(ended_at__isnull=False) & ~Q(why=""),
                name="an_agreement_that_was_ended_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HandOut(models.Model):
    """That a partner fetched the file of a release."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="handed_out")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="handed_out")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["-at"]
        verbose_name = _("hand-out to a partner")
        verbose_name_plural = _("hand-outs to partners")

    def __str__(self) -> str:
        return f"{self.release_id}"
