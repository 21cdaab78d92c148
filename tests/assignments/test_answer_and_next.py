"""The next seat comes with the answer in one transaction, and nothing about the seat can cost the answer."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations.assignments import queue, seats
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.errors import Refused
from annotations.people.actions import withdraw
from tests.cast import answer, answer_and_next, line, people, seat_at, world

pytestmark = pytest.mark.django_db(transaction=True)
A = {"preferred": "a"}


def two(**campaign: Any) -> Campaign:
    return world(line("uno"), line("dos"), **campaign)


def test_an_answer_and_the_next_seat_are_seven_statements_in_one_transaction() -> None:
    campaign = world(*(line(str(number)) for number in range(6)))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    for _warm in range(3):
        seat = answer_and_next(ana, seat, A) or seat
    with CaptureQueriesContext(connection) as asked:
        assert answer_and_next(ana, seat, A)
    told = [query["sql"] for query in asked]
    assert (told[0], told[-1]) == ("BEGIN", "COMMIT")
    assert len(told[1:-1]) == 7, told


def test_the_seat_is_the_one_that_asking_after_the_answer_would_give() -> None:
    campaign = two()
    ana, bruno = people(2)
    (first, second), ours = Cell.objects.order_by("pk"), [seat_at(each, campaign) for each in (ana, bruno)]
    after = answer_and_next(ana, ours[0], A)
    answer(bruno, ours[1], A)
    assert after is not None
    assert (after.cell_id, seat_at(bruno, campaign).cell_id) == (second.pk, second.pk)
    assert answer_and_next(ana, after, A) is None, "there were two"
    assert first.judgements.count() == 2


def test_a_seat_that_cannot_be_given_leaves_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database refuses in the middle of it, once: the answer is kept by itself, and the seat given after it."""
    take, broken = queue._take, [True]

    def breaks_once(*facts: Any) -> Any:
        if broken.pop() if broken else False:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return take(*facts)

    campaign = world(*map(line, ("uno", "dos", "tres")))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    monkeypatch.setattr(queue, "_take", breaks_once)
    assert answer_and_next(ana, seat, A)
    assert Judgement.objects.filter(counted=True).count() == 1
    broken += [True, True]
    with pytest.raises(DatabaseError):
        answer_and_next(ana, seat_at(ana, campaign), A)
    assert Judgement.objects.filter(counted=True).count() == 2, "kept, whatever became of the seat"


def test_where_no_seat_may_be_had_any_more_the_answer_is_kept() -> None:
    campaign = two()
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    Campaign.objects.update(state="closed")
    assert answer_and_next(ana, seat, A) is None
    assert Judgement.objects.count() == 1


def test_an_answer_that_is_refused_gives_no_seat() -> None:
    campaign = two()
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    withdraw(person=ana)
    with pytest.raises(Refused, match="consent"):
        answer_and_next(ana, seat, A)
    assert not Judgement.objects.exists()
    assert Assignment.objects.exclude(pk=seat.pk).count() == 0


def test_a_way_out_that_is_not_known_is_refused() -> None:
    campaign = two()
    (ana,) = people(1)
    with pytest.raises(Refused, match="invalid"):
        answer_and_next(ana, seat_at(ana, campaign), {"opt_out": "porque_si"})


# Nobody waits for a cell while they hold another --------------------------------------------------------------------


def kept_while_the_next_is_locked(campaign: Campaign) -> bool:
    """Whether an answer is kept while its person waits for a cell that somebody holds."""
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    mine = threading.Thread(target=_and_close, args=(ana, seat))
    with transaction.atomic():
        Cell.objects.select_for_update().exclude(pk=seat.cell_id).get()
        mine.start()
        mine.join(1.5)
        assert mine.is_alive(), "there is one: it is waited for"
        kept = Judgement.objects.exists()
    mine.join()
    assert Assignment.objects.filter(state="held").count() == 1
    return kept


def _and_close(person: Any, seat: Assignment) -> None:
    try:
        answer_and_next(person, seat, A)
    finally:
        connection.close()


def test_the_answer_is_kept_before_anybody_is_waited_for() -> None:
    assert kept_while_the_next_is_locked(two())


def test_waiting_with_the_answer_in_hand_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = seats.claim
    monkeypatch.setattr(seats, "claim", lambda **facts: claim(**facts | {"waits": True}))
    assert not kept_while_the_next_is_locked(two())
