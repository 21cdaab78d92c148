"""Seats are exact under whatever people do, one after another in any order and all at once.

`CYCLES` is how many turns are taken at once; `make faults` takes 200,000.
"""

import os
import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from annotations.assignments import queue
from annotations.assignments.actions import undo
from annotations.assignments.api import checked
from annotations.assignments.holding import put_back, take_off
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement, Receipt
from annotations.assignments.seats import expire_seats, give_back, next_for
from annotations.errors import Refused
from annotations.people.actions import give_consent, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from benchmarks.page import tell
from tests.cast import answer, answer_and_next, at_once, in_days, line, world

pytestmark = pytest.mark.django_db(transaction=True)
CYCLES = int(os.environ.get("CYCLES", "240"))
ROUND = 2_000
"""Turns with one crowd in one campaign: whoever withdraws takes all they gave, and a long life would take hours."""
ITEMS, NEEDED, CROWD = 4, 2, 4
FREE = (Assignment.State.EXPIRED, Assignment.State.RETURNED)


def wrong_numbers(campaign: Campaign) -> list[str]:
    """Cells whose numbers are not those of their seats and judgements, or are more than they need."""
    live = Count("assignments", filter=Q(assignments__state=Assignment.State.HELD), distinct=True)
    counted = Count("judgements", filter=Q(judgements__counted=True), distinct=True)
    cells = Cell.objects.filter(campaign=campaign).annotate(live=live, counted=counted)
    return [
        f"{cell}: {cell.live} seats, {cell.counted} counted" for cell in cells
        if (cell.held, cell.done) != (cell.live, cell.counted) or cell.held + cell.done > cell.needed
    ]  # fmt: skip


def for_them(person: Person, campaign: Campaign) -> QuerySet[Cell]:
    """Open cells this person may judge: told anew from the rows, without the queue."""
    met = Assignment.objects.filter(person=person, item=OuterRef("item")).exclude(state__in=FREE)
    return Cell.objects.filter(~Exists(met), campaign=campaign, open=True)


def newcomer() -> Person:
    return volunteer(f"persona-{uuid.uuid4().hex[:12]}", None, "es-CL")


