"""`scores`: answers on the rubric, aspect by aspect. It never trains by itself, so prompts that evaluate are in it.

The order is that of the human scores of AmericasNLP 2025, task 3 (`ST3_MachineTranslationMetrics/data` of its
repository: Spanish, Reference Translation, Candidate Translation, Semantics Score, Fluency Score, Score): what was
asked, what came, the aspects, the whole. Theirs is the mean of its two aspects; ours is given by people, as the aspects
are. Nobody here is asked yet for their first aspect, whether the meaning is kept (`fidelidad`), and there is no
reference.
"""

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    META,
    OUTPUT,
    POINTS,
    PROMPT,
    Config,
    Part,
    Row,
    Terms,
    by_item,
    item_of,
    judged,
    keyed,
    meta_of,
    why_not_item,
    wrong_prompt,
)

ASPECTS: Final = ("utilidad", "veracidad", "fluidez", "naturalidad_dialectal", "pertinencia_cultural", "inocuidad")
"""Of the rubric (`rating/seeds/rubric.csv`), in its order."""

COLUMNS: Final[Mapping[str, Any]] = {
    "prompt": "messages",
    "text": "text",
    **dict.fromkeys(ASPECTS, "float"),
    "overall": "float",
    "meta": {**META, "model": "text", "output_licence": "text"},
}

_SCORED = f"""
    WITH judged AS ({judged("score")})
    SELECT {keyed("cell", "c.id")} AS record_id, c.variety_id AS judged_as, c.needed, judged.withdrawn,
           judged.may_train, judged.consent_versions, judged.rests, scores.points, scores.overalls, p.messages,
           o.id AS output_id, o.text,
           {ITEM_COLUMNS}
      FROM judged {item_of("judged.cell_id")} {POINTS}
      JOIN annotations_itemoutput io ON io.item_id = i.id
      JOIN annotations_output o ON o.id = io.output_id
     ORDER BY 1"""


def _why(row: Row, uses: list[str]) -> str:
    return why_not_item(row, uses) or ("unsettled" if len(row["overalls"] or []) < row["needed"] else "")


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    """Means over everybody who counts; the agreement is the share of the commonest point for the whole."""
    overalls = row["overalls"]
    facts = row | {
        "n": len(overalls), "agreement": max(map(overalls.count, overalls)) / len(overalls), "method": "mean",
        "model": row["models"][0], "output_licence": row["licences"][0],
    }  # fmt: skip
    return {
        "prompt": row["messages"],
        "text": row["text"],
        **{aspect: fmean(points[aspect] for points in row["points"]) for aspect in ASPECTS},
        "overall": fmean(overalls),
        "meta": meta_of(facts, uses, terms, "model", "output_licence"),
    }


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    yield from wrong_prompt(row)
    if not all(1 <= row[name] <= 5 for name in (*ASPECTS, "overall")):
        yield "a point is not from 1 to 5"


SCORES = Config(
    name="scores",
    about="answers on the rubric: a mean from 1 to 5 for each aspect and for the whole",
    told="One row for each answer that as many people scored as were asked. Prompts that evaluate are in it, in a split"
    " of their own.",
    columns=COLUMNS,
    splits=("train", "validation", "test", "evaluate"),
    kinds=("score",),
    parts=(Part(_SCORED, by_item("scores", _why, _made), refers=PROMPT | OUTPUT),),
    wrong=_wrong,
)
