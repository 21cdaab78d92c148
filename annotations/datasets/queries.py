"""What stands in a release: generators of rows for each config, over a snapshot."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from annotations.datasets.models import Release
from annotations.datasets.rows import KEYS, seconds_band
from annotations.datasets.snapshot import Snapshot, stream

RELEASED = ("vote",)
"""Kinds of judgement that have a config; the others' stand in `excluded` and say so."""
Row = dict[str, Any]
Routed = tuple[str, str, Row]
"""(config, split, row): where a row goes."""


@dataclass(frozen=True)
class Terms:
    """What a release is made under.

    Attributes:
        version: the release's name.
        cutoff: the last moment (database clock) of a judgement in it.
        key: the secret of this release, from which ids and pseudonyms are made.
        small_cell: fewest people of a variety whose rows carry a pseudonym; 0 switches the rule off.
    """

    version: str
    cutoff: dt.datetime
    key: bytes
    small_cell: int

    @property
    def facts(self) -> dict[str, Any]:
        return {"cutoff": self.cutoff, "key": self.key, "small_cell": self.small_cell}


def published() -> QuerySet[Release]:
    """Releases one can download, newest first."""
    return Release.objects.filter(state=Release.State.PUBLISHED).order_by("-cutoff")


# An id of a release: SHA-256 over its key, the kind of thing and the database's id, 128 bits of it. All inputs are of
# fixed length behind a secret, so nobody without the key can tell which row it was, in this release or another.
_KEYED = "left(encode(sha256(%(key)s || '{kind}'::bytea || int8send({column})), 'hex'), 32)"


def _keyed(kind: str, column: str) -> str:
    return _KEYED.format(kind=kind, column=column)


_OUTPUTS = """
    JOIN LATERAL (
        SELECT coalesce(array_agg(io.output_id ORDER BY io.position), '{{}}') AS outputs,
               coalesce(array_agg(m.name ORDER BY io.position), '{{}}') AS models,
               coalesce(bool_or(o.licence = ''), false) AS output_licence_missing,
               coalesce(bool_or(o.quarantine <> ''), false) AS quarantined,
               coalesce(bool_and('train' = ANY(o.permitted_use)), true) AS outputs_train,
               coalesce(bool_and('evaluate' = ANY(o.permitted_use)), true) AS outputs_evaluate
          FROM annotations_itemoutput io
          JOIN annotations_output o ON o.id = io.output_id
          JOIN annotations_modelversion m ON m.id = o.model_id
         WHERE io.item_id = i.id
    ) outs ON true"""

# What stewards say of a row, of its item's variety and of the one it was judged in: `governed` where one of the two is
# and no decision in force opens it, and what their charters permit. What opens counts from the cutoff on, what closes
# (expiry, revoking, hiding) counts at once, so that it leaves the next release whatever its cutoff.
_STEWARDS = """
    LEFT JOIN LATERAL (
        SELECT coalesce(bool_or(NOT EXISTS (
                   SELECT 1 FROM annotations_opened op
                    WHERE op.variety_id = gv.variety_id AND op.in_force_at <= %(cutoff)s
                      AND op.expires_at > greatest(%(cutoff)s, now())
                      AND op.campaign IN ('', ca.slug) AND op.item_kind IN ('', i.kind)
                      AND (op.since IS NULL OR i.created_at >= op.since)
                      AND (op.until IS NULL OR i.created_at < op.until)
               )), false) AS governed,
               coalesce(bool_and('train' = ANY(gv.permitted_use)), true) AS stewards_train,
               coalesce(bool_and('evaluate' = ANY(gv.permitted_use)), true) AS stewards_evaluate
          FROM annotations_governed gv
         WHERE gv.variety_id IN (i.variety_id, p.variety_id, {judged_as})
           AND (gv.free_from IS NULL OR gv.free_from > %(cutoff)s)
    ) stewards ON true
    LEFT JOIN LATERAL (
        SELECT min(hp.kind) AS hidden FROM annotations_hiddenprompt hp
         WHERE hp.prompt_id = i.prompt_id AND (hp.lifted_at IS NULL OR hp.lifted_at > %(cutoff)s)
    ) hidden ON true"""

