"""Hiding a record at once, and bringing it back by decision."""

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.holding import lock_cells, put_back, take_off
from annotations.assignments.locks import stamp
from annotations.assignments.models import Assignment, Cell, Item
from annotations.assignments.queue import offer_again
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.stewards.queries import still_hidden
from annotations.errors import Refused
from annotations.people.models import Person, Variety
from annotations.people.remits.queries import looks_after
from annotations.people.standing import require_standing
from annotations.people.stewards import actions as stewards
from annotations.people.stewards.models import StewardsDecision, StewardsLog
from annotations.people.stewards.queries import governed

MAY_LIFT = "annotations.change_hidden"


@transaction.atomic
def mark_restricted(*, person: Person, assignment_id: uuid.UUID, knowledge: str, text: str = "") -> Hidden:
    """Whoever was given an item says that it holds what is not for everybody; from this moment only stewards see it.

    Raises:
        Refused: `not_found` (no seat of this person), `suspended`, `invalid` (no such knowledge).
    """
    seat = Assignment.objects.select_related("item__variety").filter(pk=assignment_id, person=person).first()
    if seat is None:
        raise Refused("not_found")
    require_standing(person)
    if knowledge not in Hidden.Knowledge.values:
        raise Refused("invalid", _("Say what kind of knowledge it is."), {"knowledge": "unknown"})
    return _hide(seat.item, person, Hidden.Kind.RESTRICTED, knowledge, text)


@transaction.atomic
def withhold(*, person: Person, variety: Variety, campaign: str, record: str, code: str, text: str) -> Hidden:
    """A steward takes one record of their variety out, at once: it is offered to nobody and leaves with no release."""
    stewards.sit_as_steward(person=person, variety=variety)
    item = Item.objects.filter(variety=variety, campaign__slug=campaign, source_id=record).first()
    if item is None:
        raise Refused("invalid", _("There is no such record in this variety."), {"record": "unknown"})
    if code not in StewardsLog.Code.values:
        raise Refused("invalid", _("This reason is not known."), {"code": "unknown"})
    return _hide(item, person, Hidden.Kind.WITHHELD, code, text)


def _hide(item: Item, person: Person, kind: str, code: str, text: str) -> Hidden:
    """All items of the same question close. That locks who hides and then the cells, as everywhere, so that of two who
    hide at once the second finds the first's row."""
    person = Person.objects.lock(person)
    take_off(cells=Cell.objects.filter(item__prompt=item.prompt_id), reason=kind)
    if hidden := still_hidden().filter(item=item).first():
        return hidden
    hidden = Hidden.objects.create(item=item, kind=kind, code=code, text=text.strip(), hidden_by=person)
    # The log keeps words of office for ever. A contributor's stand in the row alone, and go when they are erased.
    words = text if kind == Hidden.Kind.WITHHELD else ""
    stewards.note(variety=item.variety, person=person, act="hide", about=f"hidden {hidden.pk}", code=code, text=words)
    return hidden


@transaction.atomic
def propose_restoring(*, person: Person, hidden: Hidden, reason: str) -> Hidden:
    """A steward asks the others to bring a record back; their quorum does."""
    variety = hidden.item.variety
    stewards.sit_as_steward(person=person, variety=variety)
    hidden = Hidden.objects.select_for_update(of=("self",)).get(pk=hidden.pk)
    if hidden.lifted_at or (hidden.restoring and hidden.restoring.revoked_at is None):
        raise Refused("not_open", _("This was asked already."))
    hidden.restoring = stewards.propose(
        person=person, variety=variety, kind=StewardsDecision.Kind.RESTORE, reason=reason
    )
    hidden.save(update_fields=["restoring"])
    return hidden


@transaction.atomic
def keep_hidden(*, person: Person, hidden: Hidden, reason: str) -> Hidden:
    """A steward (for a variety without, a moderator) looked at it and says that it stays hidden."""
    _decider(person, hidden)
    hidden = Hidden.objects.select_for_update(of=("self",)).get(pk=hidden.pk)
    hidden.kept_at = timezone.now()
    hidden.save(update_fields=["kept_at"])
    _tell(person, hidden, "keep", reason)
    return hidden


@transaction.atomic
def lift(*, moderator: Person, hidden: Hidden, reason: str) -> Hidden:
    """A moderator brings back a record of a variety that nobody governs. Where somebody does, only they can."""
    if governed().filter(pk=hidden.item.variety_id).exists():
        raise Refused("not_found")
    _decider(moderator, hidden)
    _tell(moderator, hidden, "lift", reason)
    return _lift(hidden)


@transaction.atomic
def answer(*, person: Person, decision: StewardsDecision, approves: bool) -> StewardsDecision:
    """A steward's yes or no, as `people.stewards.actions.answer`; what a quorum brings back is back at once.

    It takes the submit lock, as an answer to an item does, so that no decision appears behind a release's cutoff; the
    cells before it, as an answer does too.
    """
    lock_cells(Cell.objects.filter(item__prompt__in=still_hidden().filter(restoring=decision).values("item__prompt")))
    stamp()
    decision = stewards.answer(person=person, decision=decision, approves=approves)
    if decision.in_force_at and decision.kind == StewardsDecision.Kind.RESTORE:
        for hidden in still_hidden().filter(restoring=decision):
            _lift(hidden)
    return decision


def _decider(person: Person, hidden: Hidden) -> None:
    variety = hidden.item.variety
    if governed().filter(pk=variety.pk).exists():
        stewards.sit_as_steward(person=person, variety=variety)
    elif person.standing != Person.Standing.GOOD or not (person.has_perm(MAY_LIFT) and looks_after(person, variety.pk)):
        raise Refused("not_found")


def _tell(person: Person, hidden: Hidden, act: str, reason: str) -> None:
    if not reason.strip():
        raise Refused("invalid", _("A reason is needed."), {"reason": "empty"})
    stewards.note(variety=hidden.item.variety, person=person, act=act, about=f"hidden {hidden.pk}", text=reason)


def _lift(hidden: Hidden) -> Hidden:
    """Cells open again where nothing else hides their question; what was held back for another reason stays so."""
    cells = Cell.objects.filter(item__prompt=hidden.item.prompt_id)
    lock_cells(cells)
    hidden = Hidden.objects.select_for_update(of=("self",)).get(pk=hidden.pk)
    if hidden.lifted_at is None:
        hidden.lifted_at = timezone.now()
        hidden.save(update_fields=["lifted_at"])
    if not still_hidden().filter(item__prompt=hidden.item.prompt_id).exists():
        put_back(cells=cells, reasons=Hidden.Kind.values)
        offer_again(cells=cells)  # what was imported meanwhile was hidden too, and not held back
    return hidden


def forget_markings(person: Person) -> int:
    """The words in which somebody marked records go with them; what they marked stays hidden."""
    return Hidden.objects.filter(hidden_by=person).update(text="")
