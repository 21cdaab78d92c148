"""What guests do, and what makes it an account's own."""

import datetime as dt
import random
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds, opt_outs
from annotations.assignments.actions import Submission, opt_out, submit
from annotations.assignments.caps import has_room
from annotations.assignments.guests.models import AT_MOST, Guest, GuestJudgement
from annotations.assignments.guests.queries import cells_for, free_varieties, guest_campaigns, waiting_turns
from annotations.assignments.guests.texts import guest_text
from annotations.assignments.holding import lock_cells
from annotations.assignments.models import Assignment, Campaign, Cell, Item
from annotations.assignments.queries import averts, judge_varieties, places
from annotations.assignments.seats import require_consent
from annotations.errors import Refused
from annotations.people.models import Person, Variety
from annotations.people.stewards.queries import closed_varieties

KEPT_FOR = dt.timedelta(days=30)
"""How long an answer waits to be claimed; the text guests agree to says the same."""

DRAWN_FROM = 1_000
"""Open cells a guest's next one is drawn from."""

_draw = random.SystemRandom()


@transaction.atomic
def begin(*, guest: Guest | None, variety: str, adult: bool, language: str | None) -> Guest:
    """Let somebody in who says that they are 18, speak this variety and agree to the short text; a guest who comes
    to the door again says so anew, and their ten go on.

    Raises:
        Refused: `invalid` (younger than 18, or not a variety a guest may choose); then no row is made.
    """
    if not adult:
        raise Refused("invalid", _("Taking part is for people of 18 or older."))
    if not free_varieties().filter(tag=variety).exists():
        raise Refused("invalid", _("Choose one of the varieties."), {"variety": "unknown"})
    text = guest_text(language)
    guest = _locked(guest) if guest else Guest()
    guest.variety_id, guest.agreed_at = variety, timezone.now()
    guest.text_version, guest.text_sha256, guest.language = text.version, text.sha256, text.language
    guest.save()
    return guest


def _locked(guest: Guest) -> Guest:
    """The guest's row, one change at a time; nobody's any more once it is claimed or deleted."""
    try:
        return Guest.objects.select_for_update(of=("self",)).select_related("variety").get(pk=guest.pk, person=None)
    except Guest.DoesNotExist:
        raise Refused("not_found") from None


def require_guests(campaign: Campaign) -> None:
    """`Refused("not_open")` where a campaign is not open to guests at this moment."""
    if not guest_campaigns(campaign).exists():
        raise Refused("not_open", _("Without an account one cannot try this campaign at the moment."))


# Turns and answers --------------------------------------------------------------------------------------------------


@transaction.atomic
def next_turn(*, guest: Guest, campaign: Campaign | None = None) -> GuestJudgement | None:
    """The turn this guest should see now: the one they have not answered, or a new one. None when their ten are
    shown, or nothing is left.

    The item is drawn at random among the newest thousand that are open to them: members come from the other end, so
    that what guests answer is still wanted when they claim it. It is neither locked nor counted.

    Raises:
        Refused: `not_open` (the named campaign takes no guests now), `not_found` (the guest was claimed or deleted).
    """
    guest = _locked(guest)
    if campaign:
        require_guests(campaign)
    if turn := waiting_turns(guest, kinds.for_guests(), campaign).first():
        return turn
    number = _free_number(guest)
    return _draw_turn(guest, campaign, number) if number else None


def _free_number(guest: Guest) -> int | None:
    """One of the ten that is not taken; what was shown and can be answered no more makes room."""
    still = list(waiting_turns(guest, kinds.for_guests()).values_list("pk", flat=True))
    guest.judgements.filter(given_at=None).exclude(pk__in=still).delete()
    free = set(range(1, AT_MOST + 1)) - set(guest.judgements.values_list("number", flat=True))
    return min(free, default=None)


def _draw_turn(guest: Guest, campaign: Campaign | None, number: int) -> GuestJudgement | None:
    newest = list(
        cells_for(guest, kinds.for_guests(), campaign).order_by("-pk").values_list("pk", flat=True)[:DRAWN_FROM]
    )
    if not newest:
        return None
    cell = Cell.objects.select_related("item__prompt").get(pk=_draw.choice(newest))
    shown = places(cell.item)
    _draw.shuffle(shown)
    return GuestJudgement.objects.create(
        guest=guest, number=number, item=cell.item, cell=cell, judge_variety=guest.variety, shown=shown,
        offer_probability=cell.item.pair_probability / len(newest), shown_at=timezone.now(),
        guideline_version=kinds.get(cell.kind).guideline_version,
    )  # fmt: skip


@transaction.atomic
def answer(*, guest: Guest, submission: Submission, answer: Mapping[str, Any] | None, way_out: str = "") -> bool:
    """Keep a guest's answer to a turn they were shown, checked by its kind, or their way out of it. False when the
    same key brought the same before.

    Raises:
        Refused: `not_found` (never shown to this guest), `invalid`, `already_judged`, `key_reused`.
    """
    guest = _locked(guest)
    turn = guest.judgements.select_related("item", "cell").filter(pk=submission.assignment_id).first()
    if turn is None:
        raise Refused("not_found")
    given = None if way_out else dict(answer or {})
    if earlier := guest.judgements.filter(key=submission.key).first():
        if (earlier.pk, earlier.answer, earlier.opt_out) != (turn.pk, given, way_out):
            raise Refused("key_reused")
        return False
    if turn.given_at:
        raise Refused("already_judged")
    _check(turn, given, way_out)
    turn.key, turn.answer, turn.opt_out = submission.key, given, way_out
    turn.language, turn.seconds, turn.given_at = submission.language, submission.seconds, timezone.now()
    turn.save()
    return True


