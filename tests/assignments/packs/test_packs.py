"""A pack: one a person, one pack seat an item, a fifth of what is open, 100 KB, seven days; and no answer is lost."""

import datetime as dt
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.assignments.actions import keep_draft, undo
from annotations.assignments.models import Assignment, Campaign, Cell, Item
from annotations.assignments.packs.actions import DAYS, MOST, give_back_pack, take_pack
from annotations.assignments.packs.models import MOST_BYTES, Pack
from annotations.assignments.packs.queries import carried, open_pack, room
from annotations.assignments.seats import expire_seats, next_for
from annotations.errors import Refused
from annotations.flagging.actions import report
from annotations.flagging.seeding import load_flag_words
from annotations.people.actions import withdraw
from annotations.people.models import Person
from annotations.people.rights.actions import erase, pause
from tests.cast import answer, at_once, line, people, seat_at, world

pytestmark = pytest.mark.django_db
TIE = {"preferred": "tie"}


def items(count: int, **facts: Any) -> list[dict[str, Any]]:
    return [line(str(number), **facts) for number in range(count)]


def light(seats: Any) -> int:
    return len(seats)


take = partial(take_pack, weigh=light)


def states(pack: Pack) -> list[str]:
    return sorted(pack.seats.values_list("state", flat=True))


def why_not(person: Person, campaign: Campaign) -> str:
    with pytest.raises(Refused) as refused:
        take(person=person, campaign=campaign)
    return refused.value.code


