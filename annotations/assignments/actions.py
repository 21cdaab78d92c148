"""Giving seats, taking answers, and what brings a seat back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds, opt_outs
from annotations.assignments.caps import ENOUGH, has_room, room_of
from annotations.assignments.competence.actions import confirm_by_quiz
from annotations.assignments.competence.queries import lacks_competence
from annotations.assignments.gold.actions import mix_in
from annotations.assignments.gold.queries import is_told
from annotations.assignments.locks import CLOCK
from annotations.assignments.models import (
    Assignment,
    Campaign,
    Cell,
    Draft,
    Judgement,
    Known,
    Receipt,
)
from annotations.assignments.queries import (
    PRACTICE,
    TEXTS,
    held_seats,
    judge_varieties,
    judged_here,
    next_lesson,
    open_campaigns,
    places,
    shown_seats,
)
from annotations.assignments.queue import Place, Queue, claim
from annotations.compiled import Compiled, columns_of, given, listed, squeezed
from annotations.errors import Refused
from annotations.people.anchors.queries import anchored_in, is_anchor
from annotations.people.models import Consent, Person, Variety
from annotations.people.queries import consent_for, lacking
from annotations.people.stewards.queries import closed_varieties

if TYPE_CHECKING:
    from annotations.assignments.packs.models import Pack

MAX_DRAFT = 64_000
"""Characters of a draft."""

_draw = random.SystemRandom()


# Seats --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def next_for(
    *,
    person: Person,
    campaign: Campaign | None = None,
    after: uuid.UUID | None = None,
    of_kinds: Collection[str] | None = None,
) -> Assignment | None:
    """The seat this person should sit at now: the one they hold, its lease renewed, or a new one.

    Args:
        campaign: only from this one; any open campaign when left out.
        after: the seat on the screen; asks for one more beside it (prefetch, two in all).
        of_kinds: only of these kinds; of any when left out.

    Returns:
        The seat, or None when there is nothing for them: every cell they may judge was looked at, the ones that
        others had locked at that moment too. Where the campaign has items to learn from, those come first.

    Raises:
        Refused: `consent_required`, `suspended`, `paused` (the person rests), `not_open` (the named campaign does
            not take answers now), `competence_required` (it asks only people whose knowledge is confirmed, theirs is in
            nothing it asks for, and no practice item of it is left for them).
    """
    person = Person.objects.lock(person)
    if person.paused_at:
        raise Refused("paused")
    now = timezone.now()
    campaigns = list(open_campaigns(now)) if campaign is None else _open(now=now, pk=campaign.pk)
    if campaign is not None and not campaigns:
        raise Refused("not_open", _("This campaign takes no answers at the moment."))
    closed, of_kinds = closed_varieties(), of_kinds or kinds.names()
    terms = _terms(person, campaigns, closed)
    campaigns = [each for each in campaigns if each.contribution_licence in terms]
    if seat := _seat_held(person, campaigns, terms, closed, of_kinds, after):
        return _renew(seat, seat.item.campaign)
    seat = _new_seat(person, campaigns, terms, closed, of_kinds)
    if seat is None and campaign is not None and campaign.asks_confirmed:
        require_competence(person, campaign, terms[campaign.contribution_licence].may_judge)
    return seat


_open = Compiled(lambda: open_campaigns(given("now")).filter(pk=given("pk")))


class _Terms(NamedTuple):
    """Under which consent somebody works, and what they may judge under it (`judge_varieties`)."""

    consent: Consent
    may_judge: Mapping[str, str]

    def here(self, person: Person, campaign: Campaign, closed: set[str]) -> Mapping[str, str]:
        """In this campaign: where it asks for it, only in what their knowledge is confirmed."""
        if not campaign.asks_confirmed:
            return self.may_judge
        return judged_here(person, campaign, closed, special=bool(self.consent.purposes.get("special")))


def _terms(person: Person, campaigns: Iterable[Campaign], closed: set[str]) -> dict[str, _Terms]:
    """By licence. Work under another licence does not stand in the way of work one has consented to; only where all
    does, we say so."""
    terms: dict[str, _Terms] = {}
    refusals: list[Refused] = []
    for each in {campaign.contribution_licence: campaign for campaign in campaigns}.values():
        try:
            terms[each.contribution_licence] = _terms_in(person, each, closed)
        except Refused as refused:
            refusals.append(refused)
    if refusals and not terms:
        raise refusals[0]
    return terms


def _terms_in(person: Person, campaign: Campaign, closed: set[str]) -> _Terms:
    consent = require_consent(person, campaign)
    may_judge = judge_varieties(person, closed, special=bool(consent.purposes.get("special")))
    if not may_judge and judge_varieties(person, closed):
        raise _no_consent(campaign, "special")
    return _Terms(consent, may_judge)


def _seat_held(
    person: Person,
    campaigns: Collection[Campaign],
    terms: Mapping[str, _Terms],
    closed: set[str],
    of_kinds: Collection[str],
    after: uuid.UUID | None,
) -> Assignment | None:
    """The oldest live seat at the table that can be shown, but for the one on the screen."""
    at_the_table, within = _held(person=person.pk), {each.pk for each in campaigns}
    others = [pk for pk, kind, where in at_the_table if pk != after and kind in of_kinds and where in within]
    if not others:  # asked first: the rest costs more and is seldom needed
        return None
    shown = shown_seats(person, closed).filter(pk__in=others).order_by("claimed_at", "id")
    consents = ((seat, terms[seat.item.campaign.contribution_licence].consent) for seat in shown)
    return next((seat for seat, consent in consents if not lacking(consent, seat.judge_variety)), None)


_held = Compiled(lambda: held_seats(given("person")).values_list("pk", "cell__kind", "cell__campaign"))


def _new_seat(
    person: Person,
    campaigns: Sequence[Campaign],
    terms: Mapping[str, _Terms],
    closed: set[str],
    of_kinds: Collection[str],
) -> Assignment | None:
    """In the first campaign that has work, and room for this person's; where it has items to learn from, those come
    before, and where it has gold, some of that in the work's place."""
    queues: list[Queue] = []
    lesson, room = None, room_of(person, campaigns)
    may_judge: dict[int, Mapping[str, str]] = {}
    for each in campaigns:
        under = terms[each.contribution_licence]
        if each.practice and (lesson := next_lesson(person, each, of_kinds, list(under.may_judge))):
            may_judge[each.pk] = under.may_judge
            break
        if room.get(each.pk) == 0:
            continue
        may_judge[each.pk] = under.here(person, each, closed)
        queues += [Queue(each.pk, kind, variety) for kind in of_kinds for variety in may_judge[each.pk]]
    claimed = partial(
        claim, person=person, queues=queues, closed=closed, anchored_in=_anchored_in(person, campaigns, may_judge),
        drawn_from={each.pk: each.drawn_from for each in campaigns},
    )  # fmt: skip
    found = mix_in(
        person=person, campaigns=campaigns, of_kinds=of_kinds, may_judge=may_judge, closed=closed, claim=claimed
    ) if queues else []  # fmt: skip
    state = Assignment.State.HELD
    if not found and lesson:
        found = [Place(lesson.pk, lesson.item_id, lesson.campaign_id, lesson.variety_id, places(lesson.item))]
        state = Assignment.State.OUTSIDE
    if not found:
        return None
    campaign = next(each for each in campaigns if each.pk == found[0].campaign)
    judged_as = may_judge[campaign.pk]
    until = _lease_end(campaign)
    return sit(person=person, campaign=campaign, at=found, may_judge=judged_as, until=until, state=state)[0]


