"""Translating as a registered kind."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from annotations.assignments.kinds import Kind
from annotations.corpus.models import MAX_TEXT
from annotations.translating.actions import check, made, remember, tell
from annotations.translating.forms import TranslationForm
from annotations.translating.queries import turn

TRANSLATION = Kind(
    name="translation",
    label=_("Translate"),
    does=_("Say a text as people from here say it."),
    table="translate",
    outputs=(0, 0),
    guidelines=Path(__file__).parent / "guidelines" / "1",
    check=check,
    made=made,
    row="translation",
    tell=tell,
    form=TranslationForm,
    template="translating/translation.html",
    scripts=("write.js", "translate.js"),
    question=_("How is this said here?"),
    schema={
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
            "orthography": {"type": "string", "description": "a way of writing the variety, where it has several"},
            "started_from": {"type": "integer", "description": "the `id` of the turn's offer it began with"},
            "valid_here": {"type": "boolean", "description": "that offer's text as it is; `text` may be left out"},
        },
        "additionalProperties": False,
    },
    ask=turn,
    written=lambda judgement: judgement.translation.text,
    accept=remember,
)
