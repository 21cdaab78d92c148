"""What two people, or one with two hands, do at the same moment: the later writer undoes nothing of the first, and
nobody waits in a circle."""

import threading
import time
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import middleware
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from annotations.admin.people import PersonAdmin
from annotations.assignments.doors import prove
from annotations.assignments.guests.actions import claim
from annotations.assignments.holding import take_off
from annotations.assignments.locks import stamp, wait_for_submits
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.assignments.stewards import actions as stewards
from annotations.people.actions import withdraw
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.reviewing import actions as reviewing
from annotations.reviewing.actions import open_reviews
from annotations.writing.actions import forget_written
from tests.assignments.guests.test_claims import guest_who_judged
from tests.cast import answer, at_once, govern, line, people, seat_at, world

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "muy-larga-y-rara"


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def meanwhile(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, act: Any) -> None:
    """Let something happen elsewhere, once, after this has read what it will write."""
    real, waiting = getattr(place, name), [act]

    def patched(*args: Any, **named: Any) -> Any:
        outcome = real(*args, **named)
        if waiting:
            assert at_once(waiting.pop()) != [None]
        return outcome

    monkeypatch.setattr(place, name, patched)


# What the later one writes ------------------------------------------------------------------------------------------


def test_a_new_password_gives_no_consent_back_that_was_taken_back_meanwhile(seeds: None, monkeypatch) -> None:
    ana, client = volunteer("ana", PASSWORD, "es-CL"), Client()
    client.post("/login/", {"login": "ana", "password": PASSWORD})
    meanwhile(monkeypatch, middleware, "get_user", partial(withdraw, person=ana))
    form = {"oldpassword": PASSWORD, "password1": "otra-y-larga", "password2": "otra-y-larga"}
    assert client.post("/account/password/", form)["Location"] == "/account/"
    ana.refresh_from_db()
    assert (ana.check_password("otra-y-larga"), ana.consent) == (True, None)


def test_a_moderator_s_word_gives_no_consent_back_that_was_taken_back_meanwhile(
    seeds: None, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = volunteer("ana", PASSWORD, "es-CL")
    form = {"language": "pt-BR", "is_active": "on"}
    inline = {f"spoken-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    meanwhile(monkeypatch, PersonAdmin, "get_object", partial(withdraw, person=ana))
    assert admin_client.post(f"/admin/annotations/person/{ana.pk}/change/", form | inline).status_code == 302
    ana.refresh_from_db()
    assert (ana.language, ana.consent) == ("pt-BR", None)


# Circles ------------------------------------------------------------------------------------------------------------


def test_looking_at_an_account_while_others_claim_and_leave_waits_in_no_circle() -> None:
    """What was judged in one order is counted, claimed and erased in one order of the cells."""
    campaign = world(*(line(str(number)) for number in range(6)), needed=9)
    slow, ana, bruno, eva = people(4)
    for person in (slow, eva):
        for _item in range(6):
            answer(person, seat_at(person, campaign), {"preferred": "tie"})
    Person.objects.filter(pk=slow.pk).update(is_proven=False)
    Judgement.objects.filter(person=slow).update(counted=False, not_counted="unproven")
    Cell.objects.update(done=1)
    for number, judgement in enumerate(Judgement.objects.filter(person=slow).order_by("-pk")):  # the last cell first
        Judgement.objects.filter(pk=judgement.pk).update(received_at=f"2026-01-01T00:00:0{number}Z")
    guests = [(person, guest_who_judged(6).pk) for person in (ana, bruno)]
    outcomes = at_once(
        partial(prove, person=slow), *[partial(claim, person=person, guest_id=pk) for person, pk in guests],
        partial(erase, person=eva, contributions=True),
    )  # fmt: skip
    assert outcomes == [6, 6, 6, None]
    assert {(cell.held, cell.done) for cell in Cell.objects.all()} == {(0, 3)}


def test_an_account_is_looked_at_in_the_order_of_the_cells() -> None:
    """The same, without luck: two cells locked from the other end, and whoever looks waits for the first of them."""
    campaign = world(line("1"), line("2"))
    (slow,) = people(1)
    for _item in range(2):
        answer(slow, seat_at(slow, campaign), {"preferred": "tie"})
    Judgement.objects.update(counted=False, not_counted="unproven")
    Cell.objects.update(done=0)
    first, second = Cell.objects.order_by("pk")
    Judgement.objects.filter(cell=first).update(received_at="2026-01-02T00:00Z")
    Judgement.objects.filter(cell=second).update(received_at="2026-01-01T00:00Z")
    begun = threading.Event()

    def hold_both() -> None:
        with transaction.atomic():
            Cell.objects.select_for_update().get(pk=first.pk)
            begun.set()
            time.sleep(0.5)
            Cell.objects.select_for_update().get(pk=second.pk)

    def look() -> int:
        begun.wait()
        return prove(person=slow)

    assert at_once(hold_both, look) == [None, 2]


def test_an_erasure_and_what_hides_the_same_cells_wait_in_no_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Erasing goes over cells in several rounds: here the review's first and the text's, an earlier one, last."""
    campaign = world(line("1", kind="demonstration", outputs=[], prompt="¿Qué llevo a la once?"), needed=1)
    (ana,) = people(1)
    answer(ana, seat_at(ana, campaign), {"text": "Un kuchen."})
    open_reviews()
    hiding: list[threading.Thread] = []
    hidden: list[Any] = []

    def hide() -> None:
        with transaction.atomic():
            take_off(cells=Cell.objects.all(), reason="flagged")

    def between(person: Person) -> None:
        """Both rounds are behind their first look when the other begins."""
        forget_written(person)
        hiding.append(threading.Thread(target=lambda: hidden.extend(at_once(hide))))
        hiding[0].start()
        time.sleep(0.5)

    monkeypatch.setattr(reviewing, "forget_written", between)
    erase(person=ana, contributions=True)
    hiding[0].join()
    assert hidden == [None]
    assert set(Cell.objects.values_list("held_back", flat=True)) == {"flagged", "taken_back"}


def test_a_record_that_comes_back_while_a_vote_and_a_release_wait_holds_up_neither() -> None:
    several = govern("quz")
    campaign: Campaign = world(line("1", variety="quz"))
    ana, bruno = people(2, "quz")
    seat = seat_at(ana, campaign)
    hidden = stewards.mark_restricted(person=bruno, assignment_id=seat_at(bruno, campaign).pk, knowledge="place")
    hidden = stewards.propose_restoring(person=several[0], hidden=hidden, reason="Es de todos")
    locked, publishing = threading.Event(), threading.Event()

    def vote() -> None:
        """As `submit` does it: the cell, then the clock."""
        with transaction.atomic():
            Cell.objects.select_for_update().get(pk=seat.cell_id)
            locked.set()
            publishing.wait()
            time.sleep(0.5)
            stamp()

    def bring_back() -> Any:
        locked.wait()
        return stewards.answer(person=several[1], decision=hidden.restoring, approves=True)

    def publish() -> None:
        locked.wait()
        time.sleep(0.3)
        publishing.set()
        with transaction.atomic():
            wait_for_submits()

    outcomes = at_once(vote, bring_back, publish)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    hidden.refresh_from_db()
    assert hidden.lifted_at
    assert not Assignment.objects.filter(state="held").exists()