def require_competence(person: Person, campaign: Campaign, may_judge: Mapping[str, str]) -> None:
    """`Refused("competence_required")` where a campaign asks only confirmed people, nothing of what it asks for is
    confirmed of this person, and none of its practice items is left for them, at whichever table."""
    confirmed = judged_here(person, campaign)
    if next_lesson(person, campaign, kinds.names(), list(may_judge)) is None and lacks_competence(
        campaign, may_judge, confirmed
    ):
        raise Refused("competence_required")


def _anchored_in(
    person: Person, campaigns: Iterable[Campaign], may_judge: Mapping[int, Mapping[str, str]]
) -> Collection[str]:
    """Where this person's word is trusted; asked only where some campaign waits for such."""
    waiting = [may_judge[each.pk] for each in campaigns if each.anchored and each.pk in may_judge]
    return anchored_in(person, {of: own for each in waiting for of, own in each.items()}) if waiting else []


def require_consent(person: Person, campaign: Campaign, variety: Variety | None = None) -> Consent:
    """The consent under which this person may take part in this campaign now, judging as a speaker of `variety`, or
    `Refused`, which names the licence and, where only that is lacking, the purpose."""
    if person.standing != Person.Standing.GOOD or not person.is_active:
        raise Refused("suspended")
    consent = consent_for(person, campaign.contribution_licence)
    if consent is None:
        raise _no_consent(campaign)
    if purpose := lacking(consent, variety):
        raise _no_consent(campaign, purpose)
    return consent


