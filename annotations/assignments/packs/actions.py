"""Taking a pack and giving it back."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.caps import has_room, room_of
from annotations.assignments.holding import lock_cells
from annotations.assignments.models import Assignment, Campaign, Cell
from annotations.assignments.packs.models import MOST_BYTES, Pack
from annotations.assignments.packs.queries import is_over, open_pack, room, unanswered
from annotations.assignments.queries import judge_varieties, judged_here, next_lesson, open_campaigns
from annotations.assignments.queue import Queue, claim
from annotations.assignments.seats import require_competence, require_consent, require_part, sit
from annotations.errors import Refused
from annotations.people.anchors.queries import anchored_in
from annotations.people.models import Consent, Person
from annotations.people.stewards.queries import closed_varieties

MOST: Final = 50
"""Items of a pack."""
DAYS: Final = 7
"""How long it may stay away."""

Weigh = Callable[[Sequence[Assignment]], int]
"""What these seats weigh as they travel, in bytes."""


@transaction.atomic
def take_pack(*, person: Person, campaign: Campaign, weigh: Weigh, at_most: int = MOST) -> Pack:
    """Seats of a campaign to be taken along for seven days: the first of the queue, at most so many, as many as
    packs may hold and as fit into 100 KB. What does not fit goes back to the queue.

    Raises:
        Refused: `consent_required`, `suspended`, `paused`, `not_open` (the campaign takes no answers now, there is a
            pack already, items to learn from come first, or nothing can be taken along at the moment),
            `competence_required` (`assignments/seats.py:require_competence`).
    """
    person = Person.objects.lock(person)
    # Whoever takes a pack of this campaign waits here, so that all together never take more than the share.
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    may_judge = _may_take(person, campaign)
    pack = Pack.objects.create(
        person=person, campaign=campaign, expires_at=timezone.now() + dt.timedelta(days=DAYS)
    )  # fmt: skip
    how_many = min(at_most, room(campaign), room_of(person, [campaign]).get(campaign.pk, MOST))
    queues = [Queue(campaign.pk, kind, variety) for kind in kinds.carried() for variety in may_judge if how_many]
    found = claim(
        person=person, queues=queues, closed=closed_varieties(), how_many=how_many,
        drawn_from={campaign.pk: campaign.drawn_from}, carried=True, waits=False,
        anchored_in=anchored_in(person, may_judge) if campaign.anchored else (),
    ) if queues else []  # fmt: skip
    seats = sit(
        person=person, campaign=campaign, at=found, may_judge=may_judge, until=pack.expires_at, pack=pack
    )  # fmt: skip
    pack.weight = _lighten(seats, weigh)
    if not seats:
        if not has_room(person, campaign):
            raise Refused("not_open", _("You have given as much here as one person may for now."))
        raise Refused("not_open", _("There is nothing to take along here at the moment."))
    pack.save(update_fields=["weight"])
    return pack


def _may_take(person: Person, campaign: Campaign) -> dict[str, str]:
    """What this person may judge in this campaign, or why they can take nothing along."""
    if person.paused_at:
        raise Refused("paused")
    require_part(person, campaign)
    if not open_campaigns().filter(pk=campaign.pk).exists():
        raise Refused("not_open", _("This campaign takes no answers at the moment."))
    consent: Consent = require_consent(person, campaign)
    earlier = open_pack(person)
    if earlier and not is_over(earlier):
        raise Refused("not_open", _("There is a pack already. One at a time: it can be finished or given back."))
    if earlier:
        _end(earlier)
    special = bool(consent.purposes.get("special"))
    may_judge = judge_varieties(person, special=special)
    if campaign.practice and next_lesson(person, campaign, kinds.carried(), list(may_judge)):
        raise Refused("not_open", _("Here one practises first, with the network: at the table."))
    if not campaign.asks_confirmed:
        return may_judge
    require_competence(person, campaign, may_judge)
    return judged_here(person, campaign, special=special)


def _lighten(seats: list[Assignment], weigh: Weigh) -> int:
    """Leave the last seats until the rest is light enough. Returns what it weighs."""
    while (weight := weigh(seats) if seats else 0) > MOST_BYTES:
        kept = min(len(seats) - 1, len(seats) * MOST_BYTES // weight)
        _return(seats[kept:])
        del seats[kept:]
    return weight


@transaction.atomic
def give_back_pack(*, person: Person) -> int:
    """Give back what is not done: others can have it at once. What was done and not sent yet stays welcome. Returns how
    many seats went back; 0 where there is no pack."""
    person = Person.objects.lock(person)
    pack = open_pack(person)
    return _end(pack) if pack else 0


def _end(pack: Pack) -> int:
    """Cells first, then seats: the order everywhere."""
    lock_cells(Cell.objects.filter(pk__in=unanswered(pack).values("cell_id")))
    seats = list(unanswered(pack).select_for_update())
    _return(seats)
    pack.ended_at = timezone.now()
    pack.save(update_fields=["ended_at"])
    return len(seats)


def _return(seats: Sequence[Assignment]) -> None:
    Cell.objects.filter(pk__in=[seat.cell_id for seat in seats]).update(held=F("held") - 1)
    Assignment.objects.filter(pk__in=[seat.pk for seat in seats]).update(state=Assignment.State.RETURNED)
