"""Doors for later chapters: closing cells, asking for more, and what lets a judgement count or not.

Each keeps the numbers of the cells true (`Cell.held`, `Cell.done`); who calls it says why.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from annotations.assignments.holding import lock_cells
from annotations.assignments.locks import rounds_of_cells
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement, Tombstone
from annotations.assignments.queries import PURGED
from annotations.corpus.models import Prompt
from annotations.people.models import Person


def close_cell(*, cell: Cell, settled_at: dt.datetime) -> None:
    """Quality's door: the cell has its verdict and gives no more seats. Seats still live run out by themselves."""
    Cell.objects.filter(pk=cell.pk).update(settled_at=settled_at)


@transaction.atomic
def hold_back(*, prompt: Prompt, reason: str) -> int:
    """Writing's door: items of this prompt give no seats any more. Returns how many cells that closed."""
    found = lock_cells(Cell.objects.filter(item__prompt=prompt).exclude(held_back=reason))
    return Cell.objects.filter(pk__in=found).update(held_back=reason)


def ask_more(*, cell: Cell, of_anchors: bool = False, votes: int = 1) -> None:
    """Reviewing's and quality's door: what was said is not enough, so another one is asked, or so many; from now on
    only those whose word is trusted, where it is theirs that lacks. A cell that was settled is open again."""
    more = {"for_anchors": True} if of_anchors else {}
    Cell.objects.filter(pk=cell.pk).update(needed=F("needed") + votes, settled_at=None, **more)


@transaction.atomic
def ask_anybody(*, campaigns: QuerySet[Campaign], but: QuerySet[Cell]) -> int:
    """Quality's door: in these campaigns nobody's word is waited for any more, and what was left for anchors is
    anybody's, `but` for these cells. Returns how many cells."""
    waiting = Cell.objects.filter(campaign__in=campaigns, settled_at=None, for_anchors=True)
    found = lock_cells(waiting.exclude(pk__in=but))
    return Cell.objects.filter(pk__in=found).update(for_anchors=False)


@transaction.atomic
def prove(*, person: Person) -> int:
    """Somebody looked at an account that came without a proof: what it gave counts where it is still wanted.

    Returns:
        How many of its judgements count now.
    """
    person = Person.objects.lock(person)
    person.is_proven = True
    person.save(update_fields=["is_proven"])
    waiting = Judgement.objects.filter(person=person, not_counted="unproven", undone_at=None)
    return count_again(judgements=waiting)


def _count_now(judgement: Judgement) -> bool:
    cell = Cell.objects.get(pk=judgement.cell_id)
    wanted = cell.settled_at is None and cell.held + cell.done < cell.needed and not cell.for_anchors
    if wanted:
        cell.done += 1
        cell.save(update_fields=["done"])
    judgement.counted, judgement.not_counted = wanted, "" if wanted else "settled" if cell.is_full else "no_room"
    judgement.save(update_fields=["counted", "not_counted"])
    return wanted


@transaction.atomic
def discount(*, judgement: Judgement, reason: str) -> bool:
    """Quality's door: a judgement no longer counts (its person withdrew); its cell is open for another, whoever that
    is: an anchor is asked again once it is full. False when it did not count any more already."""
    cell = Cell.objects.select_for_update().get(pk=judgement.cell_id)
    changed = Judgement.objects.filter(pk=judgement.pk, counted=True).update(counted=False, not_counted=reason)
    if changed:
        cell.done -= 1
        cell.settled_at, cell.for_anchors = None, False
        cell.save(update_fields=["done", "settled_at", "for_anchors"])
    return bool(changed)


@transaction.atomic
def discount_all(*, judgements: Collection[int], reason: str) -> dict[int, int]:
    """Quality's door: the same for many judgements at once, in a transaction that holds no cell yet. Returns those that
    counted until now, each with its cell."""
    places: dict[int, int] = {}
    for several in batches(list(judgements)):
        places |= dict(Judgement.objects.filter(pk__in=several).values_list("pk", "cell_id"))
    found: dict[int, int] = {}
    for several in batches(sorted(places, key=lambda pk: places[pk])):  # cells in the order of their ids
        found |= _discount(several, reason)
    return found


def _discount(judgements: Collection[int], reason: str) -> dict[int, int]:
    counted = Judgement.objects.filter(pk__in=judgements, counted=True)
    lock_cells(Cell.objects.filter(pk__in=list(counted.values_list("cell_id", flat=True))))
    found = dict(counted.values_list("pk", "cell_id"))
    Judgement.objects.filter(pk__in=found).update(counted=False, not_counted=reason)
    lost = Counter(found.values())
    for number in set(lost.values()):
        cells = [cell for cell, times in lost.items() if times == number]
        Cell.objects.filter(pk__in=cells).update(done=F("done") - number, settled_at=None, for_anchors=False)
    return found


class Was(NamedTuple):
    """What a judgement was before it was taken out: whether it counted, and if not, why."""

    counted: bool
    not_counted: str


@transaction.atomic
def take_out(*, judgements: Collection[int], beside: Q) -> dict[int, Was]:
    """Moderation's door: these answers, whether they count or not, stand no more (`PURGED`) until they are put back.
    Each of them is at a cell of its own, in a transaction that holds no cell yet. Returns what each was; those that
    somebody took back meanwhile, or that are out already, are left out.

    Args:
        beside: further cells that whoever calls will need, to be locked in the same round.
    """
    cells = Judgement.objects.filter(pk__in=judgements).values("cell_id")
    lock_cells(Cell.objects.filter(Q(pk__in=list(cells.values_list("cell_id", flat=True))) | beside))
    standing = Judgement.objects.filter(pk__in=judgements, undone_at=None).exclude(not_counted=PURGED)
    facts = standing.values_list("pk", "counted", "not_counted")
    was = {pk: Was(counted, why) for pk, counted, why in facts}
    _discount([pk for pk, each in was.items() if each.counted], PURGED)
    Judgement.objects.filter(pk__in=[pk for pk, each in was.items() if not each.counted]).update(not_counted=PURGED)
    return was


