"""`external`: votes that people gave somewhere else, before or beside this house, with the document under which they
consented there. They stand apart: they settle nothing, count for nobody, and are in no other config.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    PROMPT,
    Config,
    Part,
    Query,
    Row,
    Terms,
    keyed,
    stewards_of,
    why_not_item,
    wrong_prompt,
)
from annotations.datasets.configs.judgements import KEYS

CONSENT: Final = "external:"
"""What `consent` begins with; the document follows."""
LEVEL: Final = ("tie", "both_good", "both_bad")

COLUMNS: Final[Mapping[str, Any]] = {
    "id": "text",
    "source_id": "text",
    "consent": "text",
    "annotator": "text?",
    "variety": "text",
    "prompt": "messages",
    "outputs": "texts",
    "output_models": "texts",
    "output_licences": "texts",
    "preferred": "text",
    "strength": "int?",
    "ranking": "tiers?",
    "date": "date?",
    "source": "text",
    "licence": "text",
    "permitted_use": "texts",
    "split": "text",
}


def _of_outputs(name: str) -> str:
    return (
        f"ARRAY(SELECT one->>'{name}' FROM jsonb_array_elements(ev.outputs) WITH ORDINALITY AS each (one, place)"
        " ORDER BY place)"
    )


_STEWARDS = stewards_of(
    varieties="ARRAY[ev.variety_id]", prompts="ARRAY[ev.prompt_id]", campaign="''", kind="'vote'",
    entered="ev.entered_at",
)  # fmt: skip

# Who judged elsewhere is here a sum that only this house could make (`datasets/external/actions.py`); of it comes a
# code of the release, as of any person. Sums of two documents cannot be compared, so few are counted in each by itself.
# A document that was withdrawn has no votes any more. Each vote
# is a cell by itself, so that batches may be cut anywhere.
_EXTERNAL = f"""
    WITH crowd AS (
        SELECT variety_id AS tag, batch_id, count(DISTINCT annotator) AS people FROM annotations_externalvote
         WHERE entered_at <= %(cutoff)s AND annotator <> '' GROUP BY 1, 2
    )
    SELECT {keyed("external", "ev.id")} AS id, ev.source_id, '{CONSENT}' || ba.document AS consent,
           CASE WHEN crowd.people >= %(small_cell)s AND ev.annotator <> ''
                THEN left(encode(sha256(%(key)s || 'elsewhere'::bytea || convert_to(ev.annotator, 'UTF8')), 'hex'), 32)
           END AS annotator,
           ev.variety_id AS variety, p.messages::text AS messages, ev.prompt_id, {_of_outputs("text")} AS outputs,
           {_of_outputs("model")} AS output_models, {_of_outputs("licence")} AS output_licences, ev.preferred,
           ev.strength, ev.ranking::text AS ranking, ev.given_on AS date, ev.source, ev.licence,
           ev.batch_id, ev.id AS cell_id, false AS withdrawn, ev.held_back,
           ev.held_back = 'error_answer' AS quarantined, p.bridges, g.role, g.split,
           ev.licence AS source_licence, array_to_string(ev.permitted_use, ' ') AS source_use,
           '' = ANY({_of_outputs("licence")}) AS output_licence_missing, true AS outputs_train,
           true AS outputs_evaluate, true AS may_train, stewards.*, hidden.hidden
      FROM annotations_externalvote ev
      JOIN annotations_externalbatch ba ON ba.id = ev.batch_id
      JOIN annotations_prompt p ON p.id = ev.prompt_id
      JOIN annotations_promptgroup g ON g.id = p.group_id
      {_STEWARDS}
      LEFT JOIN crowd ON crowd.tag = ev.variety_id AND crowd.batch_id = ev.batch_id
     WHERE ev.entered_at <= %(cutoff)s
     ORDER BY 1"""


def _why(row: Row, uses: list[str]) -> str:
    return "evaluate" if row["role"] == "evaluate" else why_not_item(row, uses)


def _made(row: Row, uses: list[str], _terms: Terms) -> Row:
    told = {name: row[name] for name in COLUMNS if name not in ("prompt", "permitted_use")}
    return told | {"prompt": row["messages"], "permitted_use": uses}


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    yield from wrong_prompt(row)
    keys = KEYS[: len(row["outputs"])]
    if not row["consent"].removeprefix(CONSENT) or not row["consent"].startswith(CONSENT):
        yield "it does not say under which document it was given"
    if not len(row["outputs"]) == len(row["output_models"]) == len(row["output_licences"]) >= 2:
        yield "its outputs, their models and their licences are not as many"
    if row["preferred"] not in (*keys, *LEVEL):
        yield "what it prefers is none of its outputs"
    if row["strength"] is not None and (row["strength"] not in (1, 2) or row["preferred"] in LEVEL):
        yield "its strength is not that of a preferred output"


EXTERNAL: Final = Config(
    name="external",
    about="votes that were given elsewhere, each with the document under which; nobody here checked their quality",
    told="One row for each vote that people gave somewhere else, brought here by whoever holds it under a document that"
    " says they consented there: `consent` names it. They were gathered elsewhere: Minka asked nobody, checked nothing"
    " of their quality, knows neither who was asked nor how, and takes the document at its word. They settle nothing,"
    " count for no agreement, reliability or board, and are in no other config; whoever puts them beside `preference`"
    " does it knowing that.",
    columns=COLUMNS,
    parts=(Part(Query(_EXTERNAL, refers=PROMPT), _why, _made, left="external"),),
    wrong=_wrong,
    apart=True,
)
