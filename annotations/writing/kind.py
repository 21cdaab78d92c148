"""Writing as three registered kinds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from annotations.assignments.kinds import Kind
from annotations.assignments.models import Assignment
from annotations.corpus.models import MAX_TEXT
from annotations.people.countries import COUNTRIES
from annotations.writing import actions
from annotations.writing.choices import DOMAINS
from annotations.writing.forms import CorrectionForm, DemonstrationForm, PromptForm

_GUIDELINES = Path(__file__).parent / "guidelines" / "1"
_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}


def _begins_with(seat: Assignment) -> Mapping[str, Any]:
    """What an answer says that does not circulate is shown beside its correction no more."""
    output = actions.output_of(seat)
    return {"begins_with": "" if output.quarantine else output.text}


DEMONSTRATION = Kind(
    name="demonstration",
    label=_("Write an answer"),
    does=_("Write the answer that somebody from here would like to get."),
    table="write",
    outputs=(0, 0),
    guidelines=_GUIDELINES,
    check=actions.check_demonstration,
    made=actions.demonstration,
    row="demonstration",
    tell=actions.tell_demonstration,
    form=DemonstrationForm,
    template="writing/text.html",
    scripts=("write.js",),
    question=_("How would somebody from here answer this well?"),
    schema={"type": "object", "properties": {"text": _TEXT}, "required": ["text"], "additionalProperties": False},
    written=lambda judgement: judgement.demonstration.text,
)
CORRECTION = Kind(
    name="correction",
    label=_("Make it better"),
    does=_("Take an answer and make it better."),
    table="write",
    outputs=(1, 1),
    guidelines=_GUIDELINES,
    check=actions.check_correction,
    made=actions.correction,
    row="correction",
    tell=actions.tell_correction,
    form=CorrectionForm,
    template="writing/text.html",
    scripts=("write.js",),
    question=_("What would make this answer better?"),
    schema={"type": "object", "properties": {"text": _TEXT}, "required": ["text"], "additionalProperties": False},
    ask=_begins_with,
    written=lambda judgement: judgement.correction.text,
)
PROMPT = Kind(
    name="prompt",
    label=_("Propose a question"),
    does=_("Write a question that people from here would really ask."),
    table="write",
    outputs=(0, 0),
    guidelines=_GUIDELINES,
    check=actions.check_proposal,
    made=actions.proposal,
    row="proposal",
    tell=actions.tell_proposal,
    form=PromptForm,
    template="writing/text.html",
    scripts=("write.js",),
    question=_("What would somebody from here ask?"),
    schema={
        "type": "object",
        "properties": {
            "text": _TEXT,
            "domain": {"enum": ["", *DOMAINS], "description": "what it is about; may be left out"},
            "country_about": {"enum": ["", *COUNTRIES], "description": "the country it speaks about (ISO 3166)"},
        },
        "required": ["text"],
        "additionalProperties": False,
    },
    written=lambda judgement: judgement.proposal.text,
    accept=actions.admit,
)
