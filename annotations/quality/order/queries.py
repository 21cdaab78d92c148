"""What a campaign has settled of what it wants, and what its cells' places would be."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q

from annotations.assignments.models import Campaign, Cell
from annotations.quality.order.models import Quota
from annotations.quality.order.rules import STEPS, clear, filled

_OF_CELL = {
    Quota.Facet.VARIETY: "variety",
    Quota.Facet.COUNTRY: "item__prompt__country",
    Quota.Facet.DOMAIN: "item__prompt__domain",
}


@dataclass(frozen=True)
class Filled:
    """A quota beside what there is: cells settled, and cells that can still be."""

    quota: Quota
    settled: int
    left: int

    @property
    def step(self) -> int:
        return filled(self.settled, self.quota.wanted)

    @property
    def lacks(self) -> bool:
        """More is wanted than the campaign's items can give."""
        return self.settled + self.left < self.quota.wanted


def quotas_beside_work(campaign: Campaign) -> list[Filled]:
    """A campaign's quotas, each with what it has. Counts its cells once for all of them."""
    quotas = list(campaign.quotas.order_by("facet", "value"))
    if not quotas:
        return []
    settled, left = Q(settled_at__isnull=False), Q(settled_at=None)
    cells = Cell.objects.filter(campaign=campaign, held_back="").order_by().values_list(*_OF_CELL.values())
    has: Counter[tuple[str, str]] = Counter()
    could: Counter[tuple[str, str]] = Counter()
    for *values, done, open_ in cells.annotate(done=Count("pk", filter=settled), left=Count("pk", filter=left)):
        for facet, value in zip(_OF_CELL, values, strict=True):
            has[facet, value] += done
            could[facet, value] += open_
    return [Filled(each, has[each.facet, each.value], could[each.facet, each.value]) for each in quotas]


# Pairs of models by their verdicts: how often they met, and how often the first of the two won, a tie counting half.
_MET = """
    SELECT least(a.model_id, b.model_id), greatest(a.model_id, b.model_id), count(*),
           sum(CASE WHEN v.outcome <> 'output' THEN 0.5 WHEN v.preferred_id = CASE WHEN a.model_id < b.model_id
                    THEN a.id ELSE b.id END THEN 1 ELSE 0 END)::float8
      FROM annotations_verdict v
      JOIN annotations_item i ON i.id = v.item_id
      JOIN annotations_itemoutput first ON first.item_id = i.id AND first.position = 0
      JOIN annotations_itemoutput second ON second.item_id = i.id AND second.position = 1
      JOIN annotations_output a ON a.id = first.output_id
      JOIN annotations_output b ON b.id = second.output_id
     WHERE i.campaign_id = %(campaign)s AND v.superseded_at IS NULL AND v.outcome <> 'no_majority'
       AND a.model_id <> b.model_id
       AND NOT EXISTS (SELECT 1 FROM annotations_itemoutput io WHERE io.item_id = i.id AND io.position = 2)
     GROUP BY 1, 2"""


def clear_pairs(campaign: Campaign) -> list[tuple[int, int, int]]:
    """Pairs of models, the lower id first, of which it is somewhat clear which one people prefer, and how clear."""
    with connection.cursor() as cursor:
        cursor.execute(_MET, {"campaign": campaign.pk})
        met = cursor.fetchall()
    found = [(one, other, clear(wins, meetings)) for one, other, meetings, wins in met]
    return [row for row in found if row[2]]


# Cells that are open and not where they belong. A facet without a quota of the cell's moves nothing; where a facet has
# quotas, what is in none of them is as if full.
OUT_OF_PLACE: Final = f"""
    SELECT c.id, place.priority, place.priority > c.priority AS ahead
      FROM annotations_cell c
      JOIN annotations_item i ON i.id = c.item_id
      JOIN annotations_prompt p ON p.id = i.prompt_id
      LEFT JOIN LATERAL (
          SELECT x.clear FROM annotations_itemoutput f
            JOIN annotations_itemoutput s ON s.item_id = f.item_id AND s.position = 1
            JOIN annotations_output a ON a.id = f.output_id JOIN annotations_output b ON b.id = s.output_id
            JOIN unnest(%(one)s::bigint[], %(other)s::bigint[], %(clear)s::int[]) AS x (one, other, clear)
              ON x.one = least(a.model_id, b.model_id) AND x.other = greatest(a.model_id, b.model_id)
           WHERE f.item_id = i.id AND f.position = 0 AND cardinality(%(one)s::bigint[]) > 0
      ) pair ON true
     CROSS JOIN LATERAL (
          SELECT -(SELECT sum(coalesce((SELECT q.step FROM unnest(%(facet)s::text[], %(value)s::text[], %(step)s::int[])
                                                           AS q (facet, value, step)
                                         WHERE q.facet = mine.facet AND q.value = mine.value), {STEPS}))
                     FROM (VALUES ('variety', c.variety_id), ('country', p.country), ('domain', p.domain))
                          AS mine (facet, value)
                    WHERE mine.facet = ANY(%(facet)s::text[])) AS full_by
      ) quota
     CROSS JOIN LATERAL (SELECT coalesce(full_by, 0) - coalesce(pair.clear, 0) / {STEPS}.0 AS priority) place
     WHERE c.campaign_id = %(campaign)s AND c.id > %(after)s AND c.open AND c.priority <> place.priority::float8
     ORDER BY c.id LIMIT %(most)s FOR UPDATE OF c SKIP LOCKED"""  # noqa: S608 -- a whole number of ours


def wanted_order(campaign: Campaign) -> dict[str, Any]:
    """What `OUT_OF_PLACE` asks for."""
    quotas = quotas_beside_work(campaign)
    pairs = clear_pairs(campaign) if campaign.close_first else []
    return {
        "campaign": campaign.pk,
        "facet": [each.quota.facet for each in quotas], "value": [each.quota.value for each in quotas],
        "step": [each.step for each in quotas],
        "one": [one for one, _other, _clear in pairs], "other": [other for _one, other, _clear in pairs],
        "clear": [clear for _one, _other, clear in pairs],
    }  # fmt: skip
