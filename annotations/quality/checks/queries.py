"""Which items are checked, and where votes stand alone."""

import hashlib
import hmac
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.assignments.models import Campaign, Cell, ItemOutput
from annotations.people.anchors.queries import anchors_now
from annotations.quality.checks.models import Alarm
from annotations.quality.checks.rules import Lone
from annotations.quality.models import Verdict
from annotations.quality.queries import of_anchors
from annotations.rating.models import Vote

FELLOWS: Final = 2
"""Others of an item, that one voice can be alone against."""


def is_drawn(cell: int, percent: int) -> bool:
    """Whether a cell is among the percent that are checked: drawn by its id and the house's secret, so that it is the
    same whenever it is asked, no volunteer can know it, and more percent are these and others."""
    drawn = hmac.digest(settings.SECRET_KEY.encode(), b"checked %d" % cell, hashlib.sha256)
    return int.from_bytes(drawn[:8]) * 100 < percent << 64


def standing_alarms() -> QuerySet[Alarm]:
    return Alarm.objects.filter(lifted_at=None)


def suspected(cell: Cell) -> frozenset[int]:
    """The outputs of a cell's item whose model an alarm is about."""
    alarms = standing_alarms().filter(campaign=cell.campaign_id, variety=cell.variety_id)
    outputs = ItemOutput.objects.filter(item=cell.item_id, output__model__in=alarms.values("model"))
    return frozenset(outputs.values_list("output_id", flat=True))


class Slice(NamedTuple):
    """A variety of a campaign, and a model whose outputs are judged there, by their keys."""

    variety: str
    model: int


_LONE = """
    WITH ballots AS (
        SELECT j.cell_id, v.preferred_id FROM annotations_judgement j JOIN annotations_vote v ON v.judgement_id = j.id
         WHERE j.campaign_id = %(campaign)s AND j.counted
    ), counted AS (
        SELECT cell_id, count(*) AS votes FROM ballots GROUP BY cell_id HAVING count(*) > %(fellows)s
    ), chosen AS (
        SELECT cell_id, preferred_id, count(*) AS votes FROM ballots GROUP BY cell_id, preferred_id
    )
    SELECT c.variety_id, o.model_id,
           sum(CASE coalesce(chosen.votes, 0) WHEN 0 THEN counted.votes WHEN 1 THEN 1 ELSE 0 END),
           count(*) FILTER (WHERE chosen.votes = 1)
      FROM counted
      JOIN annotations_cell c ON c.id = counted.cell_id
      JOIN annotations_itemoutput io ON io.item_id = c.item_id
      JOIN annotations_output o ON o.id = io.output_id
      LEFT JOIN chosen ON chosen.cell_id = counted.cell_id AND chosen.preferred_id = io.output_id
     GROUP BY c.variety_id, o.model_id"""


def lone_votes(campaign: Campaign) -> dict[Slice, Lone]:
    """How often one voice alone chose a model's output, against two or more others of the item none of whom did. Reads
    every vote of the campaign: it is asked once an hour, and before a release."""
    with connection.cursor() as cursor:
        cursor.execute(_LONE, {"campaign": campaign.pk, "fellows": FELLOWS})
        return {Slice(variety, model): Lone(int(chances), alone) for variety, model, chances, alone in cursor}


def anchors_beside_work(campaign: Campaign) -> list[tuple[str, int, int, int]]:
    """By variety judged in a campaign: its tag, how many anchors judge it, as its speakers or as those of a part of it,
    how many of its items wait for one, and how many it has."""
    cells = Cell.objects.filter(campaign=campaign, held_back="").values("variety").order_by("variety")
    waiting = Count("pk", filter=Q(for_anchors=True, settled_at=None))
    lineages = list(anchors_now().values_list("person", "variety__lineage"))
    return [
        (tag, len({person for person, lineage in lineages if tag in lineage}), waits, every)
        for tag, waits, every in cells.annotate(waits=waiting, every=Count("pk")).values_list(
            "variety", "waits", "every"
        )
    ]


def unchecked_verdicts(alarm: Alarm) -> QuerySet[Verdict]:
    """Current verdicts for the model of an alarm that no anchor looked at."""
    theirs = of_anchors(Vote.objects.filter(judgement__cell=OuterRef("cell"), judgement__counted=True))
    return Verdict.objects.filter(
        ~Exists(theirs),
        item__campaign=alarm.campaign_id, cell__variety=alarm.variety_id, preferred__model=alarm.model_id,
        superseded_at=None,
    ).order_by("cell")  # fmt: skip
