"""Nobody outweighs the others by sheer amount, nor chooses whom they meet; and each is told why there is no more."""

import datetime as dt
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from annotations.assignments import queue, seats
from annotations.assignments.actions import undo
from annotations.assignments.caps import DAY, Stopped, room_of, stopped_so_far
from annotations.assignments.guests.actions import claim
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement, Known
from annotations.assignments.notes.queries import campaigns_with_work, nothing_left, why_nothing
from annotations.assignments.packs.actions import give_back_pack, take_pack
from annotations.assignments.seats import expire_seats, next_for
from annotations.errors import Refused
from annotations.people.models import Person
from tests.assignments.guests.test_claims import guest_who_judged
from tests.cast import answer, at_once, in_days, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def ten(**facts: Any) -> Campaign:
    return world(*(line(str(number)) for number in range(10)), **facts)


def given(person: Person, campaign: Campaign, most: int = 10) -> int:
    """How many answers somebody can give before there is nothing more."""
    for number in range(most):
        if not (seat := next_for(person=person, campaign=campaign)):
            return number
        answer(person, seat, {"preferred": "a"})
    return most


@pytest.mark.parametrize(("cap", "why"), [("most_in_all", "enough"), ("most_a_day", "enough_today")])
def test_one_person_gives_so_many_and_is_told_why_no_more(cap: str, why: str) -> None:
    campaign = ten(**{cap: 3})
    ana, eva = people(2)
    assert (given(ana, campaign), why_nothing(ana, campaign)) == (3, why)
    waits = nothing_left(ana, campaign).note
    assert (waits == "never") == (why == "enough"), "nobody is promised a note that would never come"
    assert room_of(eva, [campaign]) == {campaign.pk: 3}, "it is each one's own"
    assert why_nothing(ana) == why, "nor at the table of all campaigns"


def test_after_a_day_there_is_more_and_never_more_than_in_all() -> None:
    campaign = ten(most_a_day=3, most_in_all=5)
    (ana,) = people(1)
    assert given(ana, campaign) == 3
    Judgement.objects.update(received_at=F("received_at") - DAY - dt.timedelta(seconds=1))
    assert (given(ana, campaign), why_nothing(ana, campaign)) == (2, "enough")


def test_what_somebody_holds_counts_as_given() -> None:
    campaign = ten(most_in_all=1)
    (ana,) = people(1)
    first = seat_at(ana, campaign)
    assert next_for(person=ana, campaign=campaign, after=first.pk) is None, "no second one beside it"
    assert next_for(person=ana, campaign=campaign) == first, "a seat held is shown, whatever the cap says"
    answer(ana, first, {"preferred": "a"})
    assert next_for(person=ana, campaign=campaign) is None


