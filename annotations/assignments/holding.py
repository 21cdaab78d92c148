"""Work that is taken off the table for a while, and put back. A cell says in `held_back` why it gives no seats."""

from collections.abc import Collection, Iterable

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from annotations.assignments.locks import one_round_of_cells
from annotations.assignments.models import Assignment, Averted, Cell, ItemOutput, Known
from annotations.assignments.queries import GOLD, PRACTICE
from annotations.corpus.models import Output
from annotations.people.models import Person


def lock_cells(cells: QuerySet[Cell]) -> list[int]:
    """Lock all of these at once until the transaction ends, in the order of their ids, which they are returned in."""
    one_round_of_cells()
    return [cell.pk for cell in cells.select_for_update(of=("self",)).order_by("pk")]


def take_off(*, cells: QuerySet[Cell], reason: str) -> int:
    """These cells give no more seats, and whoever sits there is sent on; what they answer all the same stays welcome.
    Inside the caller's transaction. A reason that stood there stays, but that of an item whose answer is known, which
    would be shown all the same. Returns how many."""
    found = lock_cells(cells)
    Assignment.objects.filter(cell__in=found, state=Assignment.State.HELD).update(state=Assignment.State.RETURNED)
    Cell.objects.filter(pk__in=found).update(
        held=0, held_back=Case(When(held_back__in=["", PRACTICE, GOLD], then=Value(reason)), default=F("held_back"))
    )
    return len(found)


def put_back(*, cells: QuerySet[Cell], reasons: Collection[str]) -> int:
    """Cells that were held back for one of these reasons give seats again, unless there is another: an output of
    theirs that does not circulate, or an item whose answer is known. Returns how many have none."""
    found = lock_cells(cells.filter(held_back__in=reasons))
    quarantined = ItemOutput.objects.filter(item=OuterRef("item")).exclude(output__quarantine="")
    known = Known.objects.filter(item=OuterRef("item")).values("purpose")
    still = Coalesce(Subquery(quarantined.values("output__quarantine")[:1]), Subquery(known), Value(""))
    Cell.objects.filter(pk__in=found).update(held_back=still)
    return Cell.objects.filter(pk__in=found, held_back="").count()


def with_output(output: Output) -> QuerySet[Cell]:
    """The cells of every item in which an output stands."""
    return Cell.objects.filter(item__in=ItemOutput.objects.filter(output=output).values("item"))


def avert(*, person: Person, outputs: Iterable[int]) -> None:
    """Never show these outputs to this person again."""
    Averted.objects.bulk_create([Averted(person=person, output_id=pk) for pk in outputs], ignore_conflicts=True)
