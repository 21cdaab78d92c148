"""What people wrote and others read: the rows that `sft`, `translation` and `judgements` take their texts from."""

import json
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    PROMPT,
    UNCOUNTED,
    Query,
    Row,
    item_of,
    keyed,
    why_not_trained,
)

METHOD: Final = "readers"
"""Two who agree settle a text, else a third (`reviewing/rules.py`)."""

# Of a judgement `j`: how its text was read, by whom and in time, and what it was begun with, back to the first.
READ = """
    LEFT JOIN annotations_reviewed rw ON rw.judgement_id = j.id
    LEFT JOIN LATERAL (
        SELECT count(*) AS n, coalesce(avg((r.decision <> 'reject')::int), 0)::float AS agreement,
               coalesce(bool_or(e.withdrawn), false) AS withdrawn, coalesce(bool_and(e.may_train), true) AS may_train,
               coalesce(array_agg(e.consent_version), '{}') AS consent_versions,
               coalesce(array_agg(e.id ORDER BY e.id), '{}') AS ids,
               coalesce(bool_and(rc.settled_at IS NOT NULL AND e.received_at <= %(cutoff)s), false) AS settled
          FROM annotations_exportable e
          JOIN annotations_review r ON r.judgement_id = e.id
          JOIN annotations_cell rc ON rc.id = e.cell_id
         WHERE rw.item_id IS NOT NULL AND e.item_id = rw.item_id AND e.counted
    ) readings ON true
    LEFT JOIN annotations_translation t ON t.judgement_id = j.id
    LEFT JOIN LATERAL (
        WITH RECURSIVE chain AS (
            SELECT t.started_from_id AS id WHERE t.started_from_id IS NOT NULL
            UNION
            SELECT earlier.started_from_id FROM chain
              JOIN annotations_translation earlier ON earlier.judgement_id = chain.id
        )
        SELECT coalesce(bool_or(e.withdrawn), false) AS withdrawn, coalesce(bool_and(e.may_train), true) AS may_train,
               coalesce(array_agg(e.consent_version), '{}') AS consent_versions,
               coalesce(array_agg(e.id ORDER BY e.id), '{}') AS ids,
               coalesce(array_agg(e.judge_variety_id) || array_agg(ei.variety_id), '{}') AS varieties,
               coalesce(array_agg(ei.prompt_id), '{}') AS prompts
          FROM chain
          JOIN annotations_exportable e ON e.id = chain.id
          JOIN annotations_item ei ON ei.id = e.item_id
    ) begun ON true"""
TOUCHED = ("ARRAY[j.judge_variety_id]", "begun.varieties")
"""The varieties that a text touches beside its item's: how its author speaks, and what it was begun with."""
BEGUN = ("begun.prompts",)
"""The prompts that it touches beside its item's: those of what it was begun with."""
RESTS = "j.id || readings.ids || begun.ids AS rests"
STANDS = """
    (j.counted AND coalesce(rw.outcome IN ('accepted', 'edited') AND readings.settled, false)
     AND NOT readings.withdrawn AND NOT begun.withdrawn AND NOT outs.quarantined)"""
"""Whether readers took it, all of them still stand by it, and nobody whose words are in it took them back."""


def _name(variety: str) -> str:
    """A variety's name in the language of the prompt; in Spanish where that has none here."""
    return f"""CASE split_part(p.variety_id, '-', 1) WHEN 'pt' THEN {variety}.name_pt
                WHEN 'en' THEN {variety}.name_en ELSE {variety}.name_es END"""


# A translation shows the last turn of its prompt by itself. Where that stands in another split as a question of its
# own, the translation would bridge the two. A prompt of one turn is in one split with all that is the same.
_BRIDGES = """
    CASE WHEN j.kind = 'translation' AND jsonb_array_length(p.messages) > 1 THEN EXISTS (
        SELECT 1 FROM annotations_prompt alone JOIN annotations_promptgroup ag ON ag.id = alone.group_id
         WHERE alone.messages = jsonb_build_array(p.messages -> -1) AND ag.split <> g.split) ELSE false END"""


_ASKED = {"asked": (("messages",), lambda messages: json.loads(messages)[-1]["content"])}
"""The last turn of the prompt by itself."""


def written(*kinds: str) -> Query:
    """Everything of these kinds that was acknowledged, cell by cell, with the text that stands."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    sql = f"""
    SELECT {keyed("cell", "c.id")} AS place, {keyed("text", "j.id")} AS record_id, j.judge_variety_id AS judged_as,
           j.kind AS made_from, j.opt_out, j.undone_at IS NOT NULL AS undone, j.counted, j.not_counted,
           j.withdrawn OR readings.withdrawn OR begun.withdrawn AS withdrawn,
           j.may_train AND readings.may_train AND begun.may_train AS may_train,
           ARRAY(SELECT DISTINCT version FROM unnest(j.consent_version || readings.consent_versions
                 || begun.consent_versions) AS version ORDER BY version) AS consent_versions,
           {RESTS}, readings.n, readings.agreement, rw.outcome AS reading, rw.text, {STANDS} AS stands,
           coalesce(t.distance, co.distance) AS distance, NULLIF(t.orthography, '') AS orthography, t.valid_here,
           {keyed("text", "t.started_from_id")} AS started_from, {_BRIDGES} AS asked_alone,
           p.messages::text AS messages, outs.models[1] AS first_model, outs.licences[1] AS first_licence,
           p.variety_id AS source_variety, {_name("spoken")} AS source_name, {_name("asked")} AS variety_name,
           {ITEM_COLUMNS}
      FROM annotations_exportable j {READ}
      LEFT JOIN annotations_correction co ON co.judgement_id = j.id
      {item_of("j.cell_id", *TOUCHED, prompts=BEGUN)}
      JOIN annotations_variety spoken ON spoken.tag = p.variety_id
      JOIN annotations_variety asked ON asked.tag = i.variety_id
     WHERE j.kind IN ({named}) AND j.received_at <= %(cutoff)s /* only of j.cell_id */
     ORDER BY 1, j.id"""
    return Query(sql, words=("text",), found=_ASKED, refers=PROMPT)


def why_no_text(row: Row, uses: list[str]) -> str:
    """Why a text is not published to train on, or empty."""
    if reason := why_not_trained(row, uses):
        return reason
    if row["opt_out"] or row["undone"]:
        return "unsettled"
    if row["not_counted"] in (*UNCOUNTED, "rejected"):
        return str(row["not_counted"])
    if not row["stands"]:
        return "unread"
    if row["asked_alone"]:
        return "split_bridge"
    return "personal_data" if row["personal"] else ""


STOOD: Final = ("opt_out", "undone", "counted", "not_counted", "stands", "asked_alone", "personal")
"""The columns by which `why_no_text` decides."""

REASONS: Final = {
    "unread": "not enough people have read it yet",
    "rejected": "those who read it did not accept it",
    "personal_data": "it shows who somebody is",
}


def evidence(row: Row) -> dict[str, Any]:
    """The row with its method, as `meta_of` reads it."""
    return row | {"method": METHOD}
