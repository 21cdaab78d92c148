"""`scores`: answers on the rubric, aspect by aspect. It never trains by itself, so prompts that evaluate are in it.

The order is that of the human scores of AmericasNLP 2025, task 3 (`ST3_MachineTranslationMetrics/data` of its
repository: Spanish, Reference Translation, Candidate Translation, Semantics Score, Fluency Score, Score): what was
asked, what came, the aspects, the whole. Theirs is the mean of its two aspects; ours is given by people, as the aspects
are. Nobody here is asked yet for their first aspect, whether the meaning is kept (`fidelidad`), and there is no
reference.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    META,
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

GOOD: Final = 4.0
"""Least mean of the overall points (1 to 5) of an answer that is good."""
BAD: Final = 2.0
"""Greatest mean of one that is not. What lies between says neither."""

_MEANS = ", ".join(f"avg((sc.points->>'{aspect}')::float) AS {aspect}" for aspect in ASPECTS)
_ALIKE = ", ".join(f"count(*) FILTER (WHERE sc.overall = {point})" for point in range(1, 6))

# What the counted scores of a cell say: their means, how many call it good or bad, how many gave the commonest point.
POINTS: Final = f"""
    LEFT JOIN LATERAL (
        SELECT count(*) AS scored, avg(sc.overall)::float AS overall, {_MEANS}, greatest({_ALIKE}) AS commonest,
               count(*) FILTER (WHERE sc.overall >= {GOOD}) AS good, count(*) FILTER (WHERE sc.overall <= {BAD}) AS bad
          FROM annotations_exportable sj JOIN annotations_score sc ON sc.judgement_id = sj.id
         WHERE i.kind = 'score' AND sj.cell_id = c.id AND sj.counted AND sj.received_at <= %(cutoff)s
    ) scores ON true"""

_SCORED = f"""
    WITH judged AS ({judged("score")})
    SELECT {keyed("cell", "c.id")} AS record_id, c.variety_id AS judged_as, c.needed, judged.withdrawn,
           judged.may_train, judged.consent_versions, judged.rests, scores.*, p.messages::text AS messages,
           o.id AS output_id, o.text, outs.models[1] AS model, outs.licences[1] AS output_licence,
           {ITEM_COLUMNS}
      FROM judged {item_of("judged.cell_id")} {POINTS}
      JOIN annotations_itemoutput io ON io.item_id = i.id
      JOIN annotations_output o ON o.id = io.output_id
     ORDER BY 1"""


def _why(row: Row, uses: list[str]) -> str:
    return why_not_item(row, uses) or ("unsettled" if row["scored"] < row["needed"] else "")


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    """Means over everybody who counts; the agreement is the share of the commonest point for the whole."""
    facts = row | {"n": row["scored"], "agreement": row["commonest"] / row["scored"], "method": "mean"}
    return {
        "prompt": row["messages"],
        "text": row["text"],
        **{name: row[name] for name in (*ASPECTS, "overall")},
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
    parts=(Part(Query(_SCORED, refers=PROMPT | OUTPUT), _why, _made, decides=("scored", "needed", "commonest")),),
    wrong=_wrong,
)
