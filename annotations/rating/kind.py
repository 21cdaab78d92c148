"""The vote and the score as registered kinds."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from annotations.assignments.kinds import Kind
from annotations.assignments.queries import KEYS
from annotations.corpus.lines import MAX_OUTPUTS
from annotations.rating.actions import LEVEL, MAX_REASON, check, check_score, score, tell, tell_score, vote
from annotations.rating.forms import ScoreForm, VoteForm
from annotations.rating.rubric import VERSION

GUIDELINES = Path(__file__).parent / "guidelines"
_ASPECTS = {"type": "string", "description": "the code of an aspect of the rubric"}
_POINT = {"type": "integer", "minimum": 1, "maximum": 5}

VOTE = Kind(
    name="vote",
    label=_("Judge"),
    does=_("Read two answers and say which is better for this person and this place."),
    table="rate",
    outputs=(2, MAX_OUTPUTS),
    guidelines=GUIDELINES / "vote" / "1",
    check=check,
    made=vote,
    row="vote",
    tell=tell,
    form=VoteForm,
    template="rating/vote.html",
    question=_("Which is better for this person and this place?"),
    schema={
        "type": "object",
        "properties": {
            "preferred": {"enum": [*KEYS, *LEVEL], "description": "a key of the turn, or that they are level"},
            "strength": {"enum": [1, 2], "description": "how much better, only with a key; 1 when left out"},
            "ranking": {
                "type": "array", "items": {"type": "array", "items": {"enum": [*KEYS]}},
                "description": "of more than two outputs: tiers of keys, the best first; without a preferred one",
            },
            "aspects": {"type": "array", "items": _ASPECTS, "description": "that decided"},
            "reason": {"type": "string", "maxLength": MAX_REASON, "description": "why, in words"},
        },
        "additionalProperties": False,
    },
    rubric=VERSION,
    takes_guests=True,
)  # fmt: skip

SCORE = Kind(
    name="score",
    label=_("Score"),
    does=_("Read one answer and say how good it is, aspect by aspect."),
    table="rate",
    outputs=(1, 1),
    guidelines=GUIDELINES / "score" / "1",
    check=check_score,
    made=score,
    row="score",
    tell=tell_score,
    form=ScoreForm,
    template="rating/score.html",
    question=_("How good is this answer for this person and this place?"),
    schema={
        "type": "object",
        "required": ["points", "overall"],
        "properties": {
            "points": {"type": "object", "additionalProperties": _POINT, "description": "by aspect, every one of them"},
            "overall": {**_POINT, "description": "not below the lowest point, nor above the highest"},
        },
        "additionalProperties": False,
    },
    rubric=VERSION,
    takes_guests=True,
)  # fmt: skip
