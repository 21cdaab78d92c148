"""How far something is: the sum of the tallies is the sum of the cells, whatever happens to them, whoever does it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.db.models import Case, Count, F, Sum, When
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotations.assignments.actions import undo
from annotations.assignments.holding import put_back, take_off
from annotations.assignments.models import Campaign, Cell
from annotations.assignments.tallies.actions import add_up
from annotations.assignments.tallies.models import Tally
from annotations.assignments.tallies.queries import Progress, progress_by_variety, progress_of, settled
from annotations.people.rights.actions import erase
from annotations.quality.actions import settle_due
from tests.cast import answer, at_once, line, people, seat_at, world

pytestmark = pytest.mark.django_db
TIE = {"preferred": "tie"}


def by_hand() -> dict[tuple[int, str], Progress]:
    """The same from the cells themselves."""
    needed = Case(When(settled_at=None, then=F("needed")), default=F("done"))
    rows = (
        Cell.objects.filter(held_back="")
        .values("campaign", "variety").order_by("campaign", "variety")
        .annotate(sum_done=Sum("done"), sum_needed=Sum(needed), items=Count("pk"))
    )  # fmt: skip
    return {
        (row["campaign"], row["variety"]): Progress(row["sum_done"], row["sum_needed"], row["items"]) for row in rows
    }


def told() -> dict[tuple[int, str], Progress]:
    return progress_by_variety(Campaign.objects.all())


def test_a_campaign_from_its_import_to_its_verdicts() -> None:
    campaign = world(*(line(str(number)) for number in range(3)), line("pt", variety="pt-BR"), needed=2)
    assert told() == by_hand() == {(campaign.pk, "es-CL"): Progress(0, 6, 3), (campaign.pk, "pt-BR"): Progress(0, 2, 1)}
    for person in people(2):
        for _item in range(2):
            answer(person, seat_at(person, campaign), TIE)
    assert (progress_of(campaign), told()) == (Progress(4, 8, 4), by_hand())
    settle_due()
    assert (settled(), told()) == (2, by_hand())


def test_what_is_held_back_is_in_no_sum_until_it_is_put_back() -> None:
    campaign = world(line("1"), line("2"), needed=2)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), TIE)
    cells = Cell.objects.filter(done=1)
    take_off(cells=cells, reason="flagged")
    assert progress_of(campaign) == Progress(0, 2, 1)
    put_back(cells=cells, reasons=["flagged"])
    assert (progress_of(campaign), told()) == (Progress(1, 4, 2), by_hand())


def test_what_is_closed_short_needs_no_more() -> None:
    campaign = world(line("1"), needed=3)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), TIE)
    Cell.objects.update(settled_at=timezone.now())
    assert progress_of(campaign) == Progress(1, 1, 1)


def test_who_leaves_and_who_takes_back_are_taken_off() -> None:
    campaign = world(line("1"), line("2"), needed=3)
    ana, bruno = people(2)
    kept = answer(ana, seat_at(ana, campaign), TIE).judgement
    answer(bruno, seat_at(bruno, campaign), TIE)
    assert progress_of(campaign).done == 2
    undo(person=ana, key=kept.receipts.get().pk)
    assert progress_of(campaign).done == 1
    erase(person=bruno, contributions=True)
    assert (progress_of(campaign).done, told()) == (0, by_hand())


def test_what_is_gone_is_in_no_sum() -> None:
    world(line("1"), line("2"))
    Cell.objects.first().delete()  # type: ignore[union-attr]
    assert told() == by_hand()
    Cell.objects.all().delete()
    assert told() == by_hand() == {}


def test_adding_up_makes_one_row_of_many_and_changes_no_sum() -> None:
    campaign = world(*(line(str(number)) for number in range(4)))
    for person in people(3):
        answer(person, seat_at(person, campaign), TIE)
    before = told()
    assert Tally.objects.count() == 4
    assert (add_up(), add_up()) == (1, 0)
    assert (Tally.objects.count(), told()) == (1, before)


def test_a_sum_costs_one_question_however_many_items_there_are() -> None:
    campaign = world(*(line(str(number)) for number in range(9)))
    add_up()
    with CaptureQueriesContext(connection) as asked:
        progress_of(campaign)
    assert len(asked) == 1
    assert "annotations_cell" not in asked[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_many_who_answer_while_it_is_added_up_are_all_counted() -> None:
    campaign = world(*(line(str(number)) for number in range(5)), needed=9)

    def work(person: Any) -> None:
        for _item in range(5):
            answer(person, seat_at(person, campaign), TIE)

    outcomes = at_once(*[lambda who=who: work(who) for who in people(4)], *[add_up, add_up, add_up])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    add_up()
    assert (progress_of(campaign), told()) == (Progress(20, 45, 5), by_hand())
    assert Tally.objects.count() == 1


CHANGE = st.tuples(
    st.integers(0, 2), st.integers(0, 3), st.integers(3, 5), st.booleans(), st.sampled_from(["", "practice"])
)
"""Which cell, and what becomes of it: done, needed, whether it is settled, why it is held back."""


class AnyChange(TestCase):
    @given(st.lists(CHANGE, max_size=8), st.integers(0, 7))
    def test_whatever_changes_in_whatever_order_the_sums_are_those_of_the_cells(
        self, changes: list[tuple[int, int, int, bool, str]], added_up_after: int
    ) -> None:
        world(*(line(str(number)) for number in range(3)))
        cells = list(Cell.objects.order_by("pk"))
        for number, (place, done, needed, is_settled, held_back) in enumerate(changes):
            at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) if is_settled else None
            facts = {"done": done, "needed": needed, "settled_at": at, "held_back": held_back}
            Cell.objects.filter(pk=cells[place].pk).update(**facts)
            if number == added_up_after:
                add_up()
        assert told() == by_hand()
