"""Which items are checked, and what anchors changed of what others chose."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.assignments.models import Campaign, Cell, ItemOutput, Judgement
from annotations.people.anchors.queries import anchors_now
from annotations.quality.ballots import ballot
from annotations.quality.checks.models import Alarm
from annotations.quality.checks.rules import Corrected
from annotations.quality.models import Verdict
from annotations.quality.rules import RULES
from annotations.rating.models import Vote


def is_drawn(cell: int, percent: int) -> bool:
    """Whether a cell is among the percent that are checked: drawn by its id and the house's secret, so that it is the
    same whenever it is asked, no volunteer can know it, and more percent are these and others."""
    drawn = hmac.digest(settings.SECRET_KEY.encode(), b"checked %d" % cell, hashlib.sha256)
    return int.from_bytes(drawn[:8]) * 100 < percent << 64


def standing_alarms() -> QuerySet[Alarm]:
    return Alarm.objects.filter(lifted_at=None)


def is_suspected(cell: Cell) -> bool:
    """Whether an alarm stands about a model that stands in the cell's item."""
    alarms = standing_alarms().filter(campaign=cell.campaign_id, variety=cell.variety_id)
    return alarms.filter(model__in=ItemOutput.objects.filter(item=cell.item_id).values("output__model")).exists()


def checked_by_anchors(cell: str = "pk") -> Exists:
    """True where an anchor's judgement counts in the cell at this path."""
    return Exists(Judgement.objects.filter(cell=OuterRef(cell), counted=True, trusted=True))


class Slice(NamedTuple):
    """A variety of a campaign, and a model whose outputs are judged there, by their keys."""

    variety: str
    model: int


def corrections(campaign: Campaign) -> dict[Slice, Corrected]:
    """What anchors changed of what the others chose by majority, model by model. Reads all votes of the items that an
    anchor looked at: it is asked once an hour, and before a release."""
    away: Counter[Slice] = Counter()
    towards: Counter[Slice] = Counter()
    for votes in _looked_at(campaign):
        ballots, first = [ballot(vote) for vote in votes], votes[0]
        others = [each for each in ballots if not each.trusted]
        crowd = RULES[campaign.rule](others, first.outputs) if others else None
        anchor = next(each.choice for each in ballots if each.trusted)
        if crowd is None or crowd.outcome == Verdict.Outcome.NO_MAJORITY or anchor == crowd.preferred:
            continue
        variety = first.judgement.cell.variety_id
        chosen = {vote.preferred_id: Slice(variety, vote.preferred.model_id) for vote in votes if vote.preferred}
        if crowd.preferred in chosen:
            away[chosen[crowd.preferred]] += 1
        if anchor in chosen:
            towards[chosen[anchor]] += 1
    return {each: Corrected(away[each], towards[each]) for each in away | towards}


def _looked_at(campaign: Campaign) -> Iterator[list[Any]]:
    """The votes of each cell in which an anchor's counts, each with the `outputs` of its item, in one question."""
    outputs = ItemOutput.objects.filter(item=OuterRef("judgement__item")).order_by("position").values("output")
    votes = Vote.objects.filter(
        checked_by_anchors("judgement__cell"), judgement__campaign=campaign, judgement__counted=True
    ).annotate(outputs=ArraySubquery(outputs)).select_related("judgement__cell", "preferred")  # fmt: skip
    rows = votes.order_by("judgement__cell", "judgement_id").iterator(2_000)
    return (list(together) for _cell, together in groupby(rows, key=lambda vote: vote.judgement.cell_id))


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
    """Current verdicts about items in which the model of an alarm stands, whoever won, that no anchor looked at."""
    return Verdict.objects.filter(
        ~checked_by_anchors("cell"), item__campaign=alarm.campaign_id, cell__variety=alarm.variety_id,
        item__outputs__model=alarm.model_id, superseded_at=None,
    ).order_by("cell")  # fmt: skip
