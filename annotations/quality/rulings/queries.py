"""Which votes could not be settled, and what was decided by hand."""

from django.db.models import Q, QuerySet

from annotations.assignments.models import Cell, Item, Judgement, Known
from annotations.people.models import Person
from annotations.people.stewards.queries import governed
from annotations.quality.models import Verdict
from annotations.quality.rulings.models import Ruling


def disputes() -> QuerySet[Verdict]:
    """Settled without a majority, where nobody governs; what waits longest first."""
    found = Verdict.objects.filter(outcome=Verdict.Outcome.NO_MAJORITY, superseded_at=None)
    return found.exclude(Q(item__variety__in=governed()) | Q(cell__variety__in=governed())).order_by("settled_at", "pk")


def rulings_of(item: Item) -> QuerySet[Ruling]:
    return Ruling.objects.filter(cell__item=item).select_related("ruled_by", "cell", "verdict__preferred__model")


def can_be_ruled(cell: Cell) -> bool:
    """Votes, of an item whose answer is not known beforehand, in a variety that nobody governs."""
    of_stewards = governed().filter(pk__in=[cell.variety_id, cell.item.variety_id]).exists()
    return cell.kind == "vote" and not of_stewards and not Known.objects.filter(item=cell.item_id).exists()


def has_a_part(person: Person, cell: Cell) -> bool:
    """Whether they judged the item, or wrote what is judged."""
    judged = Judgement.objects.filter(item=cell.item_id, person=person, undone_at=None).exists()
    return judged or cell.item.author_id == person.pk
