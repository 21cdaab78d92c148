"""Taking answers, and taking them back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds, opt_outs
from annotations.assignments.caps import ENOUGH, has_room
from annotations.assignments.competence.actions import confirm_by_quiz
from annotations.assignments.gold.queries import is_told
from annotations.assignments.locks import CLOCK
from annotations.assignments.models import Assignment, Campaign, Cell, Draft, Judgement, Known, Receipt
from annotations.assignments.queries import PRACTICE, PURGED, judged_here
from annotations.assignments.seats import locked_seat, next_for, own_seat, renew, require_consent, seat_at_once
from annotations.compiled import columns_of, squeezed
from annotations.errors import Refused
from annotations.people.anchors.queries import is_anchor
from annotations.people.models import Person

MAX_DRAFT = 64_000
"""Characters of a draft."""


class Submission(NamedTuple):
    """What comes with an answer beside the answer. Times in seconds; `client_at` is the client's own clock;
    `guideline_version` only where the answer was given under another than today's."""

    key: uuid.UUID
    assignment_id: uuid.UUID
    channel: str = Judgement.Channel.WEB
    language: str = "es"
    seconds: float | None = None
    client_at: dt.datetime | None = None
    guideline_version: str = ""


class Received(NamedTuple):
    """The judgement a submission became, and whether it is new or was there already."""

    judgement: Judgement
    is_new: bool


def submit(*, person: Person, submission: Submission, answer: Mapping[str, Any]) -> Received:
    """Take an answer of any kind to a seat: the kind checks it, one transaction keeps it.

    Sending the same key again returns the first judgement. An answer to a seat that was really given is never lost:
    while the cell has room, and the person's share of the campaign (`caps.py`), it counts, even late; afterwards it is
    kept and does not count.

    Raises:
        Refused: `not_found` (not this person's seat), `invalid`, `consent_required`, `suspended`, `already_judged`,
            `key_reused` (the same key with another answer).
    """
    return _receive_once(person, submission, answer)


def opt_out(*, person: Person, submission: Submission, code: str) -> Received:
    """Leave a seat with a reason (`opt_outs.csv`): it frees the seat, is kept as a judgement, and never counts."""
    return _receive_once(person, submission, {}, _known(code))


def _known(code: str) -> str:
    if code not in opt_outs.codes():
        raise Refused("invalid", _("This way out is not known."), {"opt_out": "unknown"})
    return code


def submit_and_next(
    *, person: Person, submission: Submission, answer: Mapping[str, Any], code: str = ""
) -> tuple[Received, Assignment | None]:
    """Take an answer, or with a code a way out, and give the next seat in its campaign: in one transaction where that
    can be had at once. Else one after the other: whatever comes in the way of the seat, the answer is kept. That there
    is no seat for this person is no error here.

    Raises:
        Refused: as `submit` and `opt_out`.
    """
    way_out = code and _known(code)
    try:
        with transaction.atomic():
            locked = Person.objects.lock(person)
            received = _receive(locked, submission, answer, way_out)
            seat = seat_at_once(person=locked, campaign=received.judgement.campaign)
    except DatabaseError:  # of either of them: it shows whose it was
        received, seat = _receive_once(person, submission, answer, way_out), None
    with suppress(Refused):
        seat = seat or next_for(person=person, campaign=received.judgement.campaign)
    return received, seat


def _receive_once(person: Person, submission: Submission, answer: Mapping[str, Any], way_out: str = "") -> Received:
    try:
        with transaction.atomic():
            return _receive(Person.objects.lock(person), submission, answer, way_out)
    except IntegrityError as error:
        # The key is looked up under the person's own lock; somebody else's use of it at this moment shows only here.
        if "annotations_receipt_pkey" in str(error):
            raise Refused("key_reused") from None
        raise


