"""`judgements`: every acknowledged judgement by itself, of every kind. Flat: the columns of other kinds are null.

Free text stands in it only where others read and accepted it. Never: the reasons people give for a vote, what readers
write to an author, what somebody adds to a flag.
"""

from collections.abc import Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    UNCOUNTED,
    Config,
    Part,
    Query,
    Row,
    Terms,
    item_of,
    keyed,
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

BANDS: Final = (5, 15, 30, 60, 180)
"""Exact times could tell people apart, so they are published in bands that end at these seconds."""
_BAND = "".join(f" WHEN j.seconds < {end} THEN '{begin}-{end}'" for begin, end in zip((0, *BANDS), BANDS, strict=False))


def _letter(output: str) -> str:
    """SQL for which of the item's outputs it is, by its place."""
    return f"substr('{KEYS}', array_position(outs.outputs, {output}), 1)"


_ONE = _letter("one::bigint")
_TIERS = f"""(
               SELECT jsonb_agg((SELECT jsonb_agg({_ONE} ORDER BY {_ONE}) FROM jsonb_array_elements(tier) AS one)
                                ORDER BY place)
                 FROM jsonb_array_elements(v.ranking) WITH ORDINALITY AS tiers (tier, place)
           )"""

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
           {RESTS}, j.kind, j.opt_out, j.judge_variety_id AS judge_variety, j.counted, j.not_counted, j.late,
           outs.models, ARRAY(SELECT {_letter("one")} FROM unnest(j.shown) WITH ORDINALITY AS each (one, place)
                               ORDER BY place) AS order_shown,
           j.undone_at IS NOT NULL AS undone, j.received_at, (j.received_at AT TIME ZONE 'UTC')::date AS date,
           j.seconds, CASE WHEN j.seconds IS NULL THEN NULL{_BAND} ELSE '{BANDS[-1]}+' END AS seconds_band,
           j.guideline_version, j.channel, j.offer_policy, j.offer_probability, j.consent_version, j.withdrawn,
           j.may_train, CASE v.outcome WHEN 'output' THEN {_letter("v.preferred_id")} ELSE NULLIF(v.outcome, '') END
           AS preferred, v.strength, {_TIERS}::text AS ranking,
           v.aspects, {", ".join(f"(sc.points->>'{aspect}')::int AS {aspect}" for aspect in ASPECTS)}, sc.overall,
           CASE WHEN {STANDS} AND coalesce(became_of.split = g.split, true) THEN NULLIF(rw.text, '') END AS text,
           NULLIF(rw.outcome, '') AS reading, coalesce(t.distance, co.distance) AS distance,
           NULLIF(pp.domain, '') AS topic, NULLIF(pp.country_about, '') AS country_about,
           NULLIF(t.orthography, '') AS orthography, {keyed("judgement", "t.started_from_id")} AS started_from,
           t.valid_here, t.warnings,
           {keyed("judgement", "read_here.judgement_id")} AS reads, NULLIF(r.decision, '') AS decision,
           NULLIF(r.reason, '') AS reason, f.wrong, f.start, f."end", f.categories, f.severity, f.groups,
           NULLIF(f.stance, '') AS stance, NULLIF(f.common, '') AS common, {ITEM_COLUMNS}
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


def _why(row: Row, uses: list[str]) -> str:
    if row["undone"]:
        return "undone"
    if row["not_counted"] in UNCOUNTED:
        return str(row["not_counted"])
    if reason := row["opt_out"] or why_not(row, uses):
        return str(reason)
    return "" if row["kind"] in KINDS else "no_config"


def _made(row: Row, uses: list[str], _terms: Terms) -> Row:
    """What was answered; what was not is null."""
    told = {name: row[name] for name in COLUMNS if name != "permitted_use"}
    return told | {"text": None if row["personal"] else row["text"], "permitted_use": uses}


JUDGEMENTS = Config(
    name="judgements",
    about="every judgement by itself: ties, both good, both bad and those that came late",
    columns=COLUMNS,
    splits=("train", "validation", "test", "evaluate"),
    parts=(
        Part(
            Query(_JUDGEMENTS, words=("text",)),
            _why,
            _made,
            decides=("undone", "not_counted", "opt_out", "kind", "personal"),
            left="judgement",
        ),
    ),
    reasons={
        "no_config": "this kind of judgement has no config in releases yet",
        "undone": "taken back by the person who sent it",
        "no_se": "left with: I do not know",
        "no_es_mi_variedad": "left with: not the way I speak",
        "tarea_rota": "left with: the task is broken",
        "prefiero_saltar": "left with: I would rather skip it",
    },
)
