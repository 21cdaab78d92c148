"""Names that people give to releases, and what else keeps one."""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from annotations.datasets.models import Release
from annotations.people.models import Person

SLUG: Final = 60
TITLE: Final = 120
WHY: Final = 500
"""Characters at most."""


class Edition(models.Model):
    """A release with a name of its own. `release` is the first of its cutoff, so that there is one edition of a cutoff
    and the clean release that may take the first one's place is the same edition."""

    slug = models.SlugField(_("short name"), max_length=SLUG, unique=True, help_text=_("It stands in addresses."))
    title = models.CharField(_("title"), max_length=TITLE)
    why = models.CharField(_("why it has a name"), max_length=WHY)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="edition")
    named_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["-release__cutoff"]
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~(Q(title="") | Q(why="")), name="an_edition_has_a_title_and_a_reason"),
        ]

    def __str__(self) -> str:
        return self.title


class Pin(models.Model):
    """That a release is kept because somebody cites it."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="pins", verbose_name=_("release"))
    why = models.CharField(_("why it is kept"), max_length=WHY, help_text=_("Who cites it, and where."))
    pinned_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    pinned_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(_("not any more since"), null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-pinned_at"]
        verbose_name = _("release that is cited")
        verbose_name_plural = _("releases that are cited")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(why=""), name="a_pin_says_why")]

    def __str__(self) -> str:
        return self.why
