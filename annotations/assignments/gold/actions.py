"""Mixing gold in among the work, and retiring what should not be asked."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.gold.queries import gold_for, has_given
from annotations.assignments.gold.rules import CHANCES, gold_below
from annotations.assignments.holding import take_off
from annotations.assignments.models import Bookmark, Campaign, Cell, Known
from annotations.assignments.queries import GOLD, places
from annotations.assignments.queue import Place
from annotations.errors import Refused
from annotations.people.models import Person

_draw = random.SystemRandom()


def mix_in(
    *,
    person: Person,
    campaigns: Sequence[Campaign],
    of_kinds: Collection[str],
    may_judge: Mapping[int, Mapping[str, str]],
    closed: Collection[str],
    claim: Callable[[], list[Place]],
) -> list[Place]:
    """What `claim` finds; or, where chance says so, a gold item of the same campaign in its place. Then the cells are
    as if nobody had asked. Where there is no work there is no gold either, or one would know it by that."""
    drawn = _draw.randrange(CHANCES) + 1
    below = {each.pk: gold_below(each.gold, drawn) for each in campaigns if each.gold}
    if not any(below.values()):
        return claim()
    with transaction.atomic():
        found = claim()
        campaign = next((each for each in campaigns if found and each.pk == found[0].campaign), None)
        is_gold = campaign is not None and not has_given(person, campaign, below.get(campaign.pk, 0))
        marks = list(Bookmark.objects.filter(person=person)) if is_gold else []
        transaction.set_rollback(is_gold)
    if campaign is None or not is_gold:
        return found
    _lay(marks)
    gold = _take(person, campaign, of_kinds, may_judge[campaign.pk], closed)
    return [gold] if gold else claim()


def _lay(marks: Sequence[Bookmark]) -> None:
    """Where the person had come in the queue: before it there is nothing for them, gold or not, and somebody without a
    bookmark would see in their archive that there was."""
    for mark in marks:
        mark.pk = None
    facts = ("terms", "rank", "cell", "returned", "returned_cell", "whole_at")
    Bookmark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["person", "campaign", "kind", "variety"], update_fields=facts
    )


def _take(
    person: Person, campaign: Campaign, of_kinds: Collection[str], varieties: Collection[str], closed: Collection[str]
) -> Place | None:
    """One of those that are left for them, drawn; its seat is counted as any other is. None where none is left."""
    left = gold_for(person, campaign, of_kinds, varieties, closed).select_related("item")
    cell = left.order_by("?").select_for_update(of=("self",), skip_locked=True).first()
    if cell is None:
        return None
    Cell.objects.filter(pk=cell.pk).update(held=F("held") + 1)
    return Place(cell.pk, cell.item_id, cell.campaign_id, cell.variety_id, places(cell.item))


@transaction.atomic
def retire_gold(*, item: int, by: Person, why: str) -> Known:
    """Ask a gold item of nobody any more: whoever sits there is sent on. What was said of it stands in no figure from
    now on; what somebody still says is kept and stands in none either.

    Raises:
        Refused: `invalid` (no reason), `not_found` (no gold item).
    """
    if not why.strip():
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    known = _gold(item)
    if known.retired_at is None:
        known.retired_at, known.retired_by, known.retired_why = timezone.now(), by, why.strip()
        known.save(update_fields=["retired_at", "retired_by", "retired_why"])
        take_off(cells=Cell.objects.filter(item=item), reason=GOLD)
    return known


@transaction.atomic
def bring_gold_back(*, item: int) -> Known:
    """Ask it again; what was said of it stands in the figures of the next night."""
    known = _gold(item)
    known.retired_at, known.retired_by, known.retired_why = None, None, ""
    known.save(update_fields=["retired_at", "retired_by", "retired_why"])
    return known


def _gold(item: int) -> Known:
    try:
        return Known.objects.select_for_update().get(pk=item, purpose=Known.Purpose.GOLD)
    except Known.DoesNotExist:
        raise Refused("not_found") from None
