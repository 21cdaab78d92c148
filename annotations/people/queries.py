"""Questions about people."""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from annotations.people.models import Consent, Person, SpokenVariety, Variety
from annotations.people.purposes import REQUIRED
from annotations.people.texts import consent_version, goes_abroad


def varieties_on_offer() -> QuerySet[Variety]:
    """What a volunteer may call their own: languages, dialects and registers that are not parents only."""
    return Variety.objects.filter(level__in=Variety.OWN_LEVELS).exclude(tag__in=["es", "pt"]).order_by("tag")


def nearness_to(language: str | None) -> Callable[[Variety], tuple[bool, str]]:
    """An order of varieties: those of a page's language first, then by name."""
    return lambda variety: (not variety.tag.startswith((language or "es")[:2]), variety.name)


def spoken_by(person: Person) -> QuerySet[SpokenVariety]:
    """The person's current varieties, the one they know best first."""
    return (
        SpokenVariety.objects.filter(person=person, until=None)
        .select_related("variety")
        .order_by("-command", "how", "variety_id")
    )


def consent_for(person: Person, licence: str) -> Consent | None:
    """The person's consent to contribute under this licence: of the current version, with everything required, and
    not taken back. People may consent to several licences; withdrawing takes back all of them."""
    if person.consent is None:
        return None
    if person.consent.contribution_licence == licence:
        return person.consent if _suffices(person.consent) else None
    rows = Consent.objects.filter(subject=person.subject).order_by("-id")
    withdrawn = rows.filter(act=Consent.Act.WITHDRAW).first()
    named = rows.filter(contribution_licence=licence, act=Consent.Act.GIVE).first()
    if named is None or (withdrawn and withdrawn.pk > named.pk) or not _suffices(named):
        return None
    return named


def _suffices(consent: Consent) -> bool:
    return consent.version == consent_version() and all(consent.purposes.get(purpose) for purpose in REQUIRED)


def lacking(consent: Consent, variety: Variety | None = None) -> str:
    """The purpose beyond the required ones that stands in the way of work under this consent, or empty: `transfer`
    where the house keeps data abroad, `special` for a variety that can show ethnic origin (ADR 8)."""
    if goes_abroad() and not consent.purposes.get("transfer"):
        return "transfer"
    if variety is not None and variety.shows_origin and not consent.purposes.get("special"):
        return "special"
    return ""


def showing_origin() -> Q:
    """Spoken varieties for which `Variety.shows_origin` is true, as a condition."""
    plain = Q()
    for tag in Variety.OF_ANYBODY:
        plain |= Q(variety__lineage__contains=[tag])
    return ~plain


def find_varieties(text: str) -> QuerySet[Variety]:
    """What a volunteer may call their own, found by a name as `named` does."""
    return varieties_on_offer().filter(pk__in=named(text))


def named(text: str) -> QuerySet[Variety]:
    """Varieties whose tag, name, autonym, outside name or zone holds `text`, without regard to case."""
    words = Q(tag__icontains=text) | Q(autonym__icontains=text) | Q(search_names__icontains=text)
    for name in ("name_es", "name_pt", "name_en"):
        words |= Q(**{f"{name}__icontains": text}) | Q(**{f"macro_zone__{name}__icontains": text})
    return Variety.objects.filter(words).order_by("tag")


def with_right(codename: str) -> QuerySet[Person]:
    """Whoever may do this, by themselves, by a group or by being of the house, and is in good standing."""
    may = Q(is_superuser=True) | Q(user_permissions__codename=codename) | Q(groups__permissions__codename=codename)
    return Person.objects.filter(may, is_active=True, standing=Person.Standing.GOOD).distinct()
