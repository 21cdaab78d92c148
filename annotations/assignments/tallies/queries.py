"""Questions about how far something is."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from annotations.assignments.models import Campaign, Cell
from annotations.assignments.tallies.models import Tally


@dataclass(frozen=True)
class Progress:
    """How far something is, in counted judgements."""

    done: int
    needed: int
    items: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.done // self.needed if self.needed else 0

    @property
    def left(self) -> int:
        return max(0, self.needed - self.done)


def progress_of_cell(cell: Cell) -> Progress:
    """How far the campaign of a cell is in the cell's variety: what the next judgement counts towards."""
    return _sum(Tally.objects.filter(campaign=cell.campaign_id, variety=cell.variety_id))


def progress_of(campaign: Campaign) -> Progress:
    """How far a campaign is, in all varieties together."""
    return _sum(Tally.objects.filter(campaign=campaign))


def progress_by_variety(campaigns: Iterable[Campaign]) -> dict[tuple[int, str], Progress]:
    """The same for each campaign's id and variety's tag where there is work or was, in their order."""
    rows = Tally.objects.filter(campaign__in=campaigns).values("campaign", "variety").order_by("campaign", "variety")
    sums = rows.annotate(sum_done=Sum("done"), sum_needed=Sum("needed"), sum_items=Sum("items"))
    return {
        (row["campaign"], row["variety"]): Progress(row["sum_done"], row["sum_needed"], row["sum_items"])
        for row in sums.filter(sum_items__gt=0)
    }


def progress() -> Progress:
    """How far the whole house is."""
    return _sum(Tally.objects.all())


def settled() -> int:
    """How many cells of the whole house have their verdict."""
    return int(Tally.objects.aggregate(sum=Sum("settled"))["sum"] or 0)


def _sum(tallies: QuerySet[Tally]) -> Progress:
    sums = tallies.aggregate(done=Sum("done"), needed=Sum("needed"), items=Sum("items"))
    return Progress(*(int(sums[name] or 0) for name in ("done", "needed", "items")))
