"""Everything of one variety, for its stewards, as a ZIP: each record with its judgements, pseudonymous, hidden ones
too; labels, charters, decisions, stewards, and what was done.

`records.jsonl` holds a line for each item, as it was imported, with its standing judgements; two CSVs hold the same.
Judgements of people who took their consent back are not in it; pseudonyms are of this download alone, and left out
where a variety has too few people.
"""

import secrets
from collections.abc import Iterable, Iterator
from zipfile import ZipFile

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.assignments import kinds
from annotations.assignments.models import Judgement
from annotations.datasets.snapshot import open_snapshot, stream
from annotations.people.models import Variety
from annotations.people.stewards.models import Charter, CommunityLabel, Steward
from annotations.people.stewards.queries import decisions_of, log_of
from annotations.zips import PAUSE, Row, Steps, add_csv, lines, spooled, streamed, table

RECORD = (
    "id", "campaign", "kind", "variety", "role", "prompt", "source", "licence", "permitted_use", "outputs", "hidden",
)  # fmt: skip
JUDGEMENT = (
    "annotator", "kind", "judge_variety", "outcome", "strength", "preferred", "aspects", "reason", "answer", "counted",
    "date",
)  # fmt: skip
LABELS = (
    "system", "local_contexts_id", "name", "community", "url", "image_alt", "campaign", "record", "added_at",
    "ended_at",
)  # fmt: skip
CHARTERS = (
    "version", "policy", "permitted_use", "quorum", "orthographies", "takes_contributions", "shows_anonymous",
    "sends_to_endpoints", "sends_to_argilla", "keeps_in_memory", "written_at",
)  # fmt: skip
DECISIONS = (
    "id", "kind", "campaign", "item_kind", "since", "until", "charter__version", "reason", "proposed_at", "expires_at",
    "in_force_at", "revoked_at", "yes", "no",
)  # fmt: skip
STEWARDS = ("shown_name", "letter_body", "letter_date", "accepted_at", "ended_at")
LOG = ("at", "act", "about", "code", "text")
"""Who decided is told by the names stewards chose to show, and by counts; the log's random subjects stay here."""

_RECORDS = """
    WITH crowd AS (
        SELECT judge_variety_id AS tag, count(DISTINCT person_id) AS people FROM annotations_exportable
         WHERE opt_out = '' AND undone_at IS NULL AND NOT withdrawn GROUP BY 1
    )
    SELECT i.source_id AS id, ca.slug AS campaign, i.kind, i.variety_id AS variety, g.role, p.messages AS prompt,
           s.name AS source, s.licence, s.permitted_use, outs.outputs,
           coalesce(js.judgements, '[]'::jsonb) AS judgements,
           (SELECT min(hp.kind) FROM annotations_hiddenprompt hp
             WHERE hp.prompt_id = i.prompt_id AND hp.lifted_at IS NULL) AS hidden
      FROM annotations_item i
      JOIN annotations_campaign ca ON ca.id = i.campaign_id
      JOIN annotations_prompt p ON p.id = i.prompt_id
      JOIN annotations_promptgroup g ON g.id = p.group_id
      JOIN annotations_source s ON s.id = p.source_id
      LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object('model', m.name, 'text', o.text, 'licence', o.licence)
                           ORDER BY io.position) AS outputs
            FROM annotations_itemoutput io
            JOIN annotations_output o ON o.id = io.output_id
            JOIN annotations_modelversion m ON m.id = o.model_id
           WHERE io.item_id = i.id
      ) outs ON true
      LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object(
                     'annotator', CASE WHEN crowd.people >= %(small_cell)s AND j.person_id IS NOT NULL THEN left(encode(
                         sha256(%(key)s || int8send(j.person_id)), 'hex'), 32) END,
                     'kind', j.kind, 'judge_variety', j.judge_variety_id, 'outcome', v.outcome, 'strength', v.strength,
                     'preferred', (SELECT io.position FROM annotations_itemoutput io
                                    WHERE io.item_id = i.id AND io.output_id = v.preferred_id),
                     'aspects', v.aspects, 'reason', v.reason, 'answer', {answer},
                     'counted', j.counted, 'date', (j.received_at AT TIME ZONE 'UTC')::date
                 ) ORDER BY j.id) AS judgements
            FROM annotations_exportable j
            LEFT JOIN annotations_vote v ON v.judgement_id = j.id
            LEFT JOIN crowd ON crowd.tag = j.judge_variety_id
           WHERE j.item_id = i.id AND j.undone_at IS NULL AND NOT j.withdrawn
             AND %(tag)s IN (i.variety_id, j.judge_variety_id)
      ) js ON true
     WHERE i.variety_id = %(tag)s
        OR EXISTS (SELECT 1 FROM annotations_cell c WHERE c.item_id = i.id AND c.variety_id = %(tag)s)
     ORDER BY i.id"""


