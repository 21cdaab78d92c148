"""The queue: in what order one gets what, what it costs, and that a bookmark hides no work."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations.assignments import queue
from annotations.assignments.doors import ask_more, discount
from annotations.assignments.holding import put_back, take_off
from annotations.assignments.models import Assignment, Bookmark, Campaign, Cell, Item, Judgement
from annotations.assignments.seats import expire_seats, give_back, next_for
from annotations.assignments.stewards.actions import mark_restricted
from annotations.assignments.stewards.models import Hidden
from annotations.people.actions import Spoken, avoid, speak
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from annotations.people.stewards.actions import answer as decide
from annotations.people.stewards.actions import write_charter
from annotations.people.stewards.queries import closed_varieties
from annotations.quality.actions import settle_due
from tests.cast import answer, at_once, govern, in_days, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def test_several_kinds_and_varieties_are_one_queue_by_priority_and_age() -> None:
    scores = {"kind": "score", "outputs": [{"model": "m", "text": "Una respuesta."}]}
    campaign = world(line("1"), line("2", variety="es-419"), line("3", **scores), line("4"), needed=1)
    Cell.objects.filter(item__source_id="4").update(priority=2)
    Cell.objects.update(returned=None)
    (ana,) = people(1)
    names = []
    while seat := next_for(person=ana, campaign=campaign):
        names.append(seat.item.source_id)
        answer(ana, seat, {"preferred": "a"} if seat.item.kind == "vote" else {"opt_out": "no_se"})
    assert names == ["4", "1", "2", "3"]


def test_what_came_back_is_given_first_to_whoever_has_passed_it() -> None:
    campaign = world(*(line(str(number)) for number in range(4)), needed=1)
    ana, bruno = people(2)
    waiting = seat_at(ana, campaign)
    answer(bruno, seat_at(bruno, campaign), {"preferred": "a"})
    expire_seats(now=in_days(1))
    assert seat_at(bruno, campaign).item == waiting.item


# What a bookmark must not hide --------------------------------------------------------------------------------------


def ran_out(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    expire_seats(now=in_days(1))


def given_back(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    give_back(person=bruno, assignment_id=Assignment.objects.get(person=bruno).pk)


def skipped(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    answer(bruno, seat_at(bruno, campaign), {"opt_out": "no_se"})


def hidden_and_shown(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    take_off(cells=Cell.objects.all(), reason="flagged")
    put_back(cells=Cell.objects.all(), reasons=["flagged"])


def rejected(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    judgement = answer(bruno, seat_at(bruno, campaign), {"preferred": "a"}).judgement
    settle_due()
    discount(judgement=judgement, reason="rejected")


def erased(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    answer(bruno, seat_at(bruno, campaign), {"preferred": "a"})
    settle_due()
    erase(person=bruno, contributions=True)


def another_is_asked(campaign: Campaign, bruno: Person, _ana: Person) -> None:
    ask_more(cell=Cell.objects.get())


EVENTS = [ran_out, given_back, skipped, hidden_and_shown, rejected, erased, another_is_asked]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_full_cell_that_has_room_again_is_found_behind_a_bookmark(event: Callable[..., None]) -> None:
    campaign = world(line("1"), needed=1)
    ana, bruno = people(2)
    seat_at(bruno, campaign)
    assert next_for(person=ana, campaign=campaign) is None
    lie_behind(ana, Cell.objects.get())
    event(campaign, bruno, ana)
    assert next_for(person=ana, campaign=campaign) is not None


def lie_behind(person: Person, cell: Cell) -> None:
    """A bookmark that has passed the cell, of somebody who went through all of the queue just now."""
    whole = {
        "terms": queue._terms(person, closed_varieties(), ()),
        "whole_at": in_days(1),
        "rank": 0,
        "cell": cell.pk + 1,
    }
    Bookmark.objects.update_or_create(
        person=person, campaign_id=cell.campaign_id, kind=cell.kind, variety_id=cell.variety_id,
        defaults=whole | {"returned": 0, "returned_cell": 0},
    )  # fmt: skip


def test_a_queue_blind_to_what_comes_back_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_AHEAD", queue._AHEAD.replace("c.returned IS NOT NULL", "false"))
    with pytest.raises(AssertionError):
        test_a_full_cell_that_has_room_again_is_found_behind_a_bookmark(ran_out)


def test_ones_own_seat_that_ran_out_is_found_again() -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    first = seat_at(ana, campaign)
    second = next_for(person=ana, campaign=campaign, after=first.pk)
    assert second
    answer(ana, second, {"preferred": "a"})
    lie_behind(ana, second.cell)
    expire_seats(now=in_days(1))
    assert seat_at(ana, campaign) == first


def test_a_higher_priority_is_found_ahead_of_every_bookmark() -> None:
    campaign = world(line("1"), line("2"))
    ana, _bruno = people(2)
    first, second = Cell.objects.order_by("pk")
    lie_behind(ana, first)
    assert seat_at(ana, campaign).cell == second
    give_back(person=ana, assignment_id=Assignment.objects.get().pk)
    lie_behind(ana, second)
    Cell.objects.filter(pk=first.pk).update(priority=1)
    found = [seat_at(ana, campaign).cell]
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    assert {*found, seat_at(ana, campaign).cell} == {first, second}


def test_items_that_come_in_with_a_higher_priority_are_given_first() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    cell = Cell.objects.get()
    item = Item.objects.create(
        campaign=campaign, prompt=cell.item.prompt, variety_id="es-CL", source_id="urgent", kind="vote"
    )
    urgent = Cell.objects.create(item=item, campaign=campaign, variety_id="es-CL", needed=1, priority=1)
    lie_behind(ana, urgent)
    assert seat_at(ana, campaign).cell == urgent


def test_what_one_avoids_no_more_and_what_one_speaks_since_is_found() -> None:
    campaign = world(line("1", sensitive=["racism"]), line("2", variety="es-MX"), needed=1)
    (ana,) = people(1)
    avoid(person=ana, categories=["racism"])
    assert next_for(person=ana, campaign=campaign) is None
    avoid(person=ana, categories=[])
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    assert next_for(person=ana, campaign=campaign) is None
    speak(person=ana, varieties=[Spoken("es-CL"), Spoken("es-MX")])
    assert seat_at(ana, campaign).item.source_id == "2"


def test_what_stewards_open_again_is_found() -> None:
    several = govern("quz")
    campaign = world(line("1", variety="quz"), needed=1)
    Item.objects.update(variety="es-CL")  # of another variety than it is judged in, as its prompt is
    Cell.objects.update(variety="es-CL")
    (ana,) = people(1)
    charter(several, takes_contributions=False)
    assert next_for(person=ana, campaign=campaign) is None
    charter(several, takes_contributions=True)
    assert seat_at(ana, campaign).item.source_id == "1"


def charter(several: list[Person], **terms: Any) -> None:
    terms = {"policy": "Con permiso.", "permitted_use": ["train"], "quorum": 2} | terms
    decision = write_charter(person=several[0], variety=Variety.objects.get(tag="quz"), reason="Otra", **terms)
    decide(person=several[1], decision=decision, approves=True)


def test_what_was_imported_while_its_question_was_hidden_is_found_once_it_is_lifted() -> None:
    campaign = world(line("1"), slug="una", needed=1)
    other = Campaign.objects.create(slug="otra", name="Otra", needed=1)
    ana, bruno = people(2)
    hidden = mark_restricted(person=bruno, assignment_id=seat_at(bruno, campaign).pk, knowledge="place")
    item = Item.objects.create(campaign=other, prompt=hidden.item.prompt, variety_id="es-CL", source_id="1")
    Cell.objects.create(item=item, campaign=other, variety_id="es-CL", needed=1)
    assert next_for(person=ana, campaign=other) is None
    lie_behind(ana, Cell.objects.get(campaign=other))
    lift(hidden)
    assert seat_at(ana, other).item == item


def lift(hidden: Hidden) -> None:
    from annotations.assignments.stewards.actions import _lift

    with transaction.atomic():
        _lift(hidden)


def test_there_is_nothing_only_after_the_whole_queue_was_looked_at_once_more() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    cell = Cell.objects.get()
    lie_behind(ana, cell)
    assert next_for(person=ana, campaign=campaign) is None, "looked at just now, as it says"
    Bookmark.objects.update(whole_at=in_days(-1))
    assert seat_at(ana, campaign).cell == cell


def test_a_cycle_asks_the_same_however_much_there_is() -> None:
    few = world(*(line(str(number)) for number in range(5)), slug="few")
    many = world(*(line(f"more {number}") for number in range(60)), slug="many")
    (ana,) = people(1)
    for _turn in range(20):
        answer(ana, seat_at(ana, many), {"preferred": "a"})
    asked = []
    for campaign in (few, many):
        answer(ana, seat_at(ana, campaign), {"preferred": "a"})
        with CaptureQueriesContext(connection) as questions:
            answer(ana, seat_at(ana, campaign), {"preferred": "a"})
        asked.append(len(questions))
    assert asked[0] == asked[1] <= 15
    assert Judgement.objects.count() == 24


# Elsewhere ----------------------------------------------------------------------------------------------------------


def test_in_a_database_from_elsewhere_queues_begin_anew_and_in_its_own_they_do_not() -> None:
    campaign = world(*(line(str(number)) for number in range(3)), needed=1)
    ana, bruno = people(2)
    give_back(person=ana, assignment_id=seat_at(ana, campaign).pk)
    answer(bruno, seat_at(bruno, campaign), {"preferred": "a"})
    assert queue.begin_anew() == 0
    Cell.objects.filter(open=True).update(returned=2**50)
    Bookmark.objects.update(returned=2**50)
    marks = Cell.objects.filter(open=True).count() + Bookmark.objects.count()
    assert (queue.begin_anew(), queue.begin_anew()) == (marks, 0)
    assert seat_at(bruno, campaign).item.source_id == "1"


@pytest.mark.django_db(transaction=True)
def test_a_cell_that_was_waited_for_in_vain_is_not_kept_locked() -> None:
    """Whoever locks several cells waits for this one too, and would be waited for in a circle."""
    world(line("1"), needed=1)
    cell = Cell.objects.get()
    Cell.objects.update(held_back="flagged")
    with transaction.atomic():
        assert queue._wait_for(cell.pk) == []

        def lock_it() -> int:
            with transaction.atomic():
                return Cell.objects.select_for_update(nowait=True).get(pk=cell.pk).pk

        assert at_once(lock_it) == [cell.pk]


@pytest.mark.parametrize(
    ("reached", "near"),
    [
        ([1.0, 100.0, 2.0, 7.0], True), ([1.0, 107.0, 2.0, 7.0], True), ([1.0, 108.0, 2.0, 7.0], False),
        ([1.0, 99.0, 2.0, 7.0], False), ([7.0, 100.0, 2.0, 7.0], False), ([1.0, 100.0, 1.0, 7.0], False),
        ([1.0, 100.0, 2.0, 8.0], False),
    ],
)  # fmt: skip
def test_a_bookmark_that_would_lie_some_cells_on_stays_where_it_is(reached: list[float], near: bool) -> None:
    """Rank and cell of what is new, rank and cell of what came back: only the cell may differ, a little, forwards."""
    assert queue._lies_near([1.0, 100.0, 2.0, 7.0], reached) is near