def _no_consent(campaign: Campaign, purpose: str = "") -> Refused:
    named = {"purpose": purpose} if purpose else {}
    return Refused("consent_required", errors={"licence": campaign.contribution_licence} | named)


def _renew(seat: Assignment, campaign: Campaign) -> Assignment:
    """A lease is never cut short: that of a pack is longer than the table's."""
    seat.expires_at = max(seat.expires_at, _lease_end(campaign))
    seat.save(update_fields=["expires_at"])
    return seat


def _lease_end(campaign: Campaign) -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=campaign.lease_minutes)


def sit(
    *,
    person: Person,
    campaign: Campaign,
    at: Sequence[Place],
    may_judge: Mapping[str, str],
    until: dt.datetime,
    state: Assignment.State = Assignment.State.HELD,
    pack: Pack | None = None,
) -> list[Assignment]:
    """The person's seats at these places of a campaign, which count them already. The order of the outputs is drawn
    once for a person and an item and stays: an answer given to an earlier sight of the same seat must mean what that
    person saw."""
    rows = [
        (uuid.uuid4(), place.item, place.cell, may_judge[place.variety], _in_some_order(place.outputs),
         place.probability, nth)
        for nth, place in enumerate(at)
    ]  # fmt: skip
    names = ("ids", "items", "cells", "judged_as", "shown", "probabilities", "nths")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    facts = {
        "person": person.pk, "how_many": len(at), "state": state.value, "now": timezone.now(), "until": until,
        "pack": None if pack is None else pack.pk,
    }  # fmt: skip
    seats: list[Any] = _seated(**columns, **facts) if rows else []
    for seat in seats:
        seat.item.campaign = campaign
    return seats


def _in_some_order(outputs: Sequence[int]) -> str:
    return listed(_draw.sample(outputs, len(outputs)))


# The limit is for the planner: for a list it knows it would plan anew each time; so it thinks of one row.
_seated = Compiled(
    lambda: (
        Assignment.objects.select_related("item__prompt", "cell", "judge_variety")
        .annotate(texts=TEXTS)
        .order_by("claimed_at")
    ),
    written="""
        INSERT INTO annotations_assignment AS a
               (id, item_id, cell_id, judge_variety_id, shown, offer_probability, claimed_at, offer_policy,
                person_id, state, expires_at, pack_id)
        SELECT id, item, cell, judged_as, shown::bigint[], probability, %(now)s + nth * interval '1 microsecond',
               CASE WHEN probability = 1 THEN 'in_order' ELSE 'drawn' END, %(person)s, %(state)s, %(until)s, %(pack)s
          FROM unnest(%(ids)s::uuid[], %(items)s::bigint[], %(cells)s::bigint[], %(judged_as)s::text[],
                      %(shown)s::text[], %(probabilities)s::float8[], %(nths)s::int[])
               AS seat (id, item, cell, judged_as, shown, probability, nth)
         LIMIT %(how_many)s
        ON CONFLICT (person_id, item_id) DO UPDATE
           SET cell_id = excluded.cell_id, judge_variety_id = excluded.judge_variety_id, state = excluded.state,
               claimed_at = excluded.claimed_at, expires_at = excluded.expires_at, pack_id = excluded.pack_id,
               offer_policy = excluded.offer_policy, offer_probability = excluded.offer_probability
        RETURNING *""",
)


@transaction.atomic
def give_back(*, person: Person, assignment_id: uuid.UUID) -> None:
    """Free a live seat without an answer, for instance a prefetched turn nobody looked at."""
    seat = _seat.first(pk=assignment_id, person=person.pk, key=None)
    if seat is None:
        raise Refused("not_found")
    if seat.state == Assignment.State.HELD:
        _leave(seat, Assignment.State.RETURNED)


def _own_seat(person: Person, assignment_id: uuid.UUID) -> Assignment:
    try:
        seats = Assignment.objects.select_for_update(of=("self",)).select_related("judge_variety")
        return seats.get(pk=assignment_id, person=person)
    except Assignment.DoesNotExist:
        raise Refused("not_found") from None


def _leave(seat: Assignment, state: Assignment.State) -> None:
    seat.state = state
    seat.save(update_fields=["state"])
    Cell.objects.filter(pk=seat.cell_id).update(held=F("held") - 1)


