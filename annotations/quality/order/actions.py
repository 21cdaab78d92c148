"""Putting a campaign's cells in the order its lead wants."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q

from annotations.assignments.models import Bookmark, Campaign
from annotations.assignments.queries import open_campaigns
from annotations.quality.order.queries import OUT_OF_PLACE, wanted_order

AT_ONCE: Final = 2_000
_MOVE: Final = f"""
    UPDATE annotations_cell
       SET priority = place.priority, returned = CASE WHEN place.ahead THEN returned END
      FROM ({OUT_OF_PLACE}) AS place
     WHERE annotations_cell.id = place.id RETURNING place.id, place.ahead"""  # noqa: S608 -- a query of ours


def put_in_order() -> int:
    """Move the open cells of campaigns that want some first to where they belong by now. Cells that somebody holds
    locked wait for the next time; where nothing is wanted any more, all keep their places. Running it again changes
    nothing. Returns how many were moved."""
    wanting = open_campaigns().filter(Q(quotas__isnull=False) | Q(close_first=True)).distinct()
    return sum(_put_in_order(campaign) for campaign in wanting)


def _put_in_order(campaign: Campaign) -> int:
    """What moves ahead may pass bookmarks: then everybody begins at the start again, which costs them only what is open
    there and they have done."""
    wanted, after, moved, ahead = wanted_order(campaign), 0, 0, False
    while cells := _move_some({**wanted, "after": after, "most": AT_ONCE}):
        after, moved, ahead = max(cells), moved + len(cells), ahead or any(cells.values())
    if ahead:
        Bookmark.objects.filter(campaign=campaign).delete()
    return moved


@transaction.atomic
def _move_some(wanted: Mapping[str, Any]) -> dict[int, bool]:
    """The cells that were moved, each with whether it moved ahead."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, wanted)
        return dict(cursor.fetchall())