def _check(turn: GuestJudgement, given: dict[str, Any] | None, way_out: str) -> None:
    if given is not None:
        kinds.get(turn.item.kind).check(given, turn.as_seat())
    elif way_out not in opt_outs.codes():
        raise Refused("invalid", _("This way out is not known."), {"opt_out": "unknown"})


@transaction.atomic
def take_back(*, guest: Guest, key: uuid.UUID) -> GuestJudgement:
    """Undo a guest's answer: the turn waits again. Raises `Refused("not_found")` where there is none under this key."""
    turn = _locked(guest).judgements.filter(key=key).select_related("item__prompt", "item__campaign", "cell").first()
    if turn is None:
        raise Refused("not_found")
    turn.key, turn.answer, turn.opt_out, turn.seconds, turn.given_at = None, None, "", None, None
    turn.save()
    return turn


# Claiming -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(*, person: Person, guest_id: uuid.UUID) -> int:
    """Make what this guest answered the person's own, now or when they are ready for it; returns how many judgements
    it became now. A guest is claimed once: again, in another tab, or by somebody else, nothing is there to claim."""
    Person.objects.lock(person)
    if Guest.objects.filter(pk=guest_id, person=None).update(person=person):
        GuestJudgement.objects.filter(guest=guest_id, given_at=None).delete()
    return complete(person=person)


@transaction.atomic
def complete(*, person: Person) -> int:
    """Turn what a person claimed into judgements, wherever they speak the variety, it takes contributions, and they
    consent under the campaign's licence. What has to wait waits, at most until its thirty days are over: in a campaign
    that asks only confirmed people meanwhile, or is not for everybody any more, all does. Returns how many it became.

    Where the person has a seat of their own at an item, theirs stands and the guest's answer goes.
    """
    if not Guest.objects.filter(person=person).exists():
        return 0
    person = Person.objects.lock(person)
    claimed = GuestJudgement.objects.filter(guest__person=person).select_related("item__campaign", "cell")
    closed, became = closed_varieties(), 0
    claimed = claimed.exclude(item__variety__in=closed).exclude(item__campaign__asks_confirmed=True)
    claimed = claimed.filter(item__campaign__access=Campaign.Access.OPEN)
    may_judge = judge_varieties(person, closed)
    ready = [
        turn for turn in claimed.order_by("given_at")
        if (judge_as := may_judge.get(turn.cell.variety_id)) and _has_consent(person, turn.item.campaign, judge_as)
    ]  # fmt: skip
    # All before the first answer is stamped, so that nobody waits for a cell while they hold the submit lock.
    locked = lock_cells(Cell.objects.filter(pk__in=[turn.cell_id for turn in ready])) if ready else []
    cells = Cell.objects.in_bulk(locked)
    for turn in ready:
        became += _become(person, turn, cells[turn.cell_id], may_judge)
        turn.delete()
    Guest.objects.filter(person=person, judgements=None).delete()
    return became


def _has_consent(person: Person, campaign: Campaign, judge_variety: str) -> bool:
    with suppress(Refused):
        return bool(require_consent(person, campaign, Variety.objects.get(pk=judge_variety)))
    return False


def _become(person: Person, turn: GuestJudgement, cell: Cell, may_judge: Mapping[str, str]) -> bool:
    """False where the person met the item themselves, wrote what is judged there or never wants to see it again, or the
    kind or the key's owner no longer agree."""
    met = Assignment.objects.filter(person=person, item=turn.item_id)
    averted = Item.objects.filter(averts(person, "pk"), pk=turn.item_id)
    if turn.item.author_id == person.pk or met.exists() or averted.exists():
        return False
    submission = Submission(
        key=turn.key or turn.pk, assignment_id=turn.pk, language=turn.language, seconds=turn.seconds,
        client_at=turn.given_at, guideline_version=turn.guideline_version,
    )  # fmt: skip
    with suppress(Refused), transaction.atomic():
        _sit(person, turn, cell, may_judge)
        if turn.opt_out:
            opt_out(person=person, submission=submission, code=turn.opt_out)
        else:
            submit(person=person, submission=submission, answer=turn.answer or {})
        return True
    return False


def _sit(person: Person, turn: GuestJudgement, cell: Cell, may_judge: Mapping[str, str]) -> None:
    """A seat for an answer that is there already: held where the cell has room, and the person's share of the campaign,
    else outside, so that it takes the place of nobody who sits there now."""
    seat = turn.as_seat()
    seat.person, seat.expires_at = person, timezone.now() + dt.timedelta(minutes=1)
    if seat.judge_variety_id not in may_judge.values():
        seat.judge_variety_id = may_judge[cell.variety_id]
    held = cell.open and not cell.for_anchors and has_room(person, turn.item.campaign)
    seat.state = Assignment.State.HELD if held else Assignment.State.OUTSIDE
    seat.save(force_insert=True)
    if held:
        Cell.objects.filter(pk=cell.pk).update(held=F("held") + 1)


# The end ------------------------------------------------------------------------------------------------------------


def delete_unclaimed(*, now: dt.datetime | None = None) -> int:
    """Delete what nobody made their own in thirty days, answered or not, and guests who have nothing left. Returns
    how many judgements went."""
    until = (now or timezone.now()) - KEPT_FOR
    gone, _by_model = GuestJudgement.objects.filter(shown_at__lt=until).delete()
    Guest.objects.filter(agreed_at__lt=until, judgements=None).delete()
    return gone