_ITEM = f"""
    JOIN annotations_item i ON i.id = {{item}}
    JOIN annotations_campaign ca ON ca.id = i.campaign_id
    JOIN annotations_prompt p ON p.id = i.prompt_id
    JOIN annotations_promptgroup g ON g.id = p.group_id
    JOIN annotations_source s ON s.id = p.source_id
    {_STEWARDS} {_OUTPUTS}"""

_ITEM_COLUMNS = f"""
    {_keyed("item", "i.id")} AS item_id, i.source_id, ca.slug AS campaign, ca.contribution_licence,
    i.variety_id AS variety, p.country, p.domain, g.role, g.split, s.name AS source, s.licence AS source_licence,
    s.permitted_use AS source_use, stewards.*, hidden.hidden, outs.*"""

_JUDGEMENTS = f"""
    WITH crowd AS (
        SELECT judge_variety_id AS tag, count(DISTINCT person_id) AS people
          FROM annotations_exportable
         WHERE received_at <= %(cutoff)s AND opt_out = '' AND undone_at IS NULL AND NOT withdrawn
           AND not_counted <> 'unproven' GROUP BY 1
    )
    SELECT {_keyed("judgement", "j.id")} AS id,
           CASE WHEN crowd.people >= %(small_cell)s AND j.person_id IS NOT NULL
                THEN {_keyed("person", "j.person_id")} END AS annotator,
           j.kind, j.opt_out, j.judge_variety_id AS judge_variety, j.shown, j.counted, j.not_counted, j.late,
           j.undone_at, j.received_at, j.seconds, j.guideline_version, j.channel, j.offer_policy, j.offer_probability,
           j.consent_version, j.withdrawn, j.may_train, v.outcome, v.preferred_id AS preferred, v.strength, v.ranking,
           {_ITEM_COLUMNS}
      FROM annotations_exportable j
      LEFT JOIN crowd ON crowd.tag = j.judge_variety_id
      LEFT JOIN annotations_vote v ON v.judgement_id = j.id
      {_ITEM.format(item="j.item_id", judged_as="j.judge_variety_id")}
     WHERE j.received_at <= %(cutoff)s
     ORDER BY 1"""

_CELLS = f"""
    WITH judged AS (
        SELECT cell_id, bool_or(counted AND withdrawn) AS withdrawn,
               coalesce(bool_and(may_train) FILTER (WHERE counted), true) AS may_train,
               array_agg(DISTINCT consent_version) FILTER (WHERE counted) AS consent_versions
          FROM annotations_exportable WHERE received_at <= %(cutoff)s GROUP BY cell_id
    )
    SELECT {_keyed("cell", "c.id")} AS record_id, c.variety_id AS judged_as, c.held_back, judged.withdrawn,
           judged.may_train, judged.consent_versions, v.outcome, v.n, v.agreement, v.margin, v.method, p.messages,
           chosen.text AS chosen, chosen.licence AS chosen_licence, chosen_model.name AS chosen_model,
           rejected.text AS rejected, rejected.licence AS rejected_licence, rejected_model.name AS rejected_model,
           {_ITEM_COLUMNS}
      FROM judged
      JOIN annotations_cell c ON c.id = judged.cell_id
      {_ITEM.format(item="c.item_id", judged_as="c.variety_id")}
      LEFT JOIN annotations_verdict v
             ON v.cell_id = c.id AND v.superseded_at IS NULL AND v.evidence_until <= %(cutoff)s
      LEFT JOIN annotations_output chosen ON chosen.id = v.preferred_id
      LEFT JOIN annotations_modelversion chosen_model ON chosen_model.id = chosen.model_id
      LEFT JOIN annotations_output rejected ON rejected.id = v.rejected_id
      LEFT JOIN annotations_modelversion rejected_model ON rejected_model.id = rejected.model_id
     WHERE i.kind = 'vote'
     ORDER BY 1"""