class Seats(RuleBasedStateMachine):
    """Everything that moves a seat or a judgement, in any order; each example in a campaign of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.campaign = Campaign.objects.create(slug=uuid.uuid4().hex, name="Prueba", needed=NEEDED)
        lines = [line(str(number)) for number in range(ITEMS)]
        load_items(campaign=self.campaign, lines=checked(list(enumerate(lines, 1)), "tests"))
        self.people = [newcomer() for _each in range(CROWD)]

    who = st.integers(0, CROWD - 1)
    which = st.integers(0, ITEMS - 1)

    def seats(self, who: int, *states: str) -> list[Assignment]:
        found = Assignment.objects.filter(person=self.people[who], item__campaign=self.campaign, state__in=states)
        return list(found.order_by("pk"))

    @rule(who=who)
    def claim(self, who: int) -> None:
        person = self.people[who]
        held, expected = self.seats(who, "held"), set(for_them(person, self.campaign).values_list("pk", flat=True))
        with suppress(Refused):  # in bad standing, or without consent
            seat = next_for(person=person, campaign=self.campaign)
            if held:
                assert seat in held
            else:
                assert (seat.cell_id if seat else None) in (expected or {None}), "work for them was not found"

    @rule(who=who, skips=st.booleans())
    def send(self, who: int, skips: bool) -> None:
        """In time or late, whatever became of the seat."""
        for seat in self.seats(who, "held", *FREE)[:1]:
            with suppress(Refused):
                answer(self.people[who], seat, {"opt_out": "no_se"} if skips else {"preferred": "a"})

    @rule(who=who)
    def send_and_go_on(self, who: int) -> None:
        """The next seat comes with the answer: one they hold, else one that is for them, if there is any."""
        for seat in self.seats(who, "held")[:1]:
            held = self.seats(who, "held")[1:]
            with suppress(Refused):
                after = answer_and_next(self.people[who], seat, {"preferred": "a"})
                if held:
                    assert after in held
                else:
                    left = for_them(self.people[who], self.campaign)
                    assert after is not None or not left.exists(), "work for them was not found"

    @rule(who=who)
    def return_it(self, who: int) -> None:
        for seat in self.seats(who, "held")[:1]:
            give_back(person=self.people[who], assignment_id=seat.pk)

    @rule()
    def run_out(self) -> None:
        expire_seats(now=in_days(1))

    @rule(who=who)
    def ban_or_pardon(self, who: int) -> None:
        person = Person.objects.get(pk=self.people[who].pk)
        person.standing = "paused" if person.standing == "good" else "good"
        person.save(update_fields=["standing"])

    @rule(who=who)
    def withdraw_or_consent(self, who: int) -> None:
        person = Person.objects.get(pk=self.people[who].pk)
        if withdraw(person=person) is None:
            licence = self.campaign.contribution_licence
            give_consent(person=person, purposes=dict.fromkeys(REQUIRED, True), language="es", licence=licence)

    @rule(who=who)
    def take_back(self, who: int) -> None:
        judged = Judgement.objects.filter(person=self.people[who], campaign=self.campaign, undone_at=None)
        for receipt in Receipt.objects.filter(judgement__in=judged).order_by("judgement")[:1]:
            with suppress(Refused):
                undo(person=self.people[who], key=receipt.key)

    @rule()
    def settle(self) -> None:
        settle_due()

    @rule(which=which)
    def hide_or_show(self, which: int) -> None:
        cells = Cell.objects.filter(item=self.campaign.items.order_by("pk")[which])
        with transaction.atomic():
            if not put_back(cells=cells, reasons=["flagged"]):
                take_off(cells=cells, reason="flagged")

    @rule(who=who)
    def erase_somebody(self, who: int) -> None:
        erase(person=self.people[who], contributions=True)
        self.people[who] = newcomer()

    @invariant()
    def numbers_are_those_of_the_rows(self) -> None:
        assert wrong_numbers(self.campaign) == []


def play(examples: int, steps: int) -> None:
    how = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(Seats, settings=how)


def test_whatever_happens_in_whatever_order_the_numbers_hold_and_nobody_is_kept_from_work(seeds: None) -> None:
    play(examples=12, steps=30)


# All at once --------------------------------------------------------------------------------------------------------


def work(person: Person, campaign: Campaign, turns: int, seed: int) -> int:
    """A person who answers, late or in time, skips, gives back, walks away, rests and comes again. Returns how many
    turns they took."""
    chance = random.Random(seed)
    left: list[Assignment] = []
    acts: dict[Callable[[Assignment], Any], int] = {
        lambda seat: answer(person, seat, {"preferred": chance.choice("ab")}): 35,
        lambda seat: answer_and_next(person, seat, {"preferred": chance.choice("ab")}): 35,
        lambda seat: answer(person, seat, {"opt_out": "no_se"}): 10,
        lambda seat: give_back(person=person, assignment_id=seat.pk): 5,
        lambda seat: left.append(seat) or expire_seats(now=in_days(1)): 5,  # type: ignore[func-returns-value]
        lambda seat: answer(person, left.pop(0) if left else seat, {"preferred": "a"}): 5,
        lambda _seat: withdraw(person=person): 2,
        lambda _seat: Person.objects.filter(pk=person.pk).update(standing="paused"): 1,
        lambda _seat: settle_due(): 2,
    }
    for turn in range(turns):
        try:
            seat = next_for(person=person, campaign=campaign)
            if seat is None:
                return turn
            chance.choices(list(acts), list(acts.values()))[0](seat)
        except Refused as refused:
            if refused.code != "already_judged":  # left, run out, given again and answered
                ready(person, campaign)
    return turns


def ready(person: Person, campaign: Campaign) -> None:
    """In good standing and under consent."""
    Person.objects.filter(pk=person.pk).update(standing="good")
    licence = campaign.contribution_licence
    give_consent(person=person, purposes=dict.fromkeys(REQUIRED, True), language="es", licence=licence)


def rounds(cycles: int) -> list[int]:
    """So many turns, in rounds."""
    return [ROUND] * (cycles // ROUND) + [cycles % ROUND] * (cycles % ROUND > 0)


def all_at_once(cycles: int) -> tuple[Campaign, list[Person], list[Any]]:
    """With as many seats as turns, so that nobody runs out of work."""
    turns = cycles // CROWD
    lines = (line(str(number)) for number in range(cycles // NEEDED + CROWD))
    campaign = world(*lines, needed=NEEDED, slug=uuid.uuid4().hex)
    crowd = [newcomer() for _each in range(CROWD)]
    seeds = range(campaign.pk * CROWD, (campaign.pk + 1) * CROWD)
    works = [partial(work, person, campaign, turns, seed) for person, seed in zip(crowd, seeds, strict=True)]
    return campaign, crowd, at_once(*works)


def test_all_at_once_no_seat_is_over_none_is_double_and_no_cell_is_left() -> None:
    taken = 0
    for cycles in rounds(CYCLES):
        campaign, crowd, outcomes = all_at_once(cycles)
        assert outcomes == [cycles // CROWD] * CROWD, "somebody failed, or ran out of work"
        assert wrong_numbers(campaign) == []
        finish(campaign, crowd)
        assert wrong_numbers(campaign) == []
        taken += cycles
        if CYCLES > ROUND:
            tell(
                "seats",
                f"{taken:,} turns by {CROWD} people at once, with all that brings a seat back: no number wrong.",
            )


def finish(campaign: Campaign, crowd: list[Person]) -> None:
    """Whoever left a seat comes back, and what is left is done: nothing is out of reach."""
    expire_seats(now=in_days(1))
    for person in crowd:
        ready(person, campaign)
        while seat := next_for(person=person, campaign=campaign):
            answer(person, seat, {"preferred": "a"})
        assert not for_them(person, campaign).exists(), "work for them was not found"


def test_a_claim_without_its_lock_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's own constraint is what says so."""
    monkeypatch.setattr(queue, "_TAKE", queue._TAKE.replace("FOR UPDATE OF c {manner}", ""))
    _campaign, _crowd, outcomes = all_at_once(240)
    assert any("cell_is_never_oversold" in str(outcome) for outcome in outcomes)