_OURS = "ARRAY['judgement_id', 'id', 'seat_id', 'look_id', 'weighs', 'taken', 'output_id', 'started_from_id']"
"""Columns of a kind's row that tie it to other rows here, or were not answered."""


def _answer() -> str:
    """SQL for what was answered, as the columns of its kind's row; a vote stands in columns of its own."""
    rows = [Judgement._meta.get_field(kinds.get(name).row).related_model for name in kinds.names() if name != "vote"]
    tables = [model._meta.db_table for model in rows if model is not None and not isinstance(model, str)]
    one = f"(SELECT to_jsonb(t) - {_OURS} FROM {{}} t WHERE t.judgement_id = j.id)"  # noqa: S608 -- constants of this file
    told = [one.format(table) for table in tables]
    return f"coalesce({', '.join(told)})"


def archive(variety: Variety) -> Iterator[bytes]:
    """The ZIP in pieces, as it is written; `preferred` is the place of the output, from 0."""
    told = _read_me(variety)  # in the language of the page, which is another's while the pieces go out

    def everything(archive: ZipFile) -> Steps:
        archive.writestr("README.md", told)
        yield from _records(archive, variety)
        for name, columns, rows in _governance(variety):
            yield from table(archive, name, columns, rows)

    return streamed(everything)


def _records(archive: ZipFile, variety: Variety) -> Steps:
    sql = _RECORDS.replace("{answer}", _answer())
    facts = {"tag": variety.tag, "key": secrets.token_bytes(32), "small_cell": settings.MINKA_SMALL_CELL}
    with (
        spooled(RECORD) as (add_record, items),
        spooled(("campaign", "id", *JUDGEMENT)) as (add_judgement, judgements),
    ):

        def told(rows: Iterable[Row]) -> Iterator[Row]:
            for row in rows:
                add_record(row)
                for judgement in row["judgements"]:
                    add_judgement({"campaign": row["campaign"], "id": row["id"], **judgement})
                yield row

        with open_snapshot() as snapshot:
            yield from lines(archive, "records.jsonl", told(stream(snapshot, sql, facts)))
        yield from add_csv(archive, "records", items)
        yield from add_csv(archive, "judgements", judgements)


def _governance(variety: Variety) -> Iterator[tuple[str, tuple[str, ...], Iterable[Row]]]:
    """What the community said of its variety, the oldest first; what has ended or was taken back too."""
    yield "labels", LABELS, CommunityLabel.objects.filter(variety=variety).order_by("id").values(*LABELS)
    yield "charters", CHARTERS, Charter.objects.filter(variety=variety).order_by("version").values(*CHARTERS)
    yield "decisions", DECISIONS, decisions_of(variety).order_by("id").values(*DECISIONS)
    accepted = Steward.objects.filter(variety=variety, accepted_at__isnull=False).order_by("accepted_at")
    yield "stewards", STEWARDS, accepted.values(*STEWARDS)
    yield "log", LOG, log_of(variety).order_by("id").values(*LOG).iterator(chunk_size=PAUSE)


def _read_me(variety: Variety) -> str:
    told = [
        f"# {variety.own_name} ({variety.tag}), {timezone.now():%Y-%m-%d}",
        _("Everything of this variety, for its stewards. What is hidden is in it too: keep it as it deserves."),
        _("`records.jsonl` holds a line for each record, in the form in which tasks are imported, and its judgements."),
        _("`csv/records.csv` and `csv/judgements.csv` hold the same as tables, one row for each."),
        _("`labels`, `charters`, `decisions`, `stewards` and `log` tell what the community decided, as JSON and CSV."),
        _("Who judged is a pseudonym of this file alone, and is left out where few people speak the variety here."),
    ]
    return "\n\n".join(told) + "\n"