def judgement_rows(snapshot: Snapshot, terms: Terms) -> Iterator[Routed]:
    """Every judgement acknowledged before the cutoff, once: in `judgements`, or in `excluded` with the reason."""
    for row in stream(snapshot, _JUDGEMENTS, terms.facts):
        uses = permitted_use(row)
        if reason := why_not_judgement(row, uses):
            yield "excluded", "train", _excluded("judgement", row["id"], row, "judgements", reason)
        else:
            yield "judgements", row["split"], _judgement(row, uses)


def preference_rows(snapshot: Snapshot, terms: Terms) -> Iterator[Routed]:
    """Every judged item, once: in `preference`, or in `excluded` with the reason. An item that several varieties
    judge is as many records, one for each."""
    for row in stream(snapshot, _CELLS, terms.facts):
        uses = permitted_use(row)
        if reason := why_not_preference(row, uses):
            yield "excluded", "train", _excluded("item", row["item_id"], row, "preference", reason)
        else:
            yield "preference", row["split"], _preference(row, uses, terms.version)


def permitted_use(row: Mapping[str, Any]) -> list[str]:
    """What the row may be used for: what its source, each output, each contributor and stewards all permit, sorted."""
    uses = set(row["source_use"])
    if not (row["outputs_train"] and row["may_train"] and row["stewards_train"]):
        uses.discard("train")
    if not (row["outputs_evaluate"] and row["stewards_evaluate"]):
        uses.discard("evaluate")
    return sorted(uses)


def _why_not(row: Mapping[str, Any], uses: list[str]) -> str:
    """The reasons that hold for every config."""
    if row["withdrawn"]:
        return "withdrawn"
    if reason := why_stewards_keep(row):
        return reason
    if row["source_licence"] == "" or row["output_licence_missing"]:
        return "missing_licence"
    return "" if uses else "not_permitted"


def why_stewards_keep(row: Mapping[str, Any]) -> str:
    """Why those who govern the row's variety keep it, or empty: hidden, or not opened by a decision in force."""
    return str(row["hidden"] or ("governed" if row["governed"] else ""))


def why_not_judgement(row: Mapping[str, Any], uses: list[str]) -> str:
    """Why a judgement is not published, or empty. Codes are `rows.REASONS`."""
    if row["undone_at"]:
        return "undone"
    if row["not_counted"] in ("unproven", "practice"):
        return str(row["not_counted"])
    if reason := row["opt_out"] or _why_not(row, uses):
        return str(reason)
    return "" if row["kind"] in RELEASED else "no_config"


def why_not_preference(row: Mapping[str, Any], uses: list[str]) -> str:
    """Why a judged item is no preference pair, or empty. Codes are `rows.REASONS`."""
    if row["held_back"] in ("practice", "broken"):
        return str(row["held_back"])
    if row["role"] == "evaluate":
        return "evaluate"
    if row["quarantined"]:
        return "quarantined"
    if reason := _why_not(row, uses):
        return reason
    if "train" not in uses:
        return "not_permitted"
    if row["outcome"] is None:
        return "unsettled"
    if row["outcome"] != "output":
        return str(row["outcome"])
    return "" if row["margin"] > 0 else "zero_margin"


def _excluded(unit: str, key: str, row: Mapping[str, Any], config: str, reason: str) -> Row:
    return {"unit": unit, "id": key, "source_id": row["source_id"], "config": config, "reason": reason}


def _judgement(row: Mapping[str, Any], uses: list[str]) -> Row:
    letter = dict(zip(row["outputs"], KEYS, strict=False))
    same = (
        "id", "item_id", "source_id", "campaign", "annotator", "kind", "variety", "judge_variety", "models", "strength",
        "counted", "late", "guideline_version", "consent_version", "channel", "offer_policy", "offer_probability",
        "source", "source_licence", "contribution_licence", "split",
    )  # fmt: skip
    return {name: row[name] for name in same} | {
        "order_shown": [letter[output] for output in row["shown"]],
        "preferred": letter[row["preferred"]] if row["outcome"] == "output" else row["outcome"],
        "ranking": row["ranking"] and [sorted(letter[output] for output in tier) for tier in row["ranking"]],
        "date": row["received_at"].astimezone(dt.UTC).date(),
        "seconds_band": seconds_band(row["seconds"]),
        "permitted_use": uses,
    }


