"""A campaign as it looks to whoever sits at it: an item on a seat that is nobody's, and is in no table."""

from django.utils import timezone

from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.queries import PRACTICE, places
from annotations.assignments.stewards.queries import hides
from annotations.people.models import Person
from annotations.people.remits.queries import within


def seat_at(*, by: Person, campaign: Campaign, number: int) -> tuple[Assignment | None, int]:
    """The seat at the item of this number, from 0, in the order of the import, and how many there are; None where there
    is none. The outputs lie as they were imported: at a table they are drawn. What is hidden or held back is not
    shown, nor what somebody does not look after."""
    cells = Cell.objects.filter(campaign=campaign, held_back__in=["", PRACTICE]).exclude(hides("item__prompt"))
    cells = within(cells, by, varieties=("variety",)).order_by("pk")
    many = cells.count()
    rows = cells.select_related("item__prompt__variety", "item__campaign", "item__variety", "variety")
    cell = rows[number : number + 1].first() if 0 <= number < many else None
    if cell is None:
        return None, many
    now = timezone.now()
    seat = Assignment(
        item=cell.item, cell=cell, judge_variety_id=cell.variety_id, shown=list(places(cell.item)),
        claimed_at=now, expires_at=now,
    )  # fmt: skip
    return seat, many
