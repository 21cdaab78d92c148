"""Seats: who gets which, that an item is never oversold, and that no answer is lost."""

import uuid
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from annotations.assignments.actions import keep_draft, undo
from annotations.assignments.doors import discount
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement, Receipt
from annotations.assignments.seats import expire_seats, give_back, next_for
from annotations.errors import Refused
from annotations.people.actions import give_consent, withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from tests.cast import answer, at_once, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def test_asking_again_returns_the_seat_already_held() -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    assert seat_at(ana, campaign).pk == seat_at(ana, campaign).pk


def test_one_more_turn_can_be_fetched_ahead_and_not_two() -> None:
    campaign = world(line("1"), line("2"), line("3"))
    (ana,) = people(1)
    first = seat_at(ana, campaign)
    second = next_for(person=ana, campaign=campaign, after=first.pk)
    again = next_for(person=ana, campaign=campaign, after=first.pk)
    assert second
    assert again
    assert first.pk != second.pk == again.pk
    assert Assignment.objects.count() == 2
    give_back(person=ana, assignment_id=second.pk)
    assert [cell.held for cell in Cell.objects.order_by("id")] == [1, 0, 0]


@pytest.mark.parametrize(
    ("speaks", "item", "gets"),
    [
        ("es-CO-x-paisa", "es-CO", True),
        ("es-CO-x-paisa", "es-419", True),
        ("es-CO-x-paisa", "es-CO-x-costeno", False),
        ("es-CO", "es-CO-x-paisa", False),
        ("es-CO", "es-CL", False),
        ("pt-BR", "es-419", False),
        ("en", "en", True),
    ],
)
def test_an_item_goes_to_its_variety_and_descendants_and_never_to_siblings(speaks: str, item: str, gets: bool) -> None:
    campaign = world(line("1", variety=item))
    (person,) = people(1, speaks)
    seat = next_for(person=person, campaign=campaign)
    assert (seat is not None) == gets
    if seat:
        assert seat.judge_variety_id == speaks


def test_in_a_campaign_judged_in_several_varieties_each_has_its_own_cell() -> None:
    campaign = world(line("1", variety="es-419"), judged_in=["es-CL", "es-MX"], needed=1)
    for tag in ("es-CL", "es-MX"):
        (person,) = people(1, tag)
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    assert settle_due() == 2
    assert sorted(Verdict.objects.values_list("cell__variety", flat=True)) == ["es-CL", "es-MX"]


def test_no_more_seats_than_an_item_needs() -> None:
    campaign = world(line("1"))
    seats = [next_for(person=person, campaign=campaign) for person in people(4)]
    assert [seat is not None for seat in seats] == [True, True, True, False]


def test_the_database_itself_refuses_to_oversell() -> None:
    world(line("1"))
    with pytest.raises(IntegrityError, match="cell_is_never_oversold"), transaction.atomic():
        Cell.objects.update(held=4)


def test_nobody_meets_an_item_twice() -> None:
    campaign = world(line("1"), line("2"))
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"opt_out": "no_se"})
    answer(ana, seat_at(ana, campaign), {"preferred": "a"})
    assert next_for(person=ana, campaign=campaign) is None


def test_a_way_out_frees_the_seat_and_never_counts() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    judgement = answer(ana, seat_at(ana, campaign), {"opt_out": "prefiero_saltar"}).judgement
    cell = Cell.objects.get()
    assert (cell.held, cell.done, judgement.counted, judgement.not_counted) == (0, 0, False, "opt_out")


def test_the_same_key_is_one_judgement_and_another_body_is_refused() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    seat, key = seat_at(ana, campaign), uuid.uuid4()
    first = answer(ana, seat, {"preferred": "a"}, key)
    again = answer(ana, seat, {"preferred": "a"}, key)
    assert (first.is_new, again.is_new, again.judgement.pk) == (True, False, first.judgement.pk)
    with pytest.raises(Refused, match="key_reused"):
        answer(ana, seat, {"preferred": "b"}, key)


def test_an_answer_is_taken_back_until_it_is_settled() -> None:
    campaign = world(line("1"), needed=1)
    (ana,) = people(1)
    seat, key = seat_at(ana, campaign), uuid.uuid4()
    answer(ana, seat, {"preferred": "a"}, key)
    undo(person=ana, key=key)
    assert seat_at(ana, campaign).pk == seat.pk, "the seat is live again"
    second = uuid.uuid4()
    answer(ana, seat, {"preferred": "b"}, second)
    settle_due()
    with pytest.raises(Refused, match="not_open"):
        undo(person=ana, key=second)
    assert [j.counted for j in Judgement.objects.order_by("id")] == [False, True]


def test_withdrawing_takes_judgements_out_and_opens_what_they_settled() -> None:
    campaign = world(line("1"))
    crowd = people(3)
    for person in crowd:
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    assert settle_due() == 1
    withdraw(person=crowd[0])
    settle_due()
    cell = Cell.objects.get()
    assert (cell.done, cell.open, Verdict.objects.filter(superseded_at=None).count()) == (2, True, 0)
    newcomer = volunteer("nueva", "muy-larga-y-rara", "es-CL")
    answer(newcomer, seat_at(newcomer, campaign), {"preferred": "tie"})
    assert settle_due() == 1
    assert settle_due() == 0


def test_a_paused_account_and_a_closed_campaign_are_told_so() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    ana.standing = "paused"
    ana.save()
    with pytest.raises(Refused, match="suspended"):
        next_for(person=ana, campaign=campaign)
    Campaign.objects.update(state="closed")
    with pytest.raises(Refused, match="not_open"):
        next_for(person=ana, campaign=campaign)


