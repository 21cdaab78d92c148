"""`kto`: single answers that are good, or are not. TRL's KTO trainer reads them, each with its neighbour in the file,
so they lie in the order of their hash."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    META,
    METHOD_OF_VERDICT,
    OUTPUT,
    POINTS,
    PROMPT,
    Config,
    Part,
    Routed,
    Row,
    Terms,
    excluded,
    item_of,
    judged,
    keyed,
    meta_of,
    permitted_use,
    says,
    why_not_trained,
    wrong_answer,
    wrong_prompt,
)

GOOD: Final = 4.0
"""Least mean of the overall points (1 to 5) of an answer that is good."""
BAD: Final = 2.0
"""Greatest mean of one that is not. What lies between says neither."""
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
           scores.overalls, p.messages, o.id AS output_id, o.text,
           o.licence AS output_licence, m.name AS model, {ITEM_COLUMNS}
      FROM judged {item_of("judged.cell_id")} {POINTS}
      JOIN annotations_itemoutput io ON io.item_id = i.id
      JOIN annotations_output o ON o.id = io.output_id
      JOIN annotations_modelversion m ON m.id = o.model_id
      LEFT JOIN annotations_verdict v
             ON v.cell_id = c.id AND v.superseded_at IS NULL AND v.evidence_until <= %(cutoff)s
     ORDER BY 1"""


def _routed(rows: Iterable[Row], terms: Terms) -> Iterator[Routed]:
    """A row for each output of an item that was settled as all good or all bad; else the item once, with the reason."""
    for row in rows:
        uses = permitted_use(row)
        reason, label = why_not_trained(row, uses), None
        if not reason:
            reason, label = _of_votes(row) if row["made_from"] == "vote" else _of_scores(row)
        if not reason:
            yield "kto", row["split"], _made(row, uses, terms, label=bool(label))
        elif not row["derived"]:
            yield excluded("item", row["item_id"], row, "kto", reason)


def _of_votes(row: Row) -> tuple[str, bool | None]:
    """(why not, label)."""
    outcome = row["outcome"] or "unsettled"
    if outcome in LABELS:
        return "", LABELS[outcome]
    return ("one_won" if outcome == "output" else outcome), None


def _of_scores(row: Row) -> tuple[str, bool | None]:
    """(why not, label); the evidence goes into the row."""
    overalls = row["overalls"] or []
    if len(overalls) < row["needed"]:
        return "unsettled", None
    mean = sum(overalls) / len(overalls)
    if BAD < mean < GOOD:
        return "middling", None
    label = mean >= GOOD
    alike = sum((point >= GOOD) if label else (point <= BAD) for point in overalls)
    row.update(n=len(overalls), agreement=alike / len(overalls), method="mean")
    return "", label


def _made(row: Row, uses: list[str], terms: Terms, *, label: bool) -> Row:
    meta = meta_of(row, uses, terms, "made_from", "model", "output_licence")
    return {
        "prompt": row["messages"],
        "completion": [says("assistant", row["text"])],
        "label": label,
        "meta": meta | {"derived": row["derived"]},
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
    parts=(Part(_SINGLE, _routed, refers=PROMPT | OUTPUT),),
    reasons={
        "one_won": "one answer won: that is a pair, and says nothing of one alone",
        "middling": "its points say neither good nor bad",
    },
    wrong=_wrong,
)
