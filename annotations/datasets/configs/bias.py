"""`bias`: what people of a place say is wrong in an answer, with the words it stands in.

A text that is hidden from everybody never leaves, nor one that waits to be looked at. What somebody flags in passing is
a report and no contribution: it has no consent of its own, and is in no release (`docs/adr/0017`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import (
    ITEM_COLUMNS,
    META,
    OUTPUT,
    PROMPT,
    UNCOUNTED,
    Config,
    Part,
    Query,
    Row,
    Terms,
    item_of,
    keyed,
    meta_of,
    why_not_trained,
    wrong_prompt,
)

METHOD: Final = "flags"
"""Everybody who was asked said whether something is wrong; each who does is a row."""

COLUMNS: Final[Mapping[str, Any]] = {
    "prompt": "messages",
    "text": "text",
    "start": "int?",
    "end": "int?",
    "words": "text?",
    "categories": "texts",
    "severity": "int",
    "groups": "texts",
    "stance": "text",
    "common": "text?",
    "counter_example": "text?",
    "taken": "bool",
    "verdict": "text?",
    "meta": {**META, "model": "text", "output_licence": "text"},
}

_BLANK = r"E' \t\n\r\u00a0'"
# `verdict` is what a moderator decided last of the output; `heard` is whether they had this flag before them. A look
# that was opened only to read a counter-example holds nothing back.
_FLAGS = f"""
    SELECT {keyed("cell", "c.id")} AS place, {keyed("flag", "j.id")} AS record_id, j.judge_variety_id AS judged_as,
           j.opt_out, j.counted, j.not_counted, j.withdrawn, j.may_train,
           ARRAY[j.consent_version] AS consent_versions, c.needed, j.id || voices.ids AS rests,
           p.messages::text AS messages,
           o.id AS output_id, o.text, f.wrong, f.start, f."end",
           f.categories, f.severity, f.groups, f.stance, NULLIF(f.common, '') AS common,
           NULLIF(f.counter_example, '') AS counter_example,
           btrim(f.counter_example, {_BLANK}) NOT IN ('', btrim(o.text, {_BLANK})) AS says_another,
           outs.models[1] AS model, outs.licences[1] AS output_licence, voices.n, voices.agreement,
           voices.train AS voices_train, voices.versions AS voices_versions,
           looks.waits, looks.verdict, coalesce(own.decided_at <= %(cutoff)s, false) AS heard, f.taken,
           {ITEM_COLUMNS}
      FROM annotations_exportable j {item_of("j.cell_id", "ARRAY[j.judge_variety_id]")}
      JOIN annotations_itemoutput io ON io.item_id = i.id
      JOIN annotations_output o ON o.id = io.output_id
      LEFT JOIN annotations_flag f ON f.judgement_id = j.id
      LEFT JOIN annotations_look own ON own.id = f.look_id
      LEFT JOIN LATERAL (
          SELECT count(*) AS n, avg(vf.wrong::int)::float AS agreement,
                 coalesce(array_agg(vj.id ORDER BY vj.id), '{{}}') AS ids,
                 coalesce(bool_and(vj.may_train AND NOT vj.withdrawn), true) AS train,
                 coalesce(array_agg(DISTINCT vj.consent_version), '{{}}') AS versions
            FROM annotations_exportable vj JOIN annotations_flag vf ON vf.judgement_id = vj.id
           WHERE vj.cell_id = c.id AND vj.counted AND vj.received_at <= %(cutoff)s
      ) voices ON true
      LEFT JOIN LATERAL (
          SELECT coalesce(bool_or(l.decided_at IS NULL AND (l.hidden_at IS NOT NULL OR EXISTS (
                     SELECT 1 FROM annotations_flag said
                      WHERE said.look_id = l.id AND (said.judgement_id IS NULL OR said.severity >= 3)
                 ))), false) AS waits,
                 (array_agg(l.decision ORDER BY l.decided_at DESC) FILTER (WHERE l.decided_at <= %(cutoff)s))[1]
                 AS verdict
            FROM annotations_look l WHERE l.output_id = o.id
      ) looks ON true
     WHERE j.kind = 'flag' AND j.received_at <= %(cutoff)s /* only of j.cell_id */{{more}}
     ORDER BY 1, j.id"""


_WORDS = {"words": (("text", "start", "end"), lambda text, start, end: None if start is None else text[start:end])}


def flags(more: str = "") -> Query:
    """Every flag of a campaign that was acknowledged, cell by cell; or those of which something more holds."""
    return Query(_FLAGS.replace("{more}", more), words=("counter_example",), found=_WORDS, refers=PROMPT | OUTPUT)


DECIDED: Final = ("waits", "counted", "not_counted", "n", "needed", "verdict", "wrong", "heard", "taken", "personal")
"""The columns by which a flag is decided."""


def why_no_flag(row: Row, uses: list[str]) -> str:
    """Why what somebody flagged is not published, or empty."""
    if reason := why_not_trained(row, uses):
        return reason
    if row["waits"]:
        return "undecided"
    if row["not_counted"] in UNCOUNTED:
        return str(row["not_counted"])
    if not row["counted"] or (row["n"] < row["needed"] and not row["verdict"]):
        return "unsettled"
    return "" if row["wrong"] else "nothing_wrong"


def _made(row: Row, uses: list[str], terms: Terms) -> Row:
    """A counter-example is free text that nobody reviews: it is told where whoever decided had it before them."""
    told = row["heard"] and not row["personal"]
    same = ("text", "start", "end", "words", "categories", "severity", "groups", "stance", "common", "verdict")
    return {name: row[name] for name in same} | {
        "prompt": row["messages"],
        "counter_example": row["counter_example"] if told else None,
        "taken": bool(told and row["taken"]),
        "meta": meta_of(row | {"method": METHOD}, uses, terms, "model", "output_licence"),
    }


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    yield from wrong_prompt(row)
    start, end = row["start"], row["end"]
    if (start is None) != (end is None) or (start is None) != (row["words"] is None):
        yield "its span has one end"
    elif start is not None and (not 0 <= start < end <= len(row["text"]) or row["text"][start:end] != row["words"]):
        yield "other words stand at its span"
    if not row["categories"] or not 1 <= row["severity"] <= 4:
        yield "it does not say what is wrong, or how grave it is"
    if row["taken"] and not row["counter_example"]:
        yield "what was taken as a good answer is not told"
    if row["verdict"] == "out":
        yield "it was decided that this text stays out"


BIAS = Config(
    name="bias",
    about="what is wrong in an answer and in which words, as people of the place say it; the texts can hurt",
    told="One row for each person who says that something is wrong, where as many answered as were asked, or a"
    " moderator decided. `start` and `end` count Unicode code points of `text`. Texts that are hidden from everybody,"
    " or wait to be looked at, are not in it. It is there to recognise what hurts, not to repeat it. A flag is what"
    " somebody says of a text, and proves nothing against whoever is named in it.",
    columns=COLUMNS,
    kinds=("flag",),
    parts=(Part(flags(), why_no_flag, _made, decides=DECIDED),),
    reasons={
        "undecided": "somebody flagged it, and nobody has decided about it yet",
        "nothing_wrong": "nobody who was asked finds anything wrong in it",
    },
    wrong=_wrong,
)
