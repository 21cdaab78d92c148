"""The review as a registered kind. Its items are opened by the house (`actions.py:open_reviews`), never imported."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from annotations.assignments.kinds import Kind
from annotations.corpus.models import MAX_TEXT
from annotations.reviewing.actions import MAX_WORDS, check, made, tell
from annotations.reviewing.forms import ReviewForm
from annotations.reviewing.models import Review
from annotations.reviewing.queries import asked

REVIEW = Kind(
    name="review",
    label=_("Review"),
    does=_("Read what somebody of the same variety wrote, and say whether it can be used."),
    table="review",
    outputs=(0, 0),
    guidelines=Path(__file__).parent / "guidelines" / "1",
    check=check,
    made=made,
    row="review",
    tell=tell,
    form=ReviewForm,
    template="reviewing/review.html",
    scripts=("write.js",),
    question=_("Can this be used as it is?"),
    schema={
        "type": "object",
        "properties": {
            "decision": {"enum": Review.Decision.values},
            "text": {"type": "string", "maxLength": MAX_TEXT, "description": "with edit only: the changed text"},
            "reason": {"enum": Review.Reason.values, "description": "with reject only: one of the turn's `reasons`"},
            "words": {"type": "string", "maxLength": MAX_WORDS, "description": "with reject only, for the author"},
        },
        "required": ["decision"],
        "additionalProperties": False,
    },
    ask=asked,
    imported=False,
    carried=False,
)