@transaction.atomic
def put_in_again(*, judgements: Mapping[int, Was], beside: Q) -> list[int]:
    """Moderation's door: answers that were taken out are what they were. One that counted counts, whatever came in its
    place: the newest live seats of its cell make room, and where others answered, the cell has needed one more. Returns
    the cells in which something counts again: what settled them meanwhile holds no more.

    Args:
        beside: as for `take_out`.
    """
    places = dict(Judgement.objects.filter(pk__in=judgements).values_list("pk", "cell_id"))
    lock_cells(Cell.objects.filter(Q(pk__in=places.values()) | beside))
    out = Judgement.objects.filter(pk__in=judgements, undone_at=None, not_counted=PURGED)
    there = set(out.values_list("pk", flat=True))
    for reason in {each.not_counted for each in judgements.values() if not each.counted}:
        same = [pk for pk, each in judgements.items() if pk in there and each.not_counted == reason]
        Judgement.objects.filter(pk__in=same).update(not_counted=reason)
    again = [pk for pk, each in judgements.items() if pk in there and each.counted]
    cells = [places[pk] for pk in again]
    _make_room(cells)
    Judgement.objects.filter(pk__in=again).update(counted=True, not_counted="")
    Cell.objects.filter(pk__in=cells).update(
        done=F("done") + 1, needed=Greatest(F("needed"), F("held") + F("done") + 1), settled_at=None
    )
    return cells


def _make_room(cells: Collection[int]) -> None:
    """The newest live seat of each cell that has no room is freed; its answer in turn stays welcome."""
    full = Cell.objects.filter(pk__in=cells, held__gt=0, held__gte=F("needed") - F("done"))
    live = Assignment.objects.filter(cell__in=full, state=Assignment.State.HELD)
    newest = dict(live.order_by("cell_id", "-claimed_at", "pk").distinct("cell_id").values_list("pk", "cell_id"))
    Assignment.objects.filter(pk__in=newest).update(state=Assignment.State.EXPIRED)
    Cell.objects.filter(pk__in=newest.values()).update(held=F("held") - 1)


@transaction.atomic
def take_back(*, judgement: Judgement, again: bool) -> bool:
    """Quality's door: somebody says this no more, settled or not; its row stays, marked as undone. Their seat is live
    for what they say in its place (`again`), or given up with the place that was asked for it; places that anchors were
    asked to fill because of it are none any more. Returns whether it counted until now: then what it settled holds no
    more."""
    cell = Cell.objects.select_for_update().get(pk=judgement.cell_id)
    judgement = Judgement.objects.select_for_update(of=("self",)).get(pk=judgement.pk)
    if judgement.undone_at:
        return False
    counted, state = judgement.counted, Assignment.State.RETURNED
    if counted:
        cell.done -= 1
        if again:
            cell.held, state = cell.held + 1, Assignment.State.HELD
        taken = cell.held + cell.done
        cell.needed = max(taken if cell.for_anchors else cell.needed - (not again), taken, 1)
        cell.settled_at, cell.for_anchors = None, False
        cell.save(update_fields=["done", "settled_at", "for_anchors", "held", "needed"])
    judgement.undone_at, judgement.counted, judgement.not_counted = timezone.now(), False, "undone"
    judgement.save(update_fields=["undone_at", "counted", "not_counted"])
    Assignment.objects.filter(pk=judgement.assignment_id).update(state=state)
    return counted


def batches(keys: Sequence[int], most: int = 1_000) -> Iterable[Sequence[int]]:
    """So many at a time: a statement takes 65,535 values at most, and reads a table whole for some thousands."""
    return (keys[start : start + most] for start in range(0, len(keys), most))


@transaction.atomic
def count_again(*, judgements: QuerySet[Judgement]) -> int:
    """Quality's door: judgements that did not count do so where they are still wanted. Returns how many."""
    lock_cells(Cell.objects.filter(pk__in=judgements.values("cell_id")))
    return sum(_count_now(judgement) for judgement in list(judgements.order_by("cell_id", "pk")))


@transaction.atomic
def erase_work(*, person: Person) -> list[int]:
    """Quality's door: all that a person judged goes, with receipts and seats, and each cell counts what is left; a
    tombstone names every judgement. Returns the cells that lost one that counted: what settled them holds no more."""
    person = Person.objects.lock(person)
    rounds_of_cells()
    held = Assignment.objects.filter(person=person, state=Assignment.State.HELD).values("cell_id")
    judged = Judgement.objects.filter(person=person)
    counted = judged.filter(counted=True).values("cell_id")
    # A person has one seat at an item and one judgement of it that counts, so a cell loses one of each at most.
    lock_cells(Cell.objects.filter(Q(pk__in=held) | Q(pk__in=counted)))
    reopened = sorted(counted.values_list("cell_id", flat=True))
    Cell.objects.filter(pk__in=held).update(held=F("held") - 1)
    Cell.objects.filter(pk__in=counted).update(done=F("done") - 1, settled_at=None, for_anchors=False)
    today = timezone.now().date()
    Tombstone.objects.bulk_create(
        (Tombstone(judgement_id=pk, cell_id=cell, received_at=received, erased_on=today)
         for pk, cell, received in judged.values_list("pk", "cell_id", "received_at").iterator()),
        batch_size=1_000,
    )  # fmt: skip
    judged.delete()
    Assignment.objects.filter(person=person).delete()
    return reopened
