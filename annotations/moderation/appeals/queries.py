"""Which appeals wait, and for whom."""

from django.db.models import Q, QuerySet

from annotations.moderation.appeals.models import Appeal
from annotations.people.models import Person


def waiting() -> QuerySet[Appeal]:
    return Appeal.objects.filter(answered_at=None).order_by("made_at", "pk")


def waiting_for(person: Person) -> QuerySet[Appeal]:
    """Those that this person may answer, having had no part in what they are against."""
    sanctioned = Q(sanction__decided_by=person) | Q(sanction__second=person)
    purged = Q(purge__asked_by=person) | Q(purge__approved_by=person)
    return waiting().exclude(Q(person=person) | sanctioned | purged).select_related("sanction", "purge")