def expire_seats(*, now: dt.datetime | None = None) -> int:
    """Bring back seats whose lease ran out; their answers are still welcome when they come late. Returns how many."""
    due = list(
        Assignment.objects.filter(state=Assignment.State.HELD, expires_at__lt=now or timezone.now())
        .order_by("pk").values_list("pk", "cell_id")
    )  # fmt: skip
    expired = 0
    for pk, cell_id in due:
        with transaction.atomic():
            Cell.objects.select_for_update().get(pk=cell_id)
            seat = Assignment.objects.select_for_update().filter(pk=pk).first()  # none when its person was erased
            if seat and seat.state == Assignment.State.HELD and seat.expires_at < (now or timezone.now()):
                _leave(seat, Assignment.State.EXPIRED)
                expired += 1
    return expired


# Answers ------------------------------------------------------------------------------------------------------------


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
    return _receive_once(person, submission, answer, opt_out="")


def opt_out(*, person: Person, submission: Submission, code: str) -> Received:
    """Leave a seat with a reason (`opt_outs.csv`): it frees the seat, is kept as a judgement, and never counts."""
    if code not in opt_outs.codes():
        raise Refused("invalid", _("This way out is not known."), {"opt_out": "unknown"})
    return _receive_once(person, submission, {}, opt_out=code)


def _receive_once(person: Person, submission: Submission, answer: Mapping[str, Any], *, opt_out: str) -> Received:
    try:
        return _receive(person, submission, answer, opt_out=opt_out)
    except IntegrityError as error:
        # The key is looked up under the person's own lock; somebody else's use of it at this moment shows only here.
        if "annotations_receipt_pkey" in str(error):
            raise Refused("key_reused") from None
        raise


@transaction.atomic
def _receive(person: Person, submission: Submission, answer: Mapping[str, Any], *, opt_out: str) -> Received:
    person = Person.objects.lock(person)
    body_sha256 = _fingerprint(submission.assignment_id, answer, opt_out)
    seat = _seat.first(pk=submission.assignment_id, person=person.pk, key=submission.key)
    if (seat is None or seat.is_used) and (earlier := _receipt(person, submission.key, body_sha256)):
        return Received(earlier, is_new=False)
    if seat is None:
        raise Refused("not_found")
    if seat.state == Assignment.State.ANSWERED:
        raise Refused("already_judged")
    cell, campaign = seat.cell, seat.cell.campaign
    consent = require_consent(person, campaign, seat.judge_variety)
    kind = kinds.get(cell.kind)
    checked = None if opt_out else kind.check(answer, seat)
    late = seat.state != Assignment.State.HELD or seat.expires_at < timezone.now()
    reason = "opt_out" if opt_out else _unwanted(cell, seat, person)
    _count(cell, seat, counts=not reason)
    judgement = Judgement(
        person=person, campaign=campaign, item_id=cell.item_id, cell=cell, assignment=seat, kind=kind.name,
        opt_out=opt_out, judge_variety_id=seat.judge_variety_id, consent=consent,
        guideline_version=submission.guideline_version or kind.guideline_version, rubric_version=kind.rubric,
        language=submission.language, channel=submission.channel, shown=seat.shown, offer_policy=seat.offer_policy,
        offer_probability=seat.offer_probability, seconds=submission.seconds, client_at=submission.client_at,
        late=late, counted=not reason, not_counted=reason, trusted=_is_trusted(person, seat, campaign),
    )  # fmt: skip
    own = kind.made(judgement, checked) if kind.made and not opt_out else None
    _keep(judgement, own, submission.key, body_sha256)
    if kind.keep and not opt_out:
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


# With its cell, both locked; the cell first, which is the order everywhere, so that nobody waits in a circle. And
# whether the key of a submission `is_used`.
_seat = Compiled(
    lambda: (
        Assignment.objects.select_for_update(of=("cell", "self"))
        .select_related("cell__campaign", "judge_variety", "draft")
        .annotate(is_used=Exists(Receipt.objects.filter(pk=given("key"))))
        .filter(pk=given("pk"), person=given("person"))
    )
)


def _is_trusted(person: Person, seat: Assignment, campaign: Campaign) -> bool:
    return campaign.anchored > 0 and is_anchor(person, seat.judge_variety_id)


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
        Refused: `not_found`, `not_open` (it is part of a verdict already, or its person was told what was expected).
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
    seat = _own_seat(person, assignment_id)
    if seat.state == Assignment.State.ANSWERED:
        raise Refused("already_judged")
    draft = Draft.objects.filter(assignment=seat).first() or Draft(assignment=seat, person=person, version=0)
    if draft.version > version and draft.fields != fields:
        raise Refused("newer_draft", errors={"fields": draft.fields, "version": draft.version})
    draft.fields, draft.version, draft.saved_at = dict(fields), draft.version + 1, timezone.now()
    draft.save()
    if seat.state == Assignment.State.HELD:
        _renew(seat, Campaign.objects.get(items__pk=seat.item_id))
    return draft
