"""`judgements`: every acknowledged judgement by itself, of every kind. Flat: the columns of other kinds are null.

Free text stands in it only where others read and accepted it. Never: the reasons people give for a vote, what readers
write to an author, what somebody adds to a flag.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    UNCOUNTED,
    Config,
    Part,
    Routed,
    Row,
    Terms,
    excluded,
    item_of,
    keyed,
    permitted_use,
    why_not,
)
from annotations.datasets.configs.scores import ASPECTS
from annotations.datasets.configs.texts import BEGUN, READ, RESTS, STANDS, TOUCHED

KEYS: Final = "abcd"
"""An item's outputs by their place in the item, the import's order."""
KINDS: Final = ("vote", "score", "demonstration", "correction", "prompt", "translation", "flag", "review")
"""Kinds that have columns here; another one's judgements stand in `excluded` and say so."""

_ANSWERS: Final[Mapping[str, str]] = {
    "preferred": "text?",
    "strength": "int?",
    "ranking": "tiers?",
    "aspects": "texts?",
    **dict.fromkeys(ASPECTS, "int?"),
    "overall": "int?",
    "text": "text?",
    "reading": "text?",
    "distance": "int?",
    "topic": "text?",
    "country_about": "text?",
    "orthography": "text?",
    "started_from": "text?",
    "valid_here": "bool?",
    "warnings": "texts?",
    "reads": "text?",
    "decision": "text?",
    "reason": "text?",
    "wrong": "bool?",
    "start": "int?",
    "end": "int?",
    "categories": "texts?",
    "severity": "int?",
    "groups": "texts?",
    "stance": "text?",
    "common": "text?",
}

COLUMNS: Final[Mapping[str, Any]] = {
    "id": "text",
    "item_id": "text",
    "source_id": "text",
    "campaign": "text",
    "annotator": "text?",
    "kind": "text",
    "variety": "text",
    "judge_variety": "text",
    "models": "texts",
    "order_shown": "texts",
    **_ANSWERS,
    "counted": "bool",
    "late": "bool",
    "date": "date",
    "seconds_band": "text?",
    "guideline_version": "text",
    "consent_version": "text",
    "channel": "text",
    "offer_policy": "text",
    "offer_probability": "float",
    "source": "text",
    "source_licence": "text",
    "contribution_licence": "text",
    "permitted_use": "texts",
    "split": "text",
}

# A question that somebody proposed is told only in the split in which it is asked: one that evaluates, or tests, stands
# with nothing that trains.
_JUDGEMENTS = f"""
    WITH crowd AS (
        SELECT judge_variety_id AS tag, count(DISTINCT person_id) AS people
          FROM annotations_exportable
         WHERE received_at <= %(cutoff)s AND opt_out = '' AND undone_at IS NULL AND NOT withdrawn
           AND not_counted <> 'unproven' /* only of cell_id */ GROUP BY 1
    )
    SELECT {keyed("judgement", "j.id")} AS id,
           CASE WHEN crowd.people >= %(small_cell)s AND j.person_id IS NOT NULL
                THEN {keyed("person", "j.person_id")} END AS annotator,
           {RESTS}, j.kind, j.opt_out, j.judge_variety_id AS judge_variety, j.shown, j.counted, j.not_counted, j.late,
           j.undone_at, j.received_at, j.seconds, j.guideline_version, j.channel, j.offer_policy, j.offer_probability,
           j.consent_version, j.withdrawn, j.may_train, v.outcome, v.preferred_id AS preferred_output, v.strength,
           v.ranking AS tiers, v.aspects, sc.points, sc.overall,
           CASE WHEN {STANDS} AND coalesce(became_of.split = g.split, true) THEN rw.text END AS text,
           rw.outcome AS reading, coalesce(t.distance, co.distance) AS distance, pp.domain AS topic, pp.country_about,
           t.orthography, {keyed("judgement", "t.started_from_id")} AS started_from, t.valid_here, t.warnings,
           {keyed("judgement", "read_here.judgement_id")} AS reads, r.decision, r.reason, f.wrong, f.start, f."end",
           f.categories, f.severity, f.groups, f.stance, f.common, {ITEM_COLUMNS}
      FROM annotations_exportable j {READ}
      LEFT JOIN annotations_promptproposal pp ON pp.judgement_id = j.id
      LEFT JOIN annotations_prompt became ON became.id = pp.prompt_id
      LEFT JOIN annotations_promptgroup became_of ON became_of.id = became.group_id
      {item_of("j.cell_id", *TOUCHED, prompts=(*BEGUN, "ARRAY[pp.prompt_id]"))}
      LEFT JOIN crowd ON crowd.tag = j.judge_variety_id
      LEFT JOIN annotations_vote v ON v.judgement_id = j.id
      LEFT JOIN annotations_score sc ON sc.judgement_id = j.id
      LEFT JOIN annotations_correction co ON co.judgement_id = j.id
      LEFT JOIN annotations_review r ON r.judgement_id = j.id
      LEFT JOIN annotations_reviewed read_here ON read_here.item_id = j.item_id
      LEFT JOIN annotations_flag f ON f.judgement_id = j.id
     WHERE j.received_at <= %(cutoff)s /* only of j.cell_id */
     ORDER BY 1"""