def test_a_ranking_of_three_names_every_output_once() -> None:
    campaign = world(line("1", "uno", "dos", "tres"), needed=1)
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    for wrong in ([["a"], ["b"]], [["a", "a"], ["b", "c"]], [], "abc", [["a"], ["b"], ["z"]]):
        with pytest.raises(Refused, match="invalid"):
            answer(ana, seat, {"ranking": wrong})
    vote = answer(ana, seat, {"ranking": [["b"], ["a", "c"]]}).judgement.vote
    assert (vote.outcome, vote.preferred_id) == ("output", seat.shown[1])


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_oversell_and_leave_nothing_over() -> None:
    """Eight people race through twelve items of three seats each; every cell ends exactly full."""
    campaign = world(*(line(str(number)) for number in range(12)))
    crowd = people(8)

    def work(person: Person) -> None:
        while seat := next_for(person=person, campaign=campaign):
            answer(person, seat, {"preferred": "a"})

    assert at_once(*[partial(work, person) for person in crowd]) == [None] * 8
    assert {(cell.held, cell.done) for cell in Cell.objects.all()} == {(0, 3)}
    assert Judgement.objects.filter(counted=True).count() == 36
    assert expire_seats() == 0


def test_work_under_another_licence_asks_for_its_own_consent_and_blocks_nothing_else() -> None:
    other = world(line("1"), slug="otra", contribution_licence="CC0-1.0")
    campaign = world(line("1"), slug="esta")
    (ana,) = people(1)
    assert seat_at(ana, campaign).item.campaign == campaign
    assert next_for(person=ana).item.campaign == campaign  # type: ignore[union-attr]
    with pytest.raises(Refused, match="consent_required"):
        next_for(person=ana, campaign=other)
    give_consent(person=ana, purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC0-1.0")
    for each in (other, campaign):
        judgement = answer(ana, seat_at(ana, each), {"preferred": "tie"}).judgement
        assert judgement.consent.contribution_licence == each.contribution_licence
    withdraw(person=ana)
    give_consent(person=ana, purposes=dict.fromkeys(REQUIRED, True), language="es", licence="CC0-1.0")
    with pytest.raises(Refused, match="consent_required"):
        next_for(person=ana, campaign=campaign)


def test_a_campaign_asks_only_varieties_that_exist_and_are_free_to_answer() -> None:
    campaign = world()
    for wrong in ("es-XX", "quz"):
        campaign.judged_in = [wrong]
        with pytest.raises(ValidationError, match=wrong):
            campaign.full_clean()


def test_the_order_shown_stays_with_the_seat_so_that_an_old_page_means_what_it_showed() -> None:
    campaign = world(line("1", "uno", "dos", "tres", "cuatro"), needed=1)
    (ana,) = people(1)
    seat, key = seat_at(ana, campaign), uuid.uuid4()
    for _ in range(5):
        answer(ana, seat, {"ranking": [["a"], ["b"], ["c"], ["d"]]}, key)
        undo(person=ana, key=key)
        key = uuid.uuid4()
        assert seat_at(ana, campaign).shown == seat.shown


def test_a_withdrawn_judgement_leaves_once() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    judgement = answer(ana, seat_at(ana, campaign), {"preferred": "tie"}).judgement
    assert [discount(judgement=judgement, reason="withdrawn") for _ in range(2)] == [True, False]
    assert Cell.objects.get().done == 0


@pytest.mark.django_db(transaction=True)
def test_one_key_used_by_two_people_at_once_is_one_judgement_and_one_refusal() -> None:
    campaign = world(line("1"))
    key = uuid.uuid4()
    crowd = [(person, seat_at(person, campaign)) for person in people(3)]
    outcomes = at_once(*[partial(answer, person, seat, {"preferred": "tie"}, key) for person, seat in crowd])
    assert sorted(getattr(outcome, "code", "received") for outcome in outcomes) == ["key_reused"] * 2 + ["received"]
    assert Judgement.objects.count() == 1


# What is not there, and what is not one's own -----------------------------------------------------------------------


def test_a_seat_of_another_or_of_nobody_is_given_back_and_drafted_at_by_nobody() -> None:
    campaign = world(line("1"))
    ana, beto = people(2)
    seat = seat_at(ana, campaign)
    for pk in (seat.pk, uuid.uuid4()):
        with pytest.raises(Refused, match="not_found"):
            give_back(person=beto, assignment_id=pk)
        with pytest.raises(Refused, match="not_found"):
            keep_draft(person=beto, assignment_id=pk, fields={"reason": "x"})
    seat.refresh_from_db()
    assert seat.state == "held"


def test_a_draft_at_a_seat_that_ran_out_is_kept_and_renews_nothing() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    Assignment.objects.filter(pk=seat.pk).update(state="expired")
    draft = keep_draft(person=ana, assignment_id=seat.pk, fields={"reason": "Porque"})
    seat.refresh_from_db()
    assert (draft.fields, seat.state) == ({"reason": "Porque"}, "expired")


def test_a_rule_of_the_database_that_is_not_the_keys_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only that a key is used already is the sender's to mend."""
    campaign = world(line("1"))
    (ana,) = people(1)
    seat = seat_at(ana, campaign)

    def broken(*_facts: Any) -> None:
        raise IntegrityError("another rule")

    monkeypatch.setattr("annotations.assignments.actions._receive", broken)
    with pytest.raises(IntegrityError, match="another rule"):
        answer(ana, seat, {"preferred": "a"})
    assert (Judgement.objects.count(), Receipt.objects.count()) == (0, 0)
