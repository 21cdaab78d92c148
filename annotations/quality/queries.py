"""Questions about what is due, and about votes as evidence."""

import datetime as dt

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.people.models import Consent
from annotations.quality.rules import Ballot
from annotations.rating.models import Vote


def due_cells() -> QuerySet[Cell]:
    """Cells of votes that have what they need and no verdict yet."""
    return Cell.objects.filter(kind="vote", settled_at=None, done__gte=F("needed")).order_by("id")


def ballots_of(cell: Cell) -> list[Ballot]:
    """The counted votes of a cell, in the order they were received."""
    votes = Vote.objects.filter(judgement__cell=cell, judgement__counted=True).order_by("judgement_id")
    return [
        Ballot(
            choice=vote.preferred_id if vote.preferred_id is not None else vote.outcome,
            strength=vote.strength,
            ranking=tuple(tuple(tier) for tier in vote.ranking) if vote.ranking else None,
        )
        for vote in votes
    ]


def latest_evidence(cell: Cell) -> dt.datetime:
    latest = Judgement.objects.filter(cell=cell, counted=True).aggregate(latest=Max("received_at"))["latest"]
    assert isinstance(latest, dt.datetime), "a due cell has counted judgements"
    return latest


def counted_after_withdrawal() -> QuerySet[Judgement]:
    """Counted judgements made under a consent that was taken back since. Consenting again covers new work only."""
    later = Consent.objects.filter(
        subject=OuterRef("consent__subject"), act=Consent.Act.WITHDRAW, id__gt=OuterRef("consent_id")
    )
    return Judgement.objects.filter(Exists(later), counted=True).order_by("id")


def judged_campaigns() -> QuerySet[Campaign]:
    """Campaigns in which something was judged that counts."""
    counted = Judgement.objects.filter(campaign=OuterRef("pk"), counted=True)
    return Campaign.objects.filter(Exists(counted)).order_by("-created_at", "id")