def _routed(rows: Iterable[Row], terms: Terms) -> Iterator[Routed]:
    """Every judgement acknowledged before the cutoff, once: in `judgements`, or in `excluded` with the reason."""
    for row in rows:
        uses = permitted_use(row)
        if reason := _why(row, uses):
            yield excluded("judgement", row["id"], row, "judgements", reason)
        else:
            yield "judgements", row["split"], _made(row, uses)


def _why(row: Row, uses: list[str]) -> str:
    if row["undone_at"]:
        return "undone"
    if row["not_counted"] in UNCOUNTED:
        return str(row["not_counted"])
    if reason := row["opt_out"] or why_not(row, uses):
        return str(reason)
    return "" if row["kind"] in KINDS else "no_config"


def _made(row: Row, uses: list[str]) -> Row:
    same = (
        "id", "item_id", "source_id", "campaign", "annotator", "kind", "variety", "judge_variety", "models",
        "counted", "late", "guideline_version", "consent_version", "channel", "offer_policy", "offer_probability",
        "source", "source_licence", "contribution_licence", "split",
    )  # fmt: skip
    letter = dict(zip(row["outputs"], KEYS, strict=False))
    return (
        {name: row[name] for name in same}
        | _answer(row, letter)
        | {
            "order_shown": [letter[output] for output in row["shown"]],
            "date": row["received_at"].astimezone(dt.UTC).date(),
            "seconds_band": seconds_band(row["seconds"]),
            "permitted_use": uses,
        }
    )


def _answer(row: Row, letter: Mapping[int, str]) -> Row:
    """What was answered; what was not is null, also where the database has an empty word for it."""
    told = {name: row.get(name) for name in _ANSWERS} | {name: (row["points"] or {}).get(name) for name in ASPECTS}
    told["preferred"] = letter[row["preferred_output"]] if row["outcome"] == "output" else row["outcome"]
    told["ranking"] = row["tiers"] and [sorted(letter[output] for output in tier) for tier in row["tiers"]]
    told["text"] = None if row["personal"] else row["text"]
    return {name: None if value == "" else value for name, value in told.items()}


def seconds_band(seconds: float | None) -> str | None:
    """Exact times could tell people apart, so they are published in bands."""
    if seconds is None:
        return None
    for end, band in ((5, "0-5"), (15, "5-15"), (30, "15-30"), (60, "30-60"), (180, "60-180")):
        if seconds < end:
            return band
    return "180+"


JUDGEMENTS = Config(
    name="judgements",
    about="every judgement by itself: ties, both good, both bad and those that came late",
    columns=COLUMNS,
    splits=("train", "validation", "test", "evaluate"),
    parts=(Part(_JUDGEMENTS, _routed, words=("text",)),),
    reasons={
        "no_config": "this kind of judgement has no config in releases yet",
        "undone": "taken back by the person who sent it",
        "no_se": "left with: I do not know",
        "no_es_mi_variedad": "left with: not the way I speak",
        "tarea_rota": "left with: the task is broken",
        "prefiero_saltar": "left with: I would rather skip it",
    },
)
