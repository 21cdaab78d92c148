"""Giving seats, and what brings one back."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, F, Func, QuerySet, TextField, Value
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments import kinds
from annotations.assignments.admissions.queries import takes_part
from annotations.assignments.caps import room_of
from annotations.assignments.competence.queries import lacks_competence
from annotations.assignments.gold.actions import mix_in
from annotations.assignments.models import Assignment, Campaign, Cell, Receipt
from annotations.assignments.queries import (
    TEXTS,
    held_seats,
    judge_varieties,
    judged_here,
    next_lesson,
    open_to,
    places,
    shown_seats,
)
from annotations.assignments.queue import Place, Queue, claim
from annotations.compiled import Compiled, given, listed
from annotations.errors import Refused
from annotations.people.anchors.queries import anchored_in
from annotations.people.models import Consent, Person, Variety
from annotations.people.queries import consent_for, lacking, spoken_by
from annotations.people.standing import require_standing
from annotations.people.stewards.queries import closed_to

if TYPE_CHECKING:
    from annotations.assignments.packs.models import Pack

_draw = random.SystemRandom()


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
        Refused: `consent_required`, `suspended`, `paused` (the person rests), `not_invited` (the named campaign is
            not for everybody, and they were not let in), `not_open` (it does not take answers now),
            `competence_required` (it asks only people whose knowledge is confirmed, theirs is in nothing it asks for,
            and no practice item of it is left for them).
    """
    return _next(Person.objects.lock(person), campaign, after, of_kinds or kinds.names())


def seat_at_once(*, person: Person, campaign: Campaign) -> Assignment | None:
    """The same inside a transaction that holds the person's row and a cell: nobody is waited for, so that nobody waits
    in a circle. None where there is nothing, or nothing without waiting, and where `next_for` would say why."""
    with suppress(Refused):
        return _next(person, campaign, None, kinds.names(), waits=False)
    return None


def _next(
    person: Person, campaign: Campaign | None, after: uuid.UUID | None, of_kinds: Collection[str], *, waits: bool = True
) -> Assignment | None:
    if person.paused_at:
        raise Refused("paused")
    table = _table_of(person, campaign)
    terms = _terms(person, table)
    table = table._replace(campaigns=[each for each in table.campaigns if each.contribution_licence in terms])
    if seat := _seat_held(person, table, terms, of_kinds, after):
        return renew(seat, seat.item.campaign)
    seat = _new_seat(person, table, terms, of_kinds, waits=waits)
    if seat is None and campaign is not None and campaign.asks_confirmed:
        require_competence(person, campaign, terms[campaign.contribution_licence].may_judge)
    return seat


class _Table(NamedTuple):
    """What there is for somebody at the moment they ask: open campaigns, the varieties that are closed, the lineages of
    those they speak, and their live seats (id, kind, campaign), the oldest first."""

    campaigns: Sequence[Campaign]
    closed: set[str]
    spoken: Sequence[Sequence[str]]
    held: Sequence[tuple[uuid.UUID, str, int]]


def _table_of(person: Person, campaign: Campaign | None) -> _Table:
    facts = {"person": person.pk, "now": timezone.now()}
    campaigns = _open(**facts) if campaign is None else _open_one(**facts, pk=campaign.pk)
    if not campaigns:
        if campaign is not None:
            require_part(person, campaign)
            raise Refused("not_open", _("This campaign takes no answers at the moment."))
        return _Table([], set(), [], [])
    told: Any = campaigns[0]  # the same with each
    held = [(uuid.UUID(each["pk"]), each["kind"], each["campaign"]) for each in told.held]
    return _Table(campaigns, set(told.closed), [line.split() for line in told.spoken], held)