def test_a_pack_is_ordinary_seats_for_seven_days_from_the_head_of_the_queue() -> None:
    campaign = world(*items(20), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    assert open_pack(ana) == pack
    assert [seat.item.source_id for seat in carried(pack)] == ["0", "1", "2", "3"]
    assert {seat.expires_at for seat in carried(pack)} == {pack.expires_at}
    assert abs(pack.expires_at - timezone.now() - dt.timedelta(days=DAYS)) < dt.timedelta(minutes=1)
    assert list(Cell.objects.order_by("id").values_list("held", flat=True)[:6]) == [1, 1, 1, 1, 0, 0]


def test_fifty_are_the_most() -> None:
    campaign = world(*items(60), needed=5)
    (ana,) = people(1)
    assert take(person=ana, campaign=campaign).seats.count() == MOST == 50


def test_what_is_carried_does_not_lie_on_the_table_and_its_lease_is_not_cut_short() -> None:
    campaign = world(*items(20), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    first = carried(pack)[0]
    assert seat_at(ana, campaign).pack is None
    keep_draft(person=ana, assignment_id=first.pk, fields={"reason": "x"})
    first.refresh_from_db()
    assert first.expires_at == pack.expires_at


def test_one_pack_a_person_until_it_is_done_or_over() -> None:
    campaign = world(*items(20), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    assert why_not(ana, campaign) == "not_open"
    for seat in carried(pack):
        answer(ana, seat, TIE)
    second = take(person=ana, campaign=campaign)
    Pack.objects.filter(pk=second.pk).update(expires_at=timezone.now())
    third = take(person=ana, campaign=campaign)
    assert (states(second), states(third)) == ([], ["held"] * 3), "what came back is packed again"
    assert list(Pack.objects.filter(ended_at=None)) == [third]
    with pytest.raises(IntegrityError, match="one_open_pack_per_person"), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(ended_at=None)
    with pytest.raises(IntegrityError, match="pack_weighs_at_most_100_kb"), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(weight=MOST_BYTES + 1)


def test_an_item_lies_in_one_pack_at_a_time() -> None:
    campaign = world(*items(10), needed=3)
    ana, beto = people(2)
    hers, his = (take(person=person, campaign=campaign, at_most=3) for person in (ana, beto))
    packed = [[seat.item.source_id for seat in carried(pack)] for pack in (hers, his)]
    assert packed == [["0", "1", "2"], ["3", "4", "5"]]
    with pytest.raises(IntegrityError, match="one_pack_seat_per_item"), transaction.atomic():
        hers.seats.filter(pk=carried(hers)[0].pk).update(item=carried(his)[0].item_id)


def test_in_two_varieties_an_item_is_still_packed_once() -> None:
    campaign = world(*items(10, variety="es-419"), judged_in=["es-CL", "es-419"], needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    assert pack.seats.count() == pack.seats.values("item").distinct().count() > 0


def test_a_fifth_of_what_is_open_is_the_most() -> None:
    campaign = world(*items(10), needed=2)
    ana, beto = people(2)
    assert room(campaign) == 4
    take(person=ana, campaign=campaign)
    assert room(campaign) == 0
    assert why_not(beto, campaign) == "not_open"
    assert not Pack.objects.filter(person=beto).exists()
    give_back_pack(person=ana)
    assert room(campaign) == 4


def test_what_hurts_stays_at_the_table_and_so_does_what_one_would_not_be_given_there() -> None:
    campaign = world(*items(10), needed=5)
    (ana,) = people(1)
    Item.objects.filter(source_id__in="012").update(sensitive=["racism"])
    Item.objects.filter(source_id__in="345").update(author=ana)
    assert [seat.item.source_id for seat in carried(take(person=ana, campaign=campaign))] == ["6", "7", "8", "9"]


def test_reviews_are_not_carried() -> None:
    campaign = world(*items(5), needed=1)
    Cell.objects.update(kind="review")
    (ana,) = people(1)
    assert why_not(ana, campaign) == "not_open"


@pytest.mark.parametrize(
    ("since", "code"),
    [("withdrawn", "consent_required"), ("resting", "paused"), ("closed", "not_open"), ("suspended", "suspended")],
)
def test_who_could_not_sit_at_the_table_takes_nothing_along(since: str, code: str) -> None:
    campaign = world(*items(10))
    (ana,) = people(1)
    if since == "withdrawn":
        withdraw(person=ana)
    elif since == "resting":
        pause(person=ana)
    elif since == "closed":
        Campaign.objects.update(state=Campaign.State.CLOSED)
    else:
        Person.objects.filter(pk=ana.pk).update(standing=Person.Standing.PAUSED)
    assert why_not(ana, campaign) == code


def test_who_has_not_practised_yet_practises_first() -> None:
    explained = {"explanation": {"es": "Porque sí.", "pt-BR": "Porque sim.", "en": "Because."}}
    campaign = world(line("p", practice=explained), *items(10), practice=1)
    (ana,) = people(1)
    assert why_not(ana, campaign) == "not_open"
    answer(ana, seat_at(ana, campaign), TIE)
    assert take(person=ana, campaign=campaign).seats.exists()


def test_what_is_too_heavy_goes_back_to_the_queue() -> None:
    campaign = world(*items(20), needed=1)
    (ana,) = people(1)
    pack = take_pack(person=ana, campaign=campaign, weigh=lambda seats: 40_000 * len(seats))
    assert (pack.weight, states(pack)) == (80_000, ["held", "held", "returned", "returned"])
    assert [cell.held for cell in Cell.objects.order_by("id")][:4] == [1, 1, 0, 0]


def test_a_single_item_that_is_too_heavy_makes_no_pack() -> None:
    campaign = world(*items(5), needed=1)
    (ana,) = people(1)
    with pytest.raises(Refused):
        take_pack(person=ana, campaign=campaign, weigh=lambda seats: MOST_BYTES + 1)
    assert (Pack.objects.count(), Assignment.objects.count(), Cell.objects.filter(held__gt=0).count()) == (0, 0, 0)


def test_given_back_others_can_have_it_and_what_was_done_is_received_late() -> None:
    campaign = world(*items(5), needed=1)
    ana, beto = people(2)
    pack = take(person=ana, campaign=campaign)
    (seat,) = carried(pack)
    assert [give_back_pack(person=ana), give_back_pack(person=ana)] == [1, 0]
    assert carried(pack) == []
    assert seat_at(beto, campaign).item_id == seat.item_id
    judgement = answer(ana, seat, TIE).judgement
    assert (judgement.late, judgement.counted) == (True, True)


def test_after_seven_days_its_seats_come_back_and_its_answers_are_late_and_welcome() -> None:
    campaign = world(*items(5), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    (seat,) = carried(pack)
    assert expire_seats(now=timezone.now() + dt.timedelta(days=6, hours=23)) == 0
    assert expire_seats(now=timezone.now() + dt.timedelta(days=7, minutes=1)) == 1
    assert room(campaign) == 1
    Campaign.objects.update(state=Campaign.State.CLOSED)
    assert answer(ana, seat, TIE).judgement.late is True


def test_what_one_never_wants_to_meet_or_took_consent_back_for_leaves_the_phone() -> None:
    campaign = world(*items(10), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    first, second = carried(pack)
    Item.objects.filter(pk=first.item_id).update(sensitive=["racism"])
    Person.objects.filter(pk=ana.pk).update(avoids=["racism"])
    pack = open_pack(Person.objects.get(pk=ana.pk))  # type: ignore[assignment]
    assert [seat.pk for seat in carried(pack)] == [second.pk]
    withdraw(person=ana)
    assert open_pack(ana) is None
    assert states(pack) == ["returned", "returned"]
    assert not Cell.objects.filter(held__gt=0).exists()


def test_what_one_flagged_is_not_packed_again() -> None:
    load_flag_words()
    campaign = world(*items(10), needed=1)
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    said = {"categories": ["genero"], "severity": 2, "groups": ["mujeres"], "stance": "endorsed"}
    report(person=ana, assignment_id=seat.pk, letter="a", answer=said)
    pack = take(person=ana, campaign=campaign)
    assert [seat.item.source_id for seat in carried(pack)] == ["1", "2"]
    assert pack.seats.count() == 2


def test_what_was_found_to_hurt_since_goes_back_to_the_table() -> None:
    campaign = world(*items(10), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    first, second = carried(pack)
    Item.objects.filter(pk=first.item_id).update(sensitive=["racism"])
    assert [seat.pk for seat in carried(pack)] == [second.pk]


def test_who_is_suspended_is_shown_nothing_of_what_they_took_along() -> None:
    campaign = world(*items(10), needed=1)
    (ana,) = people(1)
    take(person=ana, campaign=campaign)
    Person.objects.filter(pk=ana.pk).update(standing=Person.Standing.PAUSED)
    pack = open_pack(Person.objects.get(pk=ana.pk))
    assert pack
    assert carried(pack) == []


def test_what_is_taken_back_lies_on_the_table() -> None:
    campaign = world(*items(5), needed=1)
    (ana,) = people(1)
    pack = take(person=ana, campaign=campaign)
    key = uuid.uuid4()
    (seat,) = carried(pack)
    answer(ana, seat, TIE, key)
    undo(person=ana, key=key)
    assert (carried(pack), next_for(person=ana, campaign=campaign)) == ([], seat)


@pytest.mark.parametrize("contributions", [True, False])
def test_who_leaves_leaves_no_pack_and_no_seat_taken_that_moment(contributions: bool) -> None:
    campaign = world(*items(10), needed=1)
    (ana,) = people(1)
    answer(ana, carried(take(person=ana, campaign=campaign))[0], TIE)
    erase(person=ana, contributions=contributions)
    assert not Pack.objects.exists()
    assert not Cell.objects.filter(held__gt=0).exists()


# At once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_take_more_than_the_share_nor_one_item_twice() -> None:
    campaign = world(*items(40), needed=3)  # 120 seats: 24 may be carried
    crowd = people(8)
    outcomes = at_once(*(partial(take, person=person, campaign=campaign, at_most=5) for person in crowd))
    packs = [each for each in outcomes if isinstance(each, Pack)]
    assert [each.code for each in outcomes if isinstance(each, Refused)] == ["not_open"] * (8 - len(packs))
    assert len([each for each in outcomes if isinstance(each, Pack | Refused)]) == 8
    seats = Assignment.objects.filter(pack__isnull=False, state=Assignment.State.HELD)
    assert seats.count() == seats.values("item").distinct().count() == 24
    assert sum(Cell.objects.values_list("held", flat=True)) == 24


@pytest.mark.django_db(transaction=True)
def test_one_person_who_taps_four_times_has_one_pack() -> None:
    campaign = world(*items(40), needed=3)
    (ana,) = people(1)
    outcomes = at_once(*[partial(take, person=ana, campaign=campaign, at_most=5)] * 4)
    assert sorted(type(each).__name__ for each in outcomes) == ["Pack", "Refused", "Refused", "Refused"]
    assert Assignment.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_packs_and_the_table_at_once_oversell_nothing() -> None:
    campaign = world(*items(20), needed=1)
    crowd = people(6)
    calls = [partial(take, person=person, campaign=campaign, at_most=2) for person in crowd[:3]]
    sits = [partial(next_for, person=person, campaign=campaign) for person in crowd[3:]]
    outcomes = at_once(*calls, *sits)
    assert [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Refused)] == []
    held = Assignment.objects.filter(state=Assignment.State.HELD)
    assert held.count() == held.values("cell").distinct().count() == sum(Cell.objects.values_list("held", flat=True))


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_giving_back_at_once_keep_the_numbers_true() -> None:
    campaign = world(*items(10), needed=1)
    (ana,) = people(1)
    first, second = carried(take(person=ana, campaign=campaign))
    outcomes = at_once(
        partial(answer, ana, first, TIE), partial(give_back_pack, person=ana), partial(answer, ana, second, TIE)
    )
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert (sum(Cell.objects.values_list("done", flat=True)), sum(Cell.objects.values_list("held", flat=True))) == (
        2, 0)  # fmt: skip
