"""Casting a vote: the answer as it comes is checked against the seat, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotations.assignments.actions import Received, Submission, submit
from annotations.assignments.models import Assignment, Judgement
from annotations.assignments.queries import KEYS
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.rating.models import Vote

LEVEL = (Vote.Outcome.TIE, Vote.Outcome.BOTH_GOOD, Vote.Outcome.BOTH_BAD)
"""Outcomes that prefer none of the outputs."""


@dataclass(frozen=True)
class Ballot:
    """A checked vote in output ids."""

    outcome: str
    preferred: int | None = None
    strength: int | None = None
    ranking: list[list[int]] | None = None


def cast_vote(*, person: Person, submission: Submission, answer: Mapping[str, Any]) -> Received:
    """Keep a vote: `{"preferred": "a", "strength": 2}`, `{"preferred": "tie"}`, or `{"ranking": [["b"], ["a", "c"]]}`.

    Keys are those of the turn, by place in the order shown. Raises as `assignments.actions.submit`.
    """
    return submit(person=person, submission=submission, answer=answer)


def check(answer: Mapping[str, Any], seat: Assignment) -> Ballot:
    """The answer in output ids, or `Refused("invalid")` naming the field."""
    unknown = set(answer) - {"preferred", "strength", "ranking"}
    if unknown:
        raise _bad(min(unknown), _("This field is not known."))
    by_key = dict(zip(KEYS, seat.shown, strict=False))
    if "ranking" in answer:
        if "preferred" in answer or "strength" in answer:
            raise _bad("ranking", _("A ranking stands alone."))
        return _ranked(answer["ranking"], by_key)
    return _preferred(answer.get("preferred"), answer.get("strength"), by_key)


def _preferred(preferred: Any, strength: Any, by_key: dict[str, int]) -> Ballot:
    if isinstance(preferred, str) and preferred in LEVEL:
        if strength is not None:
            raise _bad("strength", _("Strength goes with a preferred output only."))
        return Ballot(outcome=preferred)
    if not isinstance(preferred, str) or preferred not in by_key:
        raise _bad("preferred", _("Must be one of %s.") % ", ".join([*by_key, *LEVEL]))
    if len(by_key) > 2:
        raise _bad("preferred", _("More than two outputs are ranked."))
    if strength is not None and (type(strength) is not int or strength not in (1, 2)):
        raise _bad("strength", _("Must be 1 or 2."))
    return Ballot(outcome=Vote.Outcome.OUTPUT, preferred=by_key[preferred], strength=strength or 1)


def _ranked(tiers: Any, by_key: dict[str, int]) -> Ballot:
    if len(by_key) <= 2:
        raise _bad("ranking", _("Two outputs are not ranked; one is preferred."))
    well_formed = isinstance(tiers, list) and all(
        isinstance(tier, list) and tier and all(isinstance(key, str) for key in tier) for tier in tiers
    )
    if not well_formed or sorted(key for tier in tiers for key in tier) != sorted(by_key):
        raise _bad("ranking", _("Must name every output once, in tiers, the best first."))
    ranking = [[by_key[key] for key in tier] for tier in tiers]
    if len(ranking[0]) == 1:
        return Ballot(Vote.Outcome.OUTPUT, preferred=ranking[0][0], strength=1, ranking=ranking)
    return Ballot(Vote.Outcome.TIE, ranking=ranking)


def _bad(name: str, reason: Any) -> Refused:
    return Refused("invalid", reason, {name: str(reason)})


def keep(judgement: Judgement, ballot: Ballot) -> None:
    """Write the vote's own row, inside the judgement's transaction."""
    Vote.objects.create(
        judgement=judgement, outcome=ballot.outcome, preferred_id=ballot.preferred, strength=ballot.strength,
        ranking=ballot.ranking,
    )  # fmt: skip


def tell(judgement: Judgement) -> Mapping[str, Any]:
    """The vote as it was answered, in the keys of the turn: what `check` would take."""
    vote = judgement.vote
    key = dict(zip(judgement.shown, KEYS, strict=False))
    if vote.ranking is not None:
        return {"ranking": [[key[output] for output in tier] for tier in vote.ranking]}
    if vote.preferred_id is None:
        return {"preferred": vote.outcome}
    return {"preferred": key[vote.preferred_id], "strength": vote.strength}
