"""Persons, varieties, and the ledger of consent."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, models
from django.db.models import Q, Value
from django.db.models.functions import Lower, Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotations.compiled import Compiled, given
from annotations.errors import gone


class MacroZone(models.Model):
    """A stretch of the map that varieties are browsed by; nobody's identity. `basis` names whose division it is."""

    code = models.CharField(max_length=40, primary_key=True)
    name_es = models.CharField(max_length=80)
    name_pt = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    basis = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """Its name in the language of the page."""
        return _in_the_pages_language(self)


def _in_the_pages_language(row: Any) -> str:
    language = (get_language() or "es")[:2]
    return str(getattr(row, f"name_{language}", row.name_es))


class Variety(models.Model):
    """A way of speaking, named by a BCP 47 tag (`es-CO-x-paisa`); the rows come from `seeds/varieties.csv`.

    `lineage` holds the tag itself and then its parents up to the root, so that "may this speaker judge that item"
    is one containment test: an item's tag is in the lineage of a variety the person speaks.
    """

    class Level(models.TextChoices):
        LANGUAGE = "language", _("language")
        DIALECT = "dialect", _("dialect")
        REGISTER = "register", _("register")
        GROUP = "group", _("group")
        MACROLANGUAGE = "macrolanguage", _("macrolanguage")
        COLLECTION = "collection", _("collection")
        SOURCE = "source", _("language texts come from")

    class Governed(models.TextChoices):
        NO = "no", _("governed by nobody")
        ASK = "ask", _("governed where its stewards say so")
        YES = "yes", _("governed by its stewards")

    OWN_LEVELS: ClassVar = (Level.LANGUAGE, Level.DIALECT, Level.REGISTER)
    OF_ANYBODY: ClassVar = ("es", "pt", "en")

    tag = models.CharField(max_length=35, primary_key=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    lineage = ArrayField(models.CharField(max_length=35))
    level = models.CharField(max_length=14, choices=Level)
    governed = models.CharField(max_length=3, choices=Governed)
    autonym = models.CharField(max_length=80)
    name_es = models.CharField(max_length=80)
    name_pt = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    search_names = ArrayField(models.CharField(max_length=80), default=list)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    macro_zone = models.ForeignKey(MacroZone, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    iso639_3 = models.CharField(max_length=8, blank=True)
    glottocode = models.CharField(max_length=8, blank=True)
    direction = models.CharField(max_length=3, default="ltr")
    certainty = models.CharField(max_length=10, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        verbose_name = _("variety")
        verbose_name_plural = _("varieties")
        ordering: ClassVar = ["tag"]

    def __str__(self) -> str:
        return self.tag

    @property
    def name(self) -> str:
        """Its name in the language of the page."""
        return _in_the_pages_language(self)

    @property
    def own_name(self) -> str:
        """What its speakers call it: the name to show first. A dialect has the one of the page's language."""
        return self.name if self.level == self.Level.DIALECT else self.autonym

    @property
    def also(self) -> str:
        """The page's language's name of it where that says more; outside names are searched, never shown."""
        return "" if self.name == self.own_name else self.name

    @property
    def shows_origin(self) -> bool:
        """True for ways of speaking whose language is not one of those everybody may speak: that somebody speaks it
        can tell which people they are of, which the law holds to be sensitive (purpose `special`)."""
        return shows_origin(self.lineage)


def shows_origin(lineage: Sequence[str]) -> bool:
    """The same of a variety by its lineage."""
    return lineage[-1] not in Variety.OF_ANYBODY


class People(BaseUserManager["Person"]):
    """How persons are made; names are kept in Unicode NFKC, so that look-alikes collide."""

    def create_user(self, username: str, password: str | None = None, **facts: Any) -> "Person":
        person = self.model(username=self.model.normalize_username(username), **facts)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, username: str, password: str | None = None, **facts: Any) -> "Person":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **facts)

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.named(username or "").get()

    def named(self, username: str) -> models.QuerySet["Person"]:
        """Whoever has this name, compared as the constraint compares: in NFKC and lower case, by the database."""
        name = Value(self.model.normalize_username(username))
        return self.annotate(lower_name=Lower("username")).filter(lower_name=Lower(name))

    def lock(self, person: "Person") -> "Person":
        """The person's row, nobody else's until the transaction ends; every change of what is theirs takes it first.

        Raises:
            Refused: `not_found`, the account was erased while we waited.
        """
        if (found := _locked.first(pk=person.pk)) is None:
            raise gone()
        return found


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account. `consent` is the ledger's row now in force, or null: nothing is kept without it.

    `standing` is the moderators' word. `paused_at` is the person's own: they rest, and nothing is asked of them until
    they say so; two years without a sign of them rest an account too, `warned_at` says since when they were told.
    """

    class Standing(models.TextChoices):
        GOOD = "good", _("takes part")
        PAUSED = "paused", _("paused by the team")
        CLOSED = "closed", _("account closed")

    username = models.CharField(
        _("user name"), max_length=60, validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and . + - _ only. It need not be a real name."),
    )  # fmt: skip
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(max_length=5, default="es")
    subject = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consent = models.ForeignKey("Consent", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    standing = models.CharField(max_length=6, choices=Standing, default=Standing.GOOD)
    most_a_day = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    avoids = ArrayField(
        models.CharField(max_length=30), default=list, blank=True,
        help_text=_("Categories of bias this person never wants to meet."),
    )  # fmt: skip
    is_demo = models.BooleanField(default=False)
    is_proven = models.BooleanField(
        _("proven"),
        default=True,
        help_text=_("Joined with a proof of work, or was looked at since: their work counts."),
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(db_default=Now())
    varieties: models.ManyToManyField[Variety, "SpokenVariety"] = models.ManyToManyField(
        Variety, through="SpokenVariety"
    )

    objects = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="one_person_per_username"),
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **how: Any) -> None:
        """Write the row. One that was erased since it was read is not written anew: whoever still has it in hand, a
        view that changes a password or the panel, would bring an erased account back.

        Raises:
            Refused: `not_found`, the account was erased.
        """
        try:
            super().save(*args, **(how if self._state.adding else how | {"force_update": True}))
        except DatabaseError as error:
            if self._state.adding or error.__cause__:  # the database's own faults have a cause, Django's word has none
                raise
            raise gone() from None


_locked = Compiled(
    lambda: Person.objects.select_for_update(of=("self",)).select_related("consent").filter(pk=given("pk"))
)


class SpokenVariety(models.Model):
    """That a person speaks a variety, how they came to it, and since when we know. Ended rows are kept."""

    class How(models.TextChoices):
        GREW_UP = "grew_up", _("I grew up with it")
        LIVE_THERE = "live_there", _("I live where it is spoken")
        LEARNED = "learned", _("I learned it")
        READS = "reads", _("I read it")

    class Command(models.IntegerChoices):
        SOME = 1, _("Some")
        GOOD = 2, _("Good")
        FULL = 3, _("It is mine")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="spoken")
    variety = models.ForeignKey(Variety, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=How)
    command = models.PositiveSmallIntegerField(choices=Command, default=Command.FULL)
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "spoken varieties"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "variety"], condition=Q(until=None), name="one_current_entry_per_person_and_variety"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variety_id} ({self.how})"


class Consent(models.Model):
    """One act of consenting or withdrawing, or of leaving: the account is erased and its contributions stay, unlinked,
    under the terms of the consent they were given with. Append-only: a trigger forbids changing or deleting.

    It names a random `subject`; only `Person.subject` says whose it is, and erasing that link leaves a ledger
    without persons. `text_sha256` is the hash of the exact text that was shown, after its blanks were filled.
    """

    class Act(models.TextChoices):
        GIVE = "give", _("given")
        WITHDRAW = "withdraw", _("taken back")
        LEAVE = "leave", _("left, contributions stay")

    subject = models.UUIDField(db_index=True)
    act = models.CharField(max_length=8, choices=Act)
    version = models.CharField(max_length=40)
    text_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=5)
    purposes = models.JSONField(default=dict)
    contribution_licence = models.CharField(max_length=40)
    channel = models.CharField(max_length=8)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes: ClassVar = [
            models.Index(fields=["subject", "id"], condition=Q(act="withdraw"), name="withdrawals"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="consent_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.version}"
