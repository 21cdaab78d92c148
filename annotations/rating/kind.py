"""The vote as a registered kind."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from annotations.assignments.kinds import Kind
from annotations.assignments.queries import KEYS
from annotations.corpus.lines import MAX_OUTPUTS
from annotations.rating.actions import LEVEL, check, keep, tell
from annotations.rating.forms import VoteForm

VOTE = Kind(
    name="vote",
    label=_("Judge"),
    table="rate",
    outputs=(2, MAX_OUTPUTS),
    guidelines=Path(__file__).parent / "guidelines" / "1",
    check=check,
    keep=keep,
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
                "description": "of more than two outputs: tiers of keys, the best first; stands alone",
            },
        },
        "additionalProperties": False,
    },
    takes_guests=True,
)  # fmt: skip
