"""Votes and scores: the answer as it comes is checked against the seat, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotations.assignments.answers import bad, only, plain_text
from annotations.assignments.models import Assignment, Judgement
from annotations.assignments.queries import KEYS
from annotations.rating.models import Score, Vote
from annotations.rating.rubric import codes

MAX_REASON = 2_000
LEVEL = (Vote.Outcome.TIE, Vote.Outcome.BOTH_GOOD, Vote.Outcome.BOTH_BAD)
"""Outcomes that prefer none of the outputs."""


@dataclass(frozen=True)
class Ballot:
    """A checked vote in output ids."""

    outcome: str
    preferred: int | None = None
    strength: int | None = None
    ranking: list[list[int]] | None = None
    aspects: tuple[str, ...] = ()
    reason: str = ""


def check(answer: Mapping[str, Any], seat: Assignment) -> Ballot:
    """`{"preferred": "a", "strength": 2}`, `{"preferred": "tie"}`, or `{"ranking": [["b"], ["a", "c"]]}`, each with
    `aspects` that decided and a `reason` in words where somebody says why; in output ids, or `Refused("invalid")`
    naming the field. Keys are those of the turn, by place in the order shown."""
    only(answer, ("preferred", "strength", "ranking", "aspects", "reason"))
    by_key = dict(zip(KEYS, seat.shown, strict=False))
    if "ranking" in answer:
        if "preferred" in answer or "strength" in answer:
            raise bad("ranking", _("A ranking stands without a preferred one."))
        ballot = _ranked(answer["ranking"], by_key)
    else:
        ballot = _preferred(answer.get("preferred"), answer.get("strength"), by_key)
    reason = plain_text(answer.get("reason", ""), "reason", MAX_REASON).strip()
    return replace(ballot, aspects=_aspects(answer.get("aspects", [])), reason=reason)


def _aspects(value: Any) -> tuple[str, ...]:
    if value == []:
        return ()
    known = codes()
    if not isinstance(value, list) or not all(isinstance(code, str) and code in known for code in value):
        raise bad("aspects", _("Must be a list of aspects of the rubric: %s.") % ", ".join(known))
    return tuple(code for code in known if code in value)


def _preferred(preferred: Any, strength: Any, by_key: dict[str, int]) -> Ballot:
    if isinstance(preferred, str) and preferred in LEVEL:
        if strength is not None:
            raise bad("strength", _("Strength goes with a preferred output only."))
        return Ballot(outcome=preferred)
    if not isinstance(preferred, str) or preferred not in by_key:
        raise bad("preferred", _("Must be one of %s.") % ", ".join([*by_key, *LEVEL]))
    if len(by_key) > 2:
        raise bad("preferred", _("More than two outputs are ranked."))
    if strength is not None and (type(strength) is not int or strength not in (1, 2)):
        raise bad("strength", _("Must be 1 or 2."))
    return Ballot(outcome=Vote.Outcome.OUTPUT, preferred=by_key[preferred], strength=strength or 1)


def _ranked(tiers: Any, by_key: dict[str, int]) -> Ballot:
    if len(by_key) <= 2:
        raise bad("ranking", _("Two outputs are not ranked; one is preferred."))
    well_formed = isinstance(tiers, list) and all(
        isinstance(tier, list) and tier and all(isinstance(key, str) for key in tier) for tier in tiers
    )
    if not well_formed or sorted(key for tier in tiers for key in tier) != sorted(by_key):
        raise bad("ranking", _("Must name every output once, in tiers, the best first."))
    ranking = [[by_key[key] for key in tier] for tier in tiers]
    if len(ranking[0]) == 1:
        return Ballot(Vote.Outcome.OUTPUT, preferred=ranking[0][0], strength=1, ranking=ranking)
    return Ballot(Vote.Outcome.TIE, ranking=ranking)


def vote(judgement: Judgement, ballot: Ballot) -> Vote:
    """The vote's own row."""
    return Vote(
        judgement=judgement, outcome=ballot.outcome, preferred_id=ballot.preferred, strength=ballot.strength,
        ranking=ballot.ranking, aspects=list(ballot.aspects), reason=ballot.reason,
    )  # fmt: skip


def tell(judgement: Judgement) -> Mapping[str, Any]:
    """The vote as it was answered, in the keys of the turn: what `check` would take."""
    vote = judgement.vote
    why = {name: value for name, value in (("aspects", vote.aspects), ("reason", vote.reason)) if value}
    key = dict(zip(judgement.shown, KEYS, strict=False))
    if vote.ranking is not None:
        return {"ranking": [[key[output] for output in tier] for tier in vote.ranking]} | why
    if vote.preferred_id is None:
        return {"preferred": vote.outcome} | why
    return {"preferred": key[vote.preferred_id], "strength": vote.strength} | why


# Scores -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Points:
    """A checked score: a point for each aspect of the rubric, and one for all of it."""

    points: dict[str, int]
    overall: int


def check_score(answer: Mapping[str, Any], seat: Assignment) -> Points:
    """`{"points": {"utilidad": 4, …}, "overall": 4}`: every aspect of the rubric, each from 1 to 5. What is said of the
    whole lies among what is said of its parts: in a large public dataset thousands of answers had a 10 overall where
    a 1 was meant, and only the aspects told."""
    only(answer, ("points", "overall"))
    points, known = answer.get("points"), codes()
    if not isinstance(points, Mapping) or set(points) != set(known):
        raise bad("points", _("Must have a point for each of: %s.") % ", ".join(known))
    if wrong := [code for code, point in points.items() if not _is_point(point)]:
        raise bad(f"points.{wrong[0]}", _("Must be a whole number from 1 to 5."))
    overall = answer.get("overall")
    if not isinstance(overall, int) or not _is_point(overall):
        raise bad("overall", _("Must be a whole number from 1 to 5."))
    if not min(points.values()) <= overall <= max(points.values()):
        raise bad("overall", _("The whole cannot be better than its best aspect, nor worse than its worst."))
    return Points({code: points[code] for code in known}, overall)


def _is_point(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 5


def score(judgement: Judgement, given: Points) -> Score:
    """The score's own row."""
    return Score(judgement=judgement, points=given.points, overall=given.overall)


def tell_score(judgement: Judgement) -> Mapping[str, Any]:
    """The score as it was answered."""
    return {"points": judgement.score.points, "overall": judgement.score.overall}