def _preference(row: Mapping[str, Any], uses: list[str], version: str) -> Row:
    same = (
        "record_id", "source_id", "campaign", "variety", "judged_as", "source", "source_licence", "chosen_model",
        "chosen_licence", "rejected_model", "rejected_licence", "contribution_licence", "consent_versions", "n",
        "agreement", "method", "split",
    )  # fmt: skip
    meta = {name: row[name] for name in same} | {
        "release": version,
        "country": row["country"] or None,
        "domain": row["domain"] or None,
        "permitted_use": uses,
    }
    return {
        "prompt": row["messages"],
        "chosen": [{"role": "assistant", "content": row["chosen"]}],
        "rejected": [{"role": "assistant", "content": row["rejected"]}],
        "margin": row["margin"],
        "meta": meta,
    }


@dataclass(frozen=True)
class Books:
    """What must come out, counted apart from the rows: acknowledged judgements, and judged items."""

    judgements: int
    items: int


def books(snapshot: Snapshot, terms: Terms) -> Books:
    """Counted in the same snapshot, by queries that share nothing with the rows' own."""
    count = snapshot.execute(
        "SELECT count(*) AS judgements FROM annotations_exportable WHERE received_at <= %(cutoff)s", terms.facts
    ).fetchone()
    judged = snapshot.execute(
        "SELECT count(*) AS items FROM annotations_cell c WHERE EXISTS (SELECT 1 FROM annotations_exportable j"
        " WHERE j.cell_id = c.id AND j.kind = 'vote' AND j.received_at <= %(cutoff)s)", terms.facts,
    ).fetchone()  # fmt: skip
    assert count is not None
    assert judged is not None
    return Books(count["judgements"], judged["items"])


def labels(snapshot: Snapshot, terms: Terms, varieties: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """TK and BC Labels of these varieties at the cutoff, by variety; `campaign` and `record` where one is for those."""
    found: dict[str, list[dict[str, str]]] = {}
    rows = snapshot.execute(
        "SELECT variety_id, campaign, record, system, local_contexts_id AS id, name, community, url, image_alt"
        "  FROM annotations_communitylabel"
        " WHERE variety_id = ANY(%(varieties)s) AND added_at <= %(cutoff)s"
        "   AND (ended_at IS NULL OR ended_at > %(cutoff)s)"
        " ORDER BY variety_id, annotations_communitylabel.id",
        terms.facts | {"varieties": list(varieties)},
    )  # fmt: skip
    for row in rows:
        found.setdefault(row.pop("variety_id"), []).append({name: value for name, value in row.items() if value})
    return found


def watermark(snapshot: Snapshot) -> dict[str, int]:
    """How far decisions had come in the snapshot, so that a manifest names all its inputs."""
    row = snapshot.execute(
        "SELECT coalesce((SELECT max(id) FROM annotations_verdict), 0) AS verdict,"
        " coalesce((SELECT max(consent_id) FROM annotations_exportable), 0) AS consent,"
        " coalesce((SELECT max(id) FROM annotations_opened), 0) AS opened,"
        " coalesce((SELECT max(id) FROM annotations_hiddenprompt), 0) AS hidden"
    ).fetchone()
    assert row is not None
    return dict(row)


def tally(rows: Iterator[Routed], into: dict[str, Counter[str]]) -> Iterator[Routed]:
    """Pass rows through and count, for the card: by variety, and excluded by config and reason."""
    for config, split, row in rows:
        if config == "excluded":
            into["excluded"][f"{row['config']}/{row['reason']}"] += 1
        else:
            into[config][row["meta"]["variety"] if "meta" in row else row["variety"]] += 1
        yield config, split, row
