"""What is known before votes come in, and what waits."""

from collections.abc import Iterator
from typing import BinaryIO

from django.db.models import Count, Q, QuerySet

from annotations.corpus.lines import Problem
from annotations.datasets.external.lines import VoteLine, objects, read_votes
from annotations.datasets.external.models import ExternalBatch, ExternalVote
from annotations.people.models import Variety
from annotations.people.stewards.queries import closed_varieties


def votes_of(name: str, file: BinaryIO, licence: str = "") -> Iterator[VoteLine | Problem]:
    """The lines of a file, checked against the varieties we know.

    Args:
        name: the file's; it says whether it is CSV, and is the source of lines that name none.
        licence: of lines that name none.
    """
    varieties = set(Variety.objects.values_list("tag", flat=True))
    return read_votes(objects(name, file), varieties, closed_varieties(), name[:200], licence)


def held_back() -> QuerySet[ExternalVote]:
    """Votes that screening holds, the oldest first."""
    return ExternalVote.objects.exclude(held_back="").select_related("prompt", "batch").order_by("entered_at", "pk")


def counted() -> QuerySet[ExternalBatch]:
    """Documents, with how many votes each has (`n_votes`) and how many of them are held back (`n_held`)."""
    return ExternalBatch.objects.annotate(n_votes=Count("votes"), n_held=Count("votes", filter=~Q(votes__held_back="")))
