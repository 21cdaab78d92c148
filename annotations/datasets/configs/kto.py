"""`kto`: single answers that are good, or are not. TRL's KTO trainer reads them, each with its neighbour in the file,
so they lie in the order of their hash."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    META,
    METHOD_OF_VERDICT,
    OUTPUT,
    PROMPT,
    Config,
    Part,
    Query,
    Row,
    Terms,
    item_of,
    judged,
    keyed,
    meta_of,
    says,
    why_not_trained,
    wrong_answer,
    wrong_prompt,
)
from annotations.datasets.configs.scores import BAD, GOOD, POINTS

LABELS: Final = {"both_good": True, "both_bad": False}

COLUMNS: Final[Mapping[str, Any]] = {
    "prompt": "messages",
    "completion": "messages",
    "label": "bool",
    "meta": {**META, "made_from": "text", "model": "text", "output_licence": "text"},
}

_SINGLE = f"""
    WITH judged AS ({judged("vote", "score")})
    SELECT {keyed("completion", "c.id", "io.output_id")} AS record_id, io.position > 0 AS derived,
           c.variety_id AS judged_as, c.needed, i.kind AS made_from, judged.withdrawn, judged.may_train,
           judged.consent_versions, judged.rests, v.outcome, v.n, v.agreement, {METHOD_OF_VERDICT} AS method,
           scores.*, p.messages::text AS messages, o.id AS output_id, o.text,
           o.licence AS output_licence, m.name AS model, {ITEM_COLUMNS}
      FROM judged {item_of("judged.cell_id")} {POINTS}
      JOIN annotations_itemoutput io ON io.item_id = i.id
      JOIN annotations_output o ON o.id = io.output_id
      JOIN annotations_modelversion m ON m.id = o.model_id
      LEFT JOIN annotations_verdict v
             ON v.cell_id = c.id AND v.superseded_at IS NULL AND v.evidence_until <= %(cutoff)s
     ORDER BY 1"""


def _why(row: Row, uses: list[str]) -> str:
    if reason := why_not_trained(row, uses):
        return reason
    return _why_votes(row) if row["made_from"] == "vote" else _why_scores(row)


def _why_votes(row: Row) -> str:
    outcome = row["outcome"] or "unsettled"
    return "" if outcome in LABELS else "one_won" if outcome == "output" else str(outcome)


def _why_scores(row: Row) -> str:
    if not row["scored"] or row["scored"] < row["needed"]:
        return "unsettled"
    return "middling" if BAD < row["overall"] < GOOD else ""


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    """A row for each output of an item that was settled as all good or all bad."""
    if row["made_from"] == "vote":
        label = LABELS[row["outcome"]]
    else:
        label = row["overall"] >= GOOD
        alike = row["good"] if label else row["bad"]
        row = row | {"n": row["scored"], "agreement": alike / row["scored"], "method": "mean"}
    return {
        "prompt": row["messages"],
        "completion": [says("assistant", row["text"])],
        "label": label,
        "meta": meta_of(row, uses, terms, "made_from", "model", "output_licence"),
    }


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    yield from wrong_prompt(row)
    yield from wrong_answer(row, "completion")


KTO = Config(
    name="kto",
    about="single answers that people call good, or bad; in the order of their hash",
    told="One row for each answer of an item that was settled as both good or both bad, and for each answer whose"
    f" overall points (1 to 5) have a mean of at least {GOOD} or at most {BAD}, once as many people scored it as were"
    " asked. The trainer takes its neighbour's answer from the file: do not sort the rows.",
    columns=COLUMNS,
    kinds=("vote", "score"),
    parts=(
        Part(
            Query(_SINGLE, refers=PROMPT | OUTPUT),
            _why,
            _made,
            decides=("made_from", "outcome", "scored", "needed", "overall", "good", "bad"),
            left="first",
        ),
    ),
    reasons={
        "one_won": "one answer won: that is a pair, and says nothing of one alone",
        "middling": "its points say neither good nor bad",
    },
    wrong=_wrong,
)
