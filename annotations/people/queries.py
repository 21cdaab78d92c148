"""Questions about people."""

from django.db.models import Q, QuerySet

from annotations.people.models import Person, SpokenVariety, Variety
from annotations.people.purposes import REQUIRED
from annotations.people.texts import CONSENT_VERSION


def varieties_on_offer() -> QuerySet[Variety]:
    """What a volunteer may call their own: languages, dialects and registers that are not parents only."""
    return Variety.objects.filter(level__in=Variety.OWN_LEVELS).exclude(tag__in=["es", "pt"]).order_by("tag")


def spoken_by(person: Person) -> QuerySet[SpokenVariety]:
    """The person's current varieties, the one they know best first."""
    return (
        SpokenVariety.objects.filter(person=person, until=None)
        .select_related("variety")
        .order_by("-command", "how", "variety_id")
    )


def has_consented(person: Person, licence: str) -> bool:
    """True when the consent in force is of the current version, names this licence, and covers what is required."""
    consent = person.consent
    return (
        consent is not None
        and consent.version == CONSENT_VERSION
        and consent.contribution_licence == licence
        and all(consent.purposes.get(purpose) for purpose in REQUIRED)
    )


def find_varieties(text: str) -> QuerySet[Variety]:
    """Varieties whose tag, name, autonym or outside name starts with or holds `text`, without regard to case."""
    words = Q(tag__icontains=text) | Q(autonym__icontains=text) | Q(search_names__icontains=text)
    for name in ("name_es", "name_pt", "name_en"):
        words |= Q(**{f"{name}__icontains": text})
    return varieties_on_offer().filter(words)