def _receive(person: Person, submission: Submission, answer: Mapping[str, Any], way_out: str = "") -> Received:
    body_sha256 = _fingerprint(submission.assignment_id, answer, way_out)
    seat = locked_seat.first(pk=submission.assignment_id, person=person.pk, key=submission.key)
    if (seat is None or seat.is_used) and (earlier := _receipt(person, submission.key, body_sha256)):
        return Received(earlier, is_new=False)
    if seat is None:
        raise Refused("not_found")
    if seat.state == Assignment.State.ANSWERED:
        raise Refused("already_judged")
    cell, campaign = seat.cell, seat.cell.campaign
    consent = require_consent(person, campaign, seat.judge_variety)
    kind = kinds.get(cell.kind)
    checked = None if way_out else kind.check(answer, seat)
    late = seat.state != Assignment.State.HELD or seat.expires_at < timezone.now()
    reason = "opt_out" if way_out else _unwanted(cell, seat, person)
    _count(cell, seat, counts=not reason)
    judgement = Judgement(
        person=person, campaign=campaign, item_id=cell.item_id, cell=cell, assignment=seat, kind=kind.name,
        opt_out=way_out, judge_variety_id=seat.judge_variety_id, consent=consent,
        guideline_version=submission.guideline_version or kind.guideline_version, rubric_version=kind.rubric,
        language=submission.language, channel=submission.channel, shown=seat.shown, offer_policy=seat.offer_policy,
        offer_probability=seat.offer_probability, seconds=submission.seconds, client_at=submission.client_at,
        late=late, counted=not reason, not_counted=reason, trusted=_is_trusted(person, seat, campaign, submission),
    )  # fmt: skip
    own = kind.made(judgement, checked) if kind.made and not way_out else None
    _keep(judgement, own, submission.key, body_sha256)
    if kind.keep and not way_out:
        kind.keep(judgement, checked)
    if campaign.asks_confirmed and cell.held_back == PRACTICE:
        confirm_by_quiz(person=person, campaign=campaign, variety=cell.variety)
    if hasattr(seat, "draft"):
        seat.draft.delete()
    return Received(judgement, is_new=True)


def _keep(judgement: Judgement, own: Model | None, key: uuid.UUID, body_sha256: str) -> None:
    """Stamp a judgement and write it, with its receipt and its kind's own row where there is one; and with the numbers
    of its cell, whose seat is closed. All in one statement."""
    cell, facts = judgement.cell, columns_of(judgement, but=("id", "received_at"))
    row = {} if own is None else columns_of(own, but=("judgement_id",))
    sql = _KEPT.format(
        facts=", ".join(facts), values=", ".join("%s" for _each in facts),
        own="" if own is None else f", own AS ({_own(own, row)})",
    )  # fmt: skip
    seat: list[Any] = [judgement.assignment_id, cell.held, cell.done, cell.pk]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*seat, *facts.values(), key, body_sha256, *row.values()])
        judgement.pk, judgement.received_at = cursor.fetchone()
    judgement._state.adding = False
    if own is not None:
        own.pk, own._state.adding = judgement.pk, False


def _own(row: Model, columns: Collection[str]) -> str:
    values = ", ".join(["id", *("%s" for _each in columns)])
    names = ", ".join(["judgement_id", *columns])
    return f"INSERT INTO {row._meta.db_table} ({names}) SELECT {values} FROM judged"  # noqa: S608 -- our own names


_KEPT = squeezed(f"""
    WITH {CLOCK}, seat AS (
        UPDATE annotations_assignment SET state = 'answered' WHERE id = %s
    ), cell AS (
        UPDATE annotations_cell SET held = %s, done = %s WHERE id = %s
    ), judged AS (
        INSERT INTO annotations_judgement ({{facts}}, received_at) SELECT {{values}}, now FROM clock
        RETURNING id, person_id, received_at
    ), receipt AS (
        INSERT INTO annotations_receipt (key, judgement_id, person_id, body_sha256)
        SELECT %s, id, person_id, %s FROM judged
    ){{own}}
    SELECT id, received_at FROM judged""")  # noqa: S608 -- put together from our own names


def _is_trusted(person: Person, seat: Assignment, campaign: Campaign, submission: Submission) -> bool:
    """An anchor's word, where the campaign has them check, or asked them at the desk of the experts."""
    asked = campaign.anchored > 0 or submission.channel == Judgement.Channel.ARGILLA
    return asked and is_anchor(person, seat.judge_variety_id)


def _unwanted(cell: Cell, seat: Assignment, person: Person) -> str:
    """Why an answer to this seat does not count, or nothing. Whoever gave up a seat gets no other through it: what they
    could not be given now is not theirs to fill."""
    known = Known.objects.filter(item=cell.item_id).first() if cell.held_back else None
    if known:  # for whatever else it is held back too
        return known.purpose
    if cell.is_full:
        return "settled"
    if seat.state != Assignment.State.HELD and not has_room(person, cell.campaign):
        return ENOUGH
    if seat.state == Assignment.State.OUTSIDE or (
        seat.state != Assignment.State.HELD and not _is_theirs(cell, seat, person)
    ):
        return "no_room"
    return "" if person.is_proven else "unproven"


def _is_theirs(cell: Cell, seat: Assignment, person: Person) -> bool:
    """Whether the cell asks somebody like this person now: an anchor, a confirmed speaker."""
    if cell.for_anchors and not is_anchor(person, seat.judge_variety_id):
        return False
    return not cell.campaign.asks_confirmed or cell.variety_id in judged_here(person, cell.campaign)


def _fingerprint(assignment_id: uuid.UUID, answer: Mapping[str, Any], opt_out: str) -> str:
    body = [str(assignment_id), dict(answer), opt_out]
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode(errors="replace")).hexdigest()


