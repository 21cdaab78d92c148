"""Votes as a rule reads them."""

from annotations.assignments.models import Cell
from annotations.quality.rules import Ballot
from annotations.rating.models import Vote


def ballots_of(cell: Cell) -> list[Ballot]:
    """The counted votes of a cell, in the order they were received."""
    votes = Vote.objects.filter(judgement__cell=cell, judgement__counted=True).order_by("judgement_id")
    return [ballot(vote) for vote in votes.select_related("judgement")]


def ballot(vote: Vote) -> Ballot:
    """A vote as a rule reads it."""
    return Ballot(
        choice=vote.preferred_id if vote.preferred_id is not None else vote.outcome,
        strength=vote.strength,
        ranking=tuple(tuple(tier) for tier in vote.ranking) if vote.ranking else None,
        trusted=vote.judgement.trusted,
    )