def test_without_counting_what_is_held_the_cap_would_be_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the test before: with the seats left out, as many as one likes lie on one table."""
    monkeypatch.setattr(seats, "room_of", lambda _person, _campaigns: {})
    with pytest.raises(AssertionError, match="no second one"):
        test_what_somebody_holds_counts_as_given()


@pytest.mark.django_db(transaction=True)
def test_all_tabs_at_once_get_no_more_than_one_tab() -> None:
    campaign = ten(most_in_all=1)
    (ana,) = people(1)
    at_once(*[partial(next_for, person=ana, campaign=campaign)] * 6)
    assert Assignment.objects.filter(state="held").count() == 1


def test_a_pack_is_no_way_around() -> None:
    campaign = world(*(line(str(number)) for number in range(40)), most_in_all=3)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    pack = take_pack(person=ana, campaign=campaign, weigh=len)
    assert pack.seats.count() == 2
    assert next_for(person=ana, campaign=campaign) is None
    for seat in pack.seats.all():
        answer(ana, seat, {"preferred": "a"})
    with pytest.raises(Refused, match="todo lo que puede dar una persona"):
        take_pack(person=ana, campaign=campaign, weigh=len)


def test_ways_out_what_was_taken_back_and_what_one_learns_from_are_no_answers() -> None:
    campaign = ten(most_in_all=1, practice=1)
    Known.objects.create(item=campaign.items.get(source_id="0"), explanation={"es": "Porque sí."})
    Cell.objects.filter(item__source_id="0").update(held_back="practice")
    (ana,) = people(1)
    lesson = seat_at(ana, campaign)
    assert lesson.state == Assignment.State.OUTSIDE
    answer(ana, lesson, {"preferred": "a"})
    answer(ana, seat_at(ana, campaign), {"opt_out": "no_se"})
    kept = answer(ana, seat_at(ana, campaign), {"preferred": "a"}).judgement
    assert next_for(person=ana, campaign=campaign) is None
    undo(person=ana, key=kept.receipts.get().pk)
    assert seat_at(ana, campaign)


# Ways around ---------------------------------------------------------------------------------------------------------


def test_taking_back_ways_out_is_no_way_around() -> None:
    """Leave everything, look, and take back what one wants to answer."""
    campaign = world(*(line(str(number)) for number in range(20)), most_in_all=3)
    (ana,) = people(1)
    left = []
    while seat := next_for(person=ana, campaign=campaign):
        left.append(answer(ana, seat, {"opt_out": "no_se"}).judgement)
    assert len(left) == 6, "ways out count where they are more than the answers"
    for judgement in left:
        undo(person=ana, key=judgement.receipts.get().pk)
    for judgement in left:
        answer(ana, judgement.assignment, {"preferred": "a"})
    counted = Judgement.objects.filter(undone_at=None, opt_out="").values_list("not_counted", flat=True)
    assert Counter(counted) == {"": 3, "enough": 3}


def test_seats_that_were_given_back_are_no_way_around() -> None:
    """Take a pack, give it back, take another, answer both."""
    campaign = world(*(line(str(number)) for number in range(40)), most_in_all=2)
    ana, eva = people(2)
    first = list(take_pack(person=ana, campaign=campaign, weigh=len).seats.all())
    give_back_pack(person=ana)
    take_pack(person=eva, campaign=campaign, weigh=len)
    second = list(take_pack(person=ana, campaign=campaign, weigh=len).seats.all())
    for seat in {seat.pk: seat for seat in (*first, *second)}.values():
        answer(ana, seat, {"preferred": "a"})
    assert Judgement.objects.filter(person=ana, counted=True).count() == 2


def test_what_was_done_before_the_account_is_no_way_around() -> None:
    ten(most_in_all=2)
    (ana,) = people(1)
    guest = guest_who_judged(4)
    assert claim(person=ana, guest_id=guest.pk) == 4
    assert Counter(Judgement.objects.values_list("not_counted", flat=True)) == {"": 2, "enough": 2}


def test_a_correction_is_no_second_answer_and_what_came_too_much_uses_up_nothing() -> None:
    campaign = ten()
    (ana,) = people(1)
    late = seat_at(ana, campaign)
    kept = []
    for _each in range(2):
        seat = next_for(person=ana, campaign=campaign, after=late.pk)
        assert seat
        kept.append(answer(ana, seat, {"preferred": "a"}).judgement)
    expire_seats(now=in_days(1))
    Campaign.objects.update(most_in_all=1)  # below what she has given
    assert answer(ana, late, {"preferred": "a"}).judgement.not_counted == "enough"
    undo(person=ana, key=kept[0].receipts.get().pk)
    assert answer(ana, kept[0].assignment, {"preferred": "b"}).judgement.counted
    Campaign.objects.update(most_in_all=3)
    assert room_of(ana, [Campaign.objects.get()]) == {campaign.pk: 1}


def test_what_a_pack_holds_is_told_and_not_called_work_that_came_back() -> None:
    campaign = world(*(line(str(number)) for number in range(40)), most_in_all=3)
    (ana,) = people(1)
    take_pack(person=ana, campaign=campaign, weigh=len)
    assert next_for(person=ana, campaign=campaign) is None
    assert why_nothing(ana, campaign) == "with_you"
    assert list(campaigns_with_work(ana)) == []


def test_a_share_of_one_campaign_says_nothing_of_another() -> None:
    here, there = ten(most_a_day=1), world(line("a"), slug="otra", most_in_all=1, needed=1)
    (ana,) = people(1)
    answer(ana, seat_at(ana, there), {"preferred": "a"})
    answer(ana, seat_at(ana, here), {"preferred": "a"})
    assert why_nothing(ana) == "enough_today", "all is done there"


def test_an_answer_to_a_seat_one_holds_counts_whatever_the_cap_says_since() -> None:
    campaign = ten()
    (ana,) = people(1)
    first = seat_at(ana, campaign)
    second = next_for(person=ana, campaign=campaign, after=first.pk)
    assert second
    Campaign.objects.update(most_in_all=1)
    for seat in (first, second):
        assert answer(ana, seat, {"preferred": "a"}).judgement.counted


def test_where_one_campaign_has_enough_of_somebody_the_next_is_offered() -> None:
    here, there = ten(most_in_all=1), world(line("a"), slug="otra")
    (ana,) = people(1)
    answer(ana, seat_at(ana, here), {"preferred": "a"})
    assert list(campaigns_with_work(ana)) == [there]
    assert seat_at_any(ana).item.campaign == there


def seat_at_any(person: Person) -> Assignment:
    seat = next_for(person=person)
    assert seat
    return seat


def test_the_page_says_it_in_plain_words(client: Client) -> None:
    campaign = ten(most_a_day=1)
    (ana,) = people(1)
    client.force_login(ana)
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    page = client.get(f"/c/{campaign.slug}/rate/").content.decode()
    assert "Por hoy, esa es tu parte." in page


@pytest.mark.parametrize("setting", [{"drawn_from": 0}, {"drawn_from": 9}, {"most_a_day": 0}, {"most_in_all": 0}])
def test_a_draw_is_among_a_few_and_a_cap_leaves_room_for_one(setting: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match=r"draws_from_a_few|leaves_room_for_one"), transaction.atomic():
        Campaign.objects.create(slug="mal", name="Mal", **setting)


# The draw -----------------------------------------------------------------------------------------------------------


def test_one_of_a_few_is_drawn_and_the_chance_is_told() -> None:
    campaign = ten(drawn_from=4, needed=60)
    first = [seat_at(person, campaign) for person in people(60)]
    met = Counter(seat.item.source_id for seat in first)
    assert set(met) == {"0", "1", "2", "3"}, "each of the four nearest, and no other, in 60 draws"
    assert max(met.values()) < 40
    assert {(seat.offer_policy, seat.offer_probability) for seat in first} == {("drawn", 0.25)}


def test_in_order_nothing_is_drawn() -> None:
    campaign = ten(needed=9)
    first = [seat_at(person, campaign) for person in people(9)]
    assert {seat.item.source_id for seat in first} == {"0"}
    assert {(seat.offer_policy, seat.offer_probability) for seat in first} == {("in_order", 1.0)}


def test_what_was_not_drawn_is_met_later_and_nothing_is_lost() -> None:
    campaign = ten(drawn_from=8)
    (ana,) = people(1)
    assert given(ana, campaign, 11) == 10
    assert Judgement.objects.values("item").distinct().count() == 10


def test_what_came_back_is_drawn_with_the_rest() -> None:
    """Given by itself it would be a beacon: one of a ring lets an item go, and all others meet there."""
    campaign = ten(drawn_from=4, needed=70)
    ana, *crowd = people(64)
    gone = seat_at(ana, campaign)
    for person in crowd[:3]:
        given(person, campaign, 3)
    answer(ana, gone, {"opt_out": "prefiero_saltar"})
    met = Counter(seat_at(person, campaign).item_id for person in crowd[3:])
    assert 1 <= met[gone.item_id] < 40, "one of four, in 60 draws"
    assert len(met) == 4


def test_where_what_was_drawn_is_locked_no_chance_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = ten(drawn_from=2)
    (ana,) = people(1)
    others = list(Cell.objects.order_by("pk").values_list("pk", flat=True)[2:])
    took = queue._take
    monkeypatch.setattr(queue, "_take", lambda cells, many, manner: took(
        [cell for cell in cells if cell in others], many, manner
    ))  # fmt: skip
    seat = seat_at(ana, campaign)
    assert (seat.offer_policy, seat.offer_probability) == ("in_order", 1.0)


def test_a_pack_draws_too() -> None:
    campaign = world(*(line(str(number)) for number in range(40)), drawn_from=8, needed=9)
    (ana,) = people(1)
    pack = take_pack(person=ana, campaign=campaign, weigh=len, at_most=2)
    assert {seat.offer_probability for seat in pack.seats.all()} == {2 / 9}


# What a limit would have done ---------------------------------------------------------------------------------------


def test_before_a_limit_is_set_one_sees_what_it_would_have_done() -> None:
    campaign = world(*(line(str(number)) for number in range(30)))
    ana, eva = people(2)
    given(ana, campaign, 27)
    given(eva, campaign, 4)
    assert stopped_so_far(campaign) == ([Stopped(10, 1, 17), Stopped(25, 1, 2)],) * 2
    some = Judgement.objects.filter(person=ana).values_list("pk", flat=True)[:13]
    Judgement.objects.filter(pk__in=list(some)).update(received_at=F("received_at") - 2 * DAY)
    assert stopped_so_far(campaign)[0] == [Stopped(10, 1, 7)]
