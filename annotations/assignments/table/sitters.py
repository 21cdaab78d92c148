"""Who sits at a table: a member, or a guest with their ten. The views know neither; both do the same four things."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from annotations.assignments import actions, kinds, seats
from annotations.assignments.actions import Submission
from annotations.assignments.addresses import address
from annotations.assignments.guests import actions as guests
from annotations.assignments.guests.models import Guest
from annotations.assignments.guests.queries import how_far, waiting_turns
from annotations.assignments.models import Assignment, Campaign
from annotations.assignments.notes.queries import nothing_left
from annotations.assignments.queries import held_seats, judgements_of, lesson_of, shown_seats
from annotations.assignments.tallies.queries import progress_of_cell
from annotations.errors import Refused
from annotations.people.accounts.places import place_of
from annotations.people.models import Person

GUESTS = "try"
"""The table of people without an account."""


class Given(NamedTuple):
    """An answer that was taken: whether it is new or was there already under its key, and what is to be learned from
    it, where the item is one to learn from."""

    is_new: bool
    lesson: Mapping[str, Any] | None = None


class Sitter(Protocol):
    """What a table needs of whoever sits there. Each raises `Refused` as the action behind it does."""

    @property
    def place(self) -> str:
        """Where in their browser waits what they have not sent (`people/accounts/places.py`)."""

    def next(self) -> Assignment | None: ...
    def seat(self, assignment_id: uuid.UUID) -> Assignment | None: ...
    def give(self, submission: Submission, answer: Mapping[str, Any] | None, way_out: str) -> Given: ...

    def find(self, assignment_id: uuid.UUID) -> Assignment | None:
        """A seat of theirs that can be shown: not answered, and nothing hides it."""

    def take_back(self, key: uuid.UUID) -> uuid.UUID:
        """Undo the answer under this key; returns its seat."""

    def begin(self, assignment_id: uuid.UUID, fields: Mapping[str, Any], version: int) -> int: ...
    def about(self, seat: Assignment | None) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Member:
    person: Person
    table: str
    campaign: Campaign | None

    @property
    def of_kinds(self) -> Collection[str]:
        return kinds.on(self.table)

    @property
    def place(self) -> str:
        return place_of(self.person)

    def next(self) -> Assignment | None:
        try:
            return seats.next_for(person=self.person, campaign=self.campaign, of_kinds=self.of_kinds)
        except Refused as refused:
            if refused.code not in ("not_open", "not_invited", "competence_required"):  # the empty table says why
                raise
            return None

    def seat(self, assignment_id: uuid.UUID) -> Assignment | None:
        seats = Assignment.objects.select_related("item__prompt", "item__campaign", "cell")
        return seats.filter(person=self.person, pk=assignment_id).first()

    def give(self, submission: Submission, answer: Mapping[str, Any] | None, way_out: str) -> Given:
        if way_out:
            return Given(actions.opt_out(person=self.person, submission=submission, code=way_out).is_new)
        received = actions.submit(person=self.person, submission=submission, answer=answer or {})
        return Given(received.is_new, lesson_of(received.judgement))

    def find(self, assignment_id: uuid.UUID) -> Assignment | None:
        seats = shown_seats(self.person).filter(item__kind__in=self.of_kinds)
        return seats.filter(pk=assignment_id).first()

    def take_back(self, key: uuid.UUID) -> uuid.UUID:
        """What waits on the screen goes back to the queue, unless something was begun there."""
        for waiting in held_seats(self.person, self.campaign, self.of_kinds).filter(draft=None):
            seats.give_back(person=self.person, assignment_id=waiting.pk)
        judgement = actions.undo(person=self.person, key=key)
        if not judgement.opt_out:
            kind = kinds.get(judgement.kind)
            if fields := kind.form.fields_of(kind.tell(judgement)):
                actions.keep_draft(person=self.person, assignment_id=judgement.assignment_id, fields=fields)
        return judgement.assignment_id

    def begin(self, assignment_id: uuid.UUID, fields: Mapping[str, Any], version: int) -> int:
        draft = actions.keep_draft(person=self.person, assignment_id=assignment_id, fields=fields, version=version)
        return draft.version

    def about(self, seat: Assignment | None) -> Mapping[str, Any]:
        return {
            "sent": judgements_of(self.person).filter(undone_at=None).count(),
            "progress": progress_of_cell(seat.cell) if seat else None,
            "nothing": None if seat else nothing_left(self.person, self.campaign, self.of_kinds),
        }


@dataclass(frozen=True)
class Visitor:
    """A guest at the table. What they begin stays in their browser."""

    guest: Guest
    campaign: Campaign | None

    @property
    def place(self) -> str:
        return place_of(self.guest)

    def next(self) -> Assignment | None:
        turn = guests.next_turn(guest=self.guest, campaign=self.campaign)
        return turn.as_seat() if turn else None

    def seat(self, assignment_id: uuid.UUID) -> Assignment | None:
        turns = self.guest.judgements.select_related("item__prompt", "item__campaign", "cell")
        turn = turns.filter(pk=assignment_id).first()
        return turn.as_seat() if turn else None

    def give(self, submission: Submission, answer: Mapping[str, Any] | None, way_out: str) -> Given:
        return Given(guests.answer(guest=self.guest, submission=submission, answer=answer, way_out=way_out))

    def find(self, assignment_id: uuid.UUID) -> Assignment | None:
        turn = waiting_turns(self.guest, kinds.for_guests()).filter(pk=assignment_id).first()
        return turn.as_seat() if turn else None

    def take_back(self, key: uuid.UUID) -> uuid.UUID:
        return guests.take_back(guest=self.guest, key=key).pk

    def begin(self, assignment_id: uuid.UUID, fields: Mapping[str, Any], version: int) -> int:
        raise Refused("not_found")

    def about(self, seat: Assignment | None) -> Mapping[str, Any]:
        slug = self.campaign.slug if self.campaign else None
        progress = how_far(self.guest)
        return {
            "guest": self.guest, "sent": progress.done, "progress": progress,
            "next_url": address("table", slug, "rate"), "door_url": address("guest_door", slug),
        }  # fmt: skip
