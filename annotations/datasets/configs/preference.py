"""`preference`: items that were settled for one output, as pairs, and what was flagged with what would be better said
(`taught.py`). TRL's DPO and reward trainers read it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    META,
    METHOD_OF_VERDICT,
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
from annotations.datasets.configs.taught import TAUGHT

COLUMNS: Final[Mapping[str, Any]] = {
    "prompt": "messages",
    "chosen": "messages",
    "rejected": "messages",
    "margin": "float",
    "meta": {
        **META,
        "chosen_model": "text",
        "chosen_licence": "text",
        "rejected_model": "text",
        "rejected_licence": "text",
    },
}

_VERDICTS = f"""
    WITH judged AS ({judged("vote")})
    SELECT {keyed("cell", "c.id")} AS record_id, c.variety_id AS judged_as, judged.withdrawn,
           judged.may_train, judged.consent_versions, judged.rests, v.outcome, v.n, v.agreement, v.margin,
           p.messages::text AS messages,
           {METHOD_OF_VERDICT} AS method,
           v.preferred_id AS chosen_id, v.rejected_id AS rejected_id,
           chosen.text AS chosen, chosen.licence AS chosen_licence, chosen_model.name AS chosen_model,
           rejected.text AS rejected, rejected.licence AS rejected_licence, rejected_model.name AS rejected_model,
           {ITEM_COLUMNS}
      FROM judged {item_of("judged.cell_id")}
      LEFT JOIN annotations_verdict v
             ON v.cell_id = c.id AND v.superseded_at IS NULL AND v.evidence_until <= %(cutoff)s
      LEFT JOIN annotations_output chosen ON chosen.id = v.preferred_id
      LEFT JOIN annotations_modelversion chosen_model ON chosen_model.id = chosen.model_id
      LEFT JOIN annotations_output rejected ON rejected.id = v.rejected_id
      LEFT JOIN annotations_modelversion rejected_model ON rejected_model.id = rejected.model_id
     ORDER BY 1"""


VERDICTS: Final = Query(
    _VERDICTS, refers=PROMPT | {"chosen": ("output", "chosen_id"), "rejected": ("output", "rejected_id")}
)
"""How each judged item was settled. `sft` asks it too."""
WINS: Final = ("outcome", "agreement", "margin")
"""The columns by which it is decided whether an output won, and how clearly."""


def why_no_winner(row: Row, uses: list[str]) -> str:
    """Why a judged item has no output that won, or may not be trained on; or empty."""
    if reason := why_not_trained(row, uses):
        return reason
    if row["outcome"] is None:
        return "unsettled"
    return "" if row["outcome"] == "output" else str(row["outcome"])


def _why(row: Row, uses: list[str]) -> str:
    return why_no_winner(row, uses) or ("" if row["margin"] > 0 else "zero_margin")


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    return {
        "prompt": row["messages"],
        "chosen": [says("assistant", row["chosen"])],
        "rejected": [says("assistant", row["rejected"])],
        "margin": row["margin"],
        "meta": meta_of(
            row, uses, terms, "chosen_model", "chosen_licence", "rejected_model", "rejected_licence"
        ),
    }  # fmt: skip


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    yield from wrong_prompt(row)
    for side in ("chosen", "rejected"):
        yield from wrong_answer(row, side)
    if row["chosen"] == row["rejected"]:
        yield "chosen and rejected are the same"
    if not 0 < (row["margin"] or 0) <= 2:
        yield f"the margin {row['margin']} is not in (0, 2]"


PREFERENCE = Config(
    name="preference",
    about="settled preferences, in the columns trainers read; everything else stands in `meta`",
    told="One row for each item that was settled for one answer, against the other, or of several against the one"
    " ranked lowest. `margin` is the absolute mean of the signed strengths, in (0, 2]. And, `derived`, one for each"
    " answer that people flagged and a moderator found wrong, against what somebody said would be better"
    " (`meta.method` is `flags`, `meta.chosen_model` is `people`).",
    columns=COLUMNS,
    kinds=("vote",),
    parts=(Part(VERDICTS, _why, _made, decides=WINS), TAUGHT),
    reasons={
        "tie": "settled as level",
        "both_good": "settled as both good",
        "both_bad": "settled as both bad",
        "no_majority": "no answer has more than half of the votes",
        "unsettled": "not enough judgements before the cutoff",
        "zero_margin": "the strengths of the votes cancel out",
    },
    wrong=_wrong,
)