def _receipt(person: Person, key: uuid.UUID, body_sha256: str) -> Judgement | None:
    receipt = Receipt.objects.filter(pk=key).select_related("judgement").first()
    if receipt is None:
        return None
    if receipt.person_id != person.pk or receipt.body_sha256 != body_sha256:
        raise Refused("key_reused")
    return receipt.judgement


def _count(cell: Cell, seat: Assignment, *, counts: bool) -> None:
    """Close the seat and move the cell's numbers, which are written with the judgement. A late answer takes its place
    back: where the seat was meanwhile given to somebody else, the newest live seat is freed, and its answer in turn
    stays welcome."""
    if seat.state == Assignment.State.HELD:
        cell.held -= 1
    if counts:
        cell.done += 1
        for surplus in _newest_seats(cell, seat, cell.held + cell.done - cell.needed):
            surplus.state = Assignment.State.EXPIRED
            surplus.save(update_fields=["state"])
            cell.held -= 1
    seat.state = Assignment.State.ANSWERED


def _newest_seats(cell: Cell, but: Assignment, how_many: int) -> Iterable[Assignment]:
    if how_many <= 0:
        return []
    live = cell.assignments.select_for_update().filter(state=Assignment.State.HELD).exclude(pk=but.pk)
    return list(live.order_by("-claimed_at")[:how_many])


@transaction.atomic
def undo(*, person: Person, key: uuid.UUID) -> Judgement:
    """Take back a judgement that is not settled yet; its seat is live again. The row stays, marked as undone.

    Raises:
        Refused: `not_found`, `not_open` (it is part of a verdict already, or its person was told what was expected,
            or the team took it out).
    """
    person = Person.objects.lock(person)
    try:
        found = Judgement.objects.get(receipts__pk=key, person=person)
    except Judgement.DoesNotExist:
        raise Refused("not_found") from None
    cell = Cell.objects.select_for_update().get(pk=found.cell_id)
    judgement = Judgement.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if judgement.undone_at:
        return judgement
    if cell.settled_at or is_told(judgement):
        raise Refused("not_open", _("This answer is settled already."))
    if judgement.not_counted == PURGED:
        raise Refused("not_open", _("This answer was taken out by the team."))
    if counted := judgement.counted:
        cell.done, cell.for_anchors = cell.done - 1, False
    judgement.undone_at = timezone.now()
    judgement.counted, judgement.not_counted = False, "undone"
    judgement.save(update_fields=["undone_at", "counted", "not_counted"])
    in_share = counted or has_room(person, judgement.campaign)
    _reopen_seat(judgement, cell, in_share=in_share)
    cell.save(update_fields=["held", "done", "for_anchors"])
    return judgement


def _reopen_seat(judgement: Judgement, cell: Cell, *, in_share: bool) -> None:
    """Live again where the cell has room for it, and the person's share of the campaign."""
    seat = Assignment.objects.select_for_update().get(pk=judgement.assignment_id)
    seat.pack = None  # what is taken back lies on the table
    if in_share and not cell.for_anchors and cell.held + cell.done < cell.needed:
        cell.held += 1
        seat.state = Assignment.State.HELD
        seat.expires_at = timezone.now() + dt.timedelta(minutes=judgement.campaign.lease_minutes)
    else:
        seat.state = Assignment.State.EXPIRED
    seat.save(update_fields=["state", "expires_at", "pack"])


@transaction.atomic
def keep_draft(*, person: Person, assignment_id: uuid.UUID, fields: Mapping[str, Any], version: int = 0) -> Draft:
    """Keep what somebody has begun at their seat, and the seat with it: whoever writes is still there.

    Args:
        fields: of the answer's form, by name, as they were typed.
        version: of the draft this one goes on from; 0 when there was none.

    Raises:
        Refused: `not_found`, `already_judged`, `invalid` (too long), `newer_draft` (another tab or phone saved since;
            `errors` holds what it saved, so that whoever types can see both).
    """
    if sum(len(str(value)) for value in fields.values()) > MAX_DRAFT:
        raise Refused("invalid", _("This is longer than a draft can be."))
    person = Person.objects.lock(person)
    seat = own_seat(person, assignment_id)
    if seat.state == Assignment.State.ANSWERED:
        raise Refused("already_judged")
    draft = Draft.objects.filter(assignment=seat).first() or Draft(assignment=seat, person=person, version=0)
    if draft.version > version and draft.fields != fields:
        raise Refused("newer_draft", errors={"fields": draft.fields, "version": draft.version})
    draft.fields, draft.version, draft.saved_at = dict(fields), draft.version + 1, timezone.now()
    draft.save()
    if seat.state == Assignment.State.HELD:
        renew(seat, Campaign.objects.get(items__pk=seat.item_id))
    return draft