def _with_the_rest(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Campaigns, and with them what `_Table` tells: one question, where four took three times as long."""
    line = Func("variety__lineage", Value(" "), function="array_to_string", output_field=TextField())
    seat = JSONObject(pk="pk", kind="cell__kind", campaign="cell__campaign")
    return campaigns.annotate(
        closed=ArraySubquery(closed_to("takes_contributions")),
        spoken=ArraySubquery(spoken_by(given("person")).values(line=line)),
        held=ArraySubquery(held_seats(given("person")).values(seat=seat)),
    )


_open = Compiled(lambda: _with_the_rest(open_to(given("person"), given("now"))))
_open_one = Compiled(lambda: _with_the_rest(open_to(given("person"), given("now")).filter(pk=given("pk"))))


class _Terms(NamedTuple):
    """Under which consent somebody works, and what they may judge under it (`judge_varieties`)."""

    consent: Consent
    may_judge: Mapping[str, str]

    def here(self, person: Person, campaign: Campaign, table: _Table) -> Mapping[str, str]:
        """In this campaign: where it asks for it, only in what their knowledge is confirmed."""
        if not campaign.asks_confirmed:
            return self.may_judge
        special = bool(self.consent.purposes.get("special"))
        return judged_here(person, campaign, table.closed, special=special, spoken=table.spoken)


def _terms(person: Person, table: _Table) -> dict[str, _Terms]:
    """By licence. Work under another licence does not stand in the way of work one has consented to; only where all
    does, we say so."""
    terms: dict[str, _Terms] = {}
    refusals: list[Refused] = []
    for each in {campaign.contribution_licence: campaign for campaign in table.campaigns}.values():
        try:
            terms[each.contribution_licence] = _terms_in(person, each, table)
        except Refused as refused:
            refusals.append(refused)
    if refusals and not terms:
        raise refusals[0]
    return terms


def _terms_in(person: Person, campaign: Campaign, table: _Table) -> _Terms:
    consent = require_consent(person, campaign)
    special = bool(consent.purposes.get("special"))
    may_judge = judge_varieties(person, table.closed, special=special, spoken=table.spoken)
    if not may_judge and judge_varieties(person, table.closed, spoken=table.spoken):
        raise _no_consent(campaign, "special")
    return _Terms(consent, may_judge)


def _seat_held(
    person: Person,
    table: _Table,
    terms: Mapping[str, _Terms],
    of_kinds: Collection[str],
    after: uuid.UUID | None,
) -> Assignment | None:
    """The oldest live seat at the table that can be shown, but for the one on the screen."""
    within = {each.pk for each in table.campaigns}
    others = [pk for pk, kind, where in table.held if pk != after and kind in of_kinds and where in within]
    if not others:  # looked at first: the rest costs more and is seldom needed
        return None
    shown = shown_seats(person, table.closed).filter(pk__in=others).order_by("claimed_at", "id")
    consents = ((seat, terms[seat.item.campaign.contribution_licence].consent) for seat in shown)
    return next((seat for seat, consent in consents if not lacking(consent, seat.judge_variety)), None)


def _new_seat(
    person: Person,
    table: _Table,
    terms: Mapping[str, _Terms],
    of_kinds: Collection[str],
    *,
    waits: bool,
) -> Assignment | None:
    """In the first campaign that has work, and room for this person's; where it has items to learn from, those come
    before, and where it has gold, some of that in the work's place."""
    campaigns, closed = table.campaigns, table.closed
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
        may_judge[each.pk] = under.here(person, each, table)
        queues += [Queue(each.pk, kind, variety) for kind in of_kinds for variety in may_judge[each.pk]]
    claimed = partial(
        claim, person=person, queues=queues, closed=closed, anchored_in=_anchored_in(person, campaigns, may_judge),
        drawn_from={each.pk: each.drawn_from for each in campaigns}, waits=waits,
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


def require_part(person: Person, campaign: Campaign) -> None:
    """`Refused("not_invited")` where a campaign is not for everybody and this person was not let in."""
    if not takes_part(person, campaign):
        raise Refused("not_invited")


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
    require_standing(person)
    consent = consent_for(person, campaign.contribution_licence)
    if consent is None:
        raise _no_consent(campaign)
    if purpose := lacking(consent, variety):
        raise _no_consent(campaign, purpose)
    return consent


def _no_consent(campaign: Campaign, purpose: str = "") -> Refused:
    named = {"purpose": purpose} if purpose else {}
    return Refused("consent_required", errors={"licence": campaign.contribution_licence} | named)


def renew(seat: Assignment, campaign: Campaign) -> Assignment:
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
    person saw. A seat's chance is that of its place, times that with which the outputs were drawn to meet."""
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
        SELECT seat.id, item, cell, judged_as, shown::bigint[], probability * i.pair_probability,
               %(now)s + nth * interval '1 microsecond',
               CASE WHEN probability = 1 THEN 'in_order' ELSE 'drawn' END, %(person)s, %(state)s, %(until)s, %(pack)s
          FROM unnest(%(ids)s::uuid[], %(items)s::bigint[], %(cells)s::bigint[], %(judged_as)s::text[],
                      %(shown)s::text[], %(probabilities)s::float8[], %(nths)s::int[])
               AS seat (id, item, cell, judged_as, shown, probability, nth)
          JOIN annotations_item i ON i.id = seat.item
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
    seat = locked_seat.first(pk=assignment_id, person=person.pk, key=None)
    if seat is None:
        raise Refused("not_found")
    if seat.state == Assignment.State.HELD:
        _leave(seat, Assignment.State.RETURNED)


# With its cell, both locked; the cell first, which is the order everywhere, so that nobody waits in a circle. And
# whether the key of a submission `is_used`.
locked_seat = Compiled(
    lambda: (
        Assignment.objects.select_for_update(of=("cell", "self"))
        .select_related("cell__campaign", "judge_variety", "draft")
        .annotate(is_used=Exists(Receipt.objects.filter(pk=given("key"))))
        .filter(pk=given("pk"), person=given("person"))
    )
)


def own_seat(person: Person, assignment_id: uuid.UUID) -> Assignment:
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
