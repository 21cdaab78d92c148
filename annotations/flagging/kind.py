"""The flag as a registered kind: a campaign asks whether something is wrong in an answer."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from annotations.assignments.kinds import Kind
from annotations.flagging.actions import MAX_WORDS, check, keep, tell
from annotations.flagging.forms import FlagForm
from annotations.flagging.models import Flag

_CODES = {"type": "array", "items": {"type": "string"}}
_WORDS = {"type": "string", "maxLength": MAX_WORDS}
SCHEMA = {
    "type": "object",
    "properties": {
        "wrong": {"type": "boolean"},
        "span": {
            "type": "object",
            "description": "the words that are wrong, in Unicode code points; left out where all of it is",
            "properties": {"start": {"type": "integer", "minimum": 0}, "end": {"type": "integer"}},
            "required": ["start", "end"],
        },
        "categories": {**_CODES, "description": "what is wrong, by the codes of the guidelines"},
        "severity": {"enum": [1, 2, 3, 4]},
        "groups": {**_CODES, "description": "whom it harms; needed where a category is social bias"},
        "stance": {"enum": Flag.Stance.values},
        "common": {"enum": ["", *Flag.Common.values], "description": "how common this is in one's region"},
        "counter_example": {**_WORDS, "description": "how it would be said well"},
        "comment": {**_WORDS, "description": "needed with `otro`"},
    },
    "required": ["wrong"],
    "additionalProperties": False,
}
FLAG = Kind(
    name="flag",
    label=_("Look for what is wrong"),
    does=_("Read an answer, and say whether something in it is wrong."),
    table="flag",
    outputs=(1, 1),
    guidelines=Path(__file__).parent / "guidelines" / "1",
    check=check,
    keep=keep,
    row="flag",
    tell=tell,
    form=FlagForm,
    template="flagging/flag.html",
    scripts=("flag.js",),
    question=_("Is something wrong in this answer?"),
    schema=SCHEMA,
    carried=False,
)
