"""What is at targets and must not be, and what must go there."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from annotations.datasets.models import Release
from annotations.datasets.targets.models import Delivery


def to_be_taken_away() -> QuerySet[Delivery]:
    """Deliveries of which something is or may be at a target though their release was recalled, the oldest recall
    first; and those that had only begun when their release expired: they can never be whole."""
    half = Q(state=Delivery.State.BEGUN, release__state=Release.State.EXPIRED)
    rows = Delivery.objects.exclude(state=Delivery.State.GONE).filter(Q(release__state=Release.State.RECALLED) | half)
    return rows.select_related("release").order_by("release__recall_number", "pk")


def to_be_replaced() -> QuerySet[Any]:
    """Deliveries that are gone, where the clean release of the same cutoff is published and not at the target yet:
    `instead` is its key."""
    clean = Release.objects.filter(state=Release.State.PUBLISHED, cutoff=OuterRef("release__cutoff")).values("pk")
    gone = Delivery.objects.filter(state=Delivery.State.GONE).annotate(instead=Subquery(clean[:1]))
    there = Delivery.objects.filter(target=OuterRef("target"), release=OuterRef("instead"), state=Delivery.State.THERE)
    return gone.filter(~Exists(there), instead__isnull=False).order_by("pk")


def sums_beside(delivery: Delivery) -> set[str]:
    """SHA-256 of all files that other releases have, or may have, at the same place, under whatever name it goes."""
    others = Delivery.objects.filter(~Q(state=Delivery.State.GONE) & ~Q(pk=delivery.pk), place=delivery.place)
    return {known for files in others.values_list("files", flat=True) for known in files.values()}


def is_newest(delivery: Delivery) -> bool:
    """Whether no later release is at its target."""
    others = Delivery.objects.filter(target=delivery.target, state=Delivery.State.THERE).exclude(pk=delivery.pk)
    mine = (delivery.release.cutoff, delivery.release.published_at)
    return all(each <= mine for each in others.values_list("release__cutoff", "release__published_at"))
