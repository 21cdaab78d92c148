"""Settling cells, and unsettling them when a judgement behind a verdict is taken away."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from annotations.assignments.doors import ask_anybody, ask_more, batches, close_cell, discount, erase_work
from annotations.assignments.models import Campaign, Cell
from annotations.assignments.queries import places
from annotations.people.models import Person
from annotations.quality.ballots import ballots_of
from annotations.quality.checks.queries import is_drawn, is_suspected
from annotations.quality.models import Verdict
from annotations.quality.queries import (
    counted_after_withdrawal,
    due_cells,
    heard_experts,
    kept_aside_after_withdrawal,
    latest_evidence,
    short_cells,
)
from annotations.quality.rules import Ballot
from annotations.quality.stopping import ANCHORS, Ask, Asked, decide

EXPERTS: Final = 2
"""So many experts who say the same decide where one contradicts the crowd: two of `ANCHORS` are most of them."""
WITHDRAWN: Final = "withdrawn"
"""Why a judgement does not count: its person took their consent back."""


def settle_due() -> int:
    """Settle everything that has what its rule asks; judgements of people who withdrew are taken out first. Where a
    campaign is over, what has enough for that too.

    Returns how many cells were settled. Running it again, or twice at once, changes nothing.
    """
    take_out_withdrawn()
    ask_anybody(campaigns=Campaign.objects.filter(anchored=0), but=heard_experts())
    settled = sum(_settle(pk) for pk in list(due_cells().values_list("pk", flat=True)))
    return settled + wind_up()


def wind_up() -> int:
    """Settle what is short in campaigns that are over: each item with as many votes as its campaign says will do then,
    or asked for at first where it asked for more since, once nobody holds a seat at it. Returns how many cells were
    settled."""
    return sum(_settle(pk, short=True) for pk in short_cells())


@transaction.atomic
def _settle(cell_id: int, *, short: bool = False) -> bool:
    cell = Cell.objects.select_for_update(of=("self",)).select_related("item", "campaign").get(pk=cell_id)
    campaign = cell.campaign
    enough = min(cell.needed, campaign.at_least or campaign.needed) if short else cell.needed
    if cell.settled_at or cell.done < enough or (short and cell.held):
        return False
    ballots = ballots_of(cell)
    settled = decide(ballots, places(cell.item), _asked(cell, ballots, short=short))
    if isinstance(settled, Ask):
        if not short:
            ask_more(cell=cell, of_anchors=settled is Ask.AN_ANCHOR)
        return False
    Verdict.objects.create(
        item=cell.item, cell=cell, outcome=settled.outcome, preferred_id=settled.preferred,
        rejected_id=settled.rejected, method=settled.method, n=settled.n, agreement=settled.agreement,
        margin=settled.margin, evidence_until=latest_evidence(cell), closed_short=cell.done < cell.needed,
    )  # fmt: skip
    close_cell(cell=cell, settled_at=timezone.now())
    return True


def _asked(cell: Cell, ballots: Sequence[Ballot], *, short: bool) -> Asked:
    """What its campaign asks of a cell. One that is over asks for nothing any more; but a verdict that an anchor
    contradicted still waits."""
    campaign, heard = cell.campaign, heard_experts().filter(pk=cell.pk).exists()
    agreed = EXPERTS if heard else ANCHORS
    if short:
        return Asked(campaign.rule, checked=any(each.trusted for each in ballots), agreed=agreed)
    checked = campaign.anchored > 0 and (cell.for_anchors or is_drawn(cell.pk, campaign.anchored) or is_suspected(cell))
    return Asked(campaign.rule, campaign.sure_at, campaign.most_votes or 0, heard or checked, agreed)


def take_out_withdrawn() -> int:
    """Judgements of people without consent stop counting; their verdicts are superseded, their cells open again."""
    kept_aside_after_withdrawal().update(not_counted=WITHDRAWN)
    judgements = list(counted_after_withdrawal())
    for judgement in judgements:
        with transaction.atomic():
            if discount(judgement=judgement, reason=WITHDRAWN):
                supersede([judgement.cell_id])
    return len(judgements)


@transaction.atomic
def erase_judgements(person: Person) -> None:
    """The right to have one's contributions erased: what they settled is superseded, and their cells open again."""
    supersede(erase_work(person=person))


def supersede(cells: Collection[int]) -> None:
    """What settled these cells holds no more: a judgement behind it counts no more."""
    for several in batches(list(cells)):
        Verdict.objects.filter(cell__in=several, superseded_at=None).update(superseded_at=timezone.now())
