"""Everything of one variety, for its stewards: each record with its judgements, pseudonymous, hidden ones too.

A line is an item as it was imported, and its standing judgements. Judgements of people who took their consent back are
not in it; pseudonyms are of this download alone, and left out where a variety has too few people.
"""

import json
import secrets
from collections.abc import Iterator

from django.conf import settings

from annotations.datasets.snapshot import open_snapshot, stream
from annotations.people.models import Variety

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


def records(variety: Variety) -> Iterator[str]:
    """JSON, a line for each record; `preferred` is the place of the output, from 0."""
    facts = {"tag": variety.tag, "key": secrets.token_bytes(32), "small_cell": settings.MINKA_SMALL_CELL}
    with open_snapshot() as snapshot:
        for row in stream(snapshot, _RECORDS, facts):
            yield json.dumps(row, ensure_ascii=False) + "\n"
