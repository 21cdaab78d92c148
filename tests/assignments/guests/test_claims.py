"""What becomes of a guest's answers when they join or log in: the account's own judgements, where still wanted."""

import uuid
from functools import partial

import pytest

from annotations.assignments.actions import Submission, undo
from annotations.assignments.guests.actions import answer as give
from annotations.assignments.guests.actions import begin, claim, complete, next_turn
from annotations.assignments.guests.models import Guest, GuestJudgement
from annotations.assignments.holding import avert
from annotations.assignments.models import Assignment, Campaign, Cell, Item, Judgement, Receipt
from annotations.errors import Refused
from annotations.people.actions import Spoken, give_consent, join, speak, withdraw
from annotations.people.models import Person
from annotations.people.purposes import REQUIRED
from annotations.quality.actions import settle_due
from annotations.quality.models import Verdict
from tests.cast import answer, at_once, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def guest_who_judged(count: int, variety: str = "es-CL", campaign: Campaign | None = None) -> Guest:
    """A guest who preferred A in so many items."""
    guest = begin(guest=None, variety=variety, adult=True, language="pt-br")
    for _ in range(count):
        turn = next_turn(guest=guest, campaign=campaign)
        assert turn
        give(guest=guest, submission=Submission(uuid.uuid4(), turn.pk, language="pt-BR", seconds=9),
             answer={"preferred": "a", "strength": 2})  # fmt: skip
    return guest


def newcomer(name: str = "nueva") -> Person:
    return join(username=name, password=None, language="es", adult=True)


def consent(person: Person, licence: str = "CC-BY-4.0") -> None:
    give_consent(person=person, purposes=dict.fromkeys(REQUIRED, True), language="es", licence=licence)


def nothing_waits() -> bool:
    return not Guest.objects.exists() and not GuestJudgement.objects.exists()


def test_a_claimed_answer_is_the_judgement_it_would_have_been() -> None:
    world(line("1"), needed=1)
    guest = guest_who_judged(1)
    given = GuestJudgement.objects.get()
    (ana,) = people(1)
    assert claim(person=ana, guest_id=guest.pk) == 1
    judgement = Judgement.objects.get()
    assert (judgement.person, judgement.counted, judgement.late, judgement.channel) == (ana, True, False, "web")
    assert (judgement.consent, judgement.judge_variety_id) == (ana.consent, "es-CL")
    assert (judgement.shown, judgement.vote.preferred_id, judgement.vote.strength) == (given.shown, given.shown[0], 2)
    assert (judgement.seconds, judgement.language, judgement.guideline_version) == (9, "pt-BR", "1")
    assert (judgement.offer_policy, judgement.offer_probability) == ("guest", 1)
    assert judgement.client_at == given.given_at < judgement.received_at, "received is the moment of the claim"
    assert Receipt.objects.get().pk == given.key
    seat = Assignment.objects.get()
    assert (seat.pk, seat.state, seat.person) == (given.pk, "answered", ana)
    assert (Cell.objects.get().held, Cell.objects.get().done) == (0, 1)
    assert nothing_waits()
    assert settle_due() == 1
    assert Verdict.objects.get().outcome == "output"


@pytest.mark.parametrize("why", ["wrote it", "never wants to see it"])
def test_who_is_not_shown_an_item_judges_it_as_a_guest_no_more_than_at_the_table(why: str) -> None:
    world(line("1"))
    guest = guest_who_judged(1)
    (ana,) = people(1)
    item = Item.objects.get()
    if why == "wrote it":
        Item.objects.update(author=ana)
    else:
        avert(person=ana, outputs=[item.outputs.first().pk])  # type: ignore[union-attr]
    assert claim(person=ana, guest_id=guest.pk) == 0
    assert not Judgement.objects.exists()
    assert nothing_waits()


def test_it_can_be_taken_back_like_any_other() -> None:
    world(line("1"))
    guest = guest_who_judged(1)
    key = GuestJudgement.objects.get().key
    (ana,) = people(1)
    claim(person=ana, guest_id=guest.pk)
    assert key
    undo(person=ana, key=key)
    assert (Cell.objects.get().held, Cell.objects.get().done) == (1, 0)


def test_a_newcomer_s_answers_wait_until_they_said_what_they_speak_and_consented() -> None:
    world(line("1"), line("2"), line("3"))
    guest, ana = guest_who_judged(3), newcomer()
    assert claim(person=ana, guest_id=guest.pk) == 0
    assert Guest.objects.get().person == ana
    speak(person=ana, varieties=[Spoken("es-CL")])
    assert not Judgement.objects.exists()
    assert settle_due() == 0
    consent(ana)
    assert Judgement.objects.filter(person=ana, counted=True).count() == 3
    assert nothing_waits()


def test_consent_may_come_before_the_varieties() -> None:
    world(line("1"))
    guest, ana = guest_who_judged(1), newcomer()
    claim(person=ana, guest_id=guest.pk)
    consent(ana)
    assert not Judgement.objects.exists()
    speak(person=ana, varieties=[Spoken("es-CL")])
    assert Judgement.objects.filter(person=ana).count() == 1


def test_half_a_consent_claims_nothing() -> None:
    world(line("1"))
    guest, ana = guest_who_judged(1), newcomer()
    claim(person=ana, guest_id=guest.pk)
    speak(person=ana, varieties=[Spoken("es-CL")])
    give_consent(person=ana, purposes={"annotate": True}, language="es", licence="CC-BY-4.0")
    assert not Judgement.objects.exists()
    withdraw(person=ana)
    assert (Judgement.objects.count(), GuestJudgement.objects.count()) == (0, 1)


def test_whoever_says_another_variety_is_not_held_to_the_first_and_may_correct_it() -> None:
    world(line("1"))
    guest, ana = guest_who_judged(1), newcomer()
    claim(person=ana, guest_id=guest.pk)
    speak(person=ana, varieties=[Spoken("es-MX")])
    consent(ana)
    assert (Judgement.objects.count(), GuestJudgement.objects.count()) == (0, 1)
    speak(person=ana, varieties=[Spoken("es-CL")])
    assert Judgement.objects.get().counted


@pytest.mark.parametrize(
    ("speaks", "judged_as"),
    [(["es-CO", "es-CO-x-paisa"], "es-CO-x-paisa"), (["es-CO"], "es-CO"), (["es-CO-x-costeno"], "es-CO-x-costeno")],
)
def test_it_was_judged_as_the_guest_said_where_the_person_says_so_too(speaks: list[str], judged_as: str) -> None:
    world(line("1", variety="es-CO"))
    guest, ana = guest_who_judged(1, "es-CO-x-paisa"), newcomer()
    speak(person=ana, varieties=[Spoken(tag) for tag in speaks])
    consent(ana)
    claim(person=ana, guest_id=guest.pk)
    assert Judgement.objects.get().judge_variety_id == judged_as


def test_work_under_another_licence_waits_for_its_own_consent() -> None:
    world(line("1"), slug="una")
    world(line("1"), slug="otra", contribution_licence="CC0-1.0")
    guest = guest_who_judged(2)
    (ana,) = people(1)
    assert claim(person=ana, guest_id=guest.pk) == 1
    assert Judgement.objects.get().campaign.slug == "una"
    consent(ana, "CC0-1.0")
    assert sorted(Judgement.objects.values_list("campaign__slug", flat=True)) == ["otra", "una"]
    assert nothing_waits()


def test_a_paused_account_s_answers_wait_too() -> None:
    world(line("1"))
    guest = guest_who_judged(1)
    (ana,) = people(1)
    Person.objects.update(standing="paused")
    assert claim(person=ana, guest_id=guest.pk) == 0
    Person.objects.update(standing="good")
    assert claim(person=ana, guest_id=guest.pk) == 1


@pytest.mark.parametrize("judged", [True, False])
def test_where_the_account_met_the_item_itself_its_own_stands(judged: bool) -> None:
    campaign = world(line("1"))
    guest = guest_who_judged(1)
    (ana,) = people(1)
    seat = seat_at(ana, campaign)
    if judged:
        answer(ana, seat, {"preferred": "tie"})
    assert claim(person=ana, guest_id=guest.pk) == 0
    assert [each.vote.outcome for each in Judgement.objects.all()] == ["tie"] * judged
    assert (Assignment.objects.get().pk, nothing_waits()) == (seat.pk, True)


def test_two_guests_of_one_person_are_one_judgement_for_each_item() -> None:
    world(line("1"), line("2"))
    guests = [guest_who_judged(2) for _ in range(2)]
    (ana,) = people(1)
    assert [claim(person=ana, guest_id=guest.pk) for guest in guests] == [2, 0]
    assert [cell.done for cell in Cell.objects.all()] == [1, 1]
    assert nothing_waits()


def test_what_was_settled_meanwhile_is_kept_and_moves_no_verdict() -> None:
    campaign = world(line("1"))
    guest = guest_who_judged(1)
    for person in people(3, "es-CL-x-chiloe"):
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    settle_due()
    (ana,) = people(1)
    assert claim(person=ana, guest_id=guest.pk) == 1
    kept = Judgement.objects.get(person=ana)
    assert (kept.counted, kept.not_counted, kept.late) == (False, "settled", True)
    assert settle_due() == 0
    assert Verdict.objects.get().outcome == "tie"


def test_nobody_who_sits_at_the_item_now_loses_their_place() -> None:
    campaign = world(line("1"))
    guest = guest_who_judged(1)
    crowd = [(person, seat_at(person, campaign)) for person in people(3, "es-CL-x-chiloe")]
    (ana,) = people(1)
    claim(person=ana, guest_id=guest.pk)
    kept = Judgement.objects.get()
    assert (kept.counted, kept.not_counted) == (False, "no_room")
    assert (Cell.objects.get().held, Cell.objects.get().done) == (3, 0)
    assert [answer(person, seat, {"preferred": "a"}).judgement.counted for person, seat in crowd] == [True] * 3


def test_a_way_out_is_claimed_as_one() -> None:
    world(line("1"))
    guest = begin(guest=None, variety="es-CL", adult=True, language="es")
    turn = next_turn(guest=guest)
    assert turn
    give(guest=guest, submission=Submission(uuid.uuid4(), turn.pk), answer=None, way_out="tarea_rota")
    (ana,) = people(1)
    claim(person=ana, guest_id=guest.pk)
    judgement = Judgement.objects.get()
    assert (judgement.opt_out, judgement.counted, judgement.not_counted) == ("tarea_rota", False, "opt_out")
    assert (Cell.objects.get().held, Cell.objects.get().done) == (0, 0)


def test_a_key_somebody_else_used_costs_that_answer_only() -> None:
    campaign = world(line("1"), line("2"), line("3"))
    bruno, ana = people(2)
    guest = guest_who_judged(2)
    stolen = GuestJudgement.objects.filter(guest=guest).order_by("number").first()
    assert stolen
    answer(bruno, seat_at(bruno, campaign), {"preferred": "tie"}, stolen.key)
    assert claim(person=ana, guest_id=guest.pk) == 1
    assert Judgement.objects.filter(person=ana).count() == 1
    assert {cell.held for cell in Cell.objects.all()} == {0}
    assert nothing_waits()


def test_where_one_guest_s_answer_cannot_be_taken_another_s_to_the_same_item_is() -> None:
    campaign = world(line("1"), line("2"))
    bruno, ana = people(2)
    guests = [guest_who_judged(2) for _ in range(2)]
    for stolen in guests[0].judgements.all():
        answer(bruno, seat_at(bruno, campaign), {"preferred": "tie"}, stolen.key)
    Guest.objects.update(person=ana)
    assert complete(person=ana) == 2
    assert {(cell.held, cell.done) for cell in Cell.objects.all()} == {(0, 2)}


def test_claiming_again_or_by_somebody_else_changes_nothing() -> None:
    world(line("1"))
    guest, ana, eva = guest_who_judged(1), newcomer(), people(1)[0]
    claim(person=ana, guest_id=guest.pk)
    assert claim(person=eva, guest_id=guest.pk) == 0, "it waits for Ana"
    assert claim(person=eva, guest_id=uuid.uuid4()) == 0
    speak(person=ana, varieties=[Spoken("es-CL")])
    consent(ana)
    assert [claim(person=person, guest_id=guest.pk) for person in (ana, eva)] == [0, 0]
    assert Judgement.objects.get().person == ana


def test_a_claimed_guest_answers_no_more() -> None:
    world(line("1"), line("2"))
    guest = guest_who_judged(1)
    turn = next_turn(guest=guest)
    assert turn
    claim(person=newcomer(), guest_id=guest.pk)
    with pytest.raises(Refused, match="not_found"):
        give(guest=guest, submission=Submission(uuid.uuid4(), turn.pk), answer={"preferred": "a"})
    assert GuestJudgement.objects.count() == 1, "what was not answered is not claimed"


def test_a_person_s_going_takes_what_waits_for_them() -> None:
    world(line("1"))
    guest, ana = guest_who_judged(1), newcomer()
    claim(person=ana, guest_id=guest.pk)
    ana.delete()
    assert nothing_waits()


@pytest.mark.django_db(transaction=True)
def test_parallel_log_ins_claim_once() -> None:
    world(*(line(str(number)) for number in range(5)))
    guest = guest_who_judged(5)
    ana, eva = people(2)
    outcomes = at_once(*[partial(claim, person=person, guest_id=guest.pk) for person in (ana, eva, ana, eva)])
    assert sorted(outcomes) == [0, 0, 0, 5]
    assert Judgement.objects.values("person").distinct().count() == 1
    assert [cell.done for cell in Cell.objects.all()] == [1] * 5


@pytest.mark.django_db(transaction=True)
def test_people_who_claim_the_same_items_at_once_fill_them_and_no_more() -> None:
    """Four newcomers judged the same five items, in orders of their own, with two places each."""
    world(*(line(str(number)) for number in range(5)), needed=2)
    pairs = [(person, guest_who_judged(5)) for person in people(4)]
    outcomes = at_once(*[partial(claim, person=person, guest_id=guest.pk) for person, guest in pairs])
    assert outcomes == [5, 5, 5, 5]
    assert {(cell.held, cell.done) for cell in Cell.objects.all()} == {(0, 2)}
    assert Judgement.objects.filter(counted=False, not_counted="settled").count() == 10


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_log_in_at_once_lose_nothing() -> None:
    world(line("1"), line("2"))
    (ana,) = people(1)
    guest = guest_who_judged(1)
    turn = next_turn(guest=guest)
    assert turn
    submission = Submission(uuid.uuid4(), turn.pk)
    kept, became = at_once(
        partial(give, guest=guest, submission=submission, answer={"preferred": "a"}),
        partial(claim, person=ana, guest_id=guest.pk),
    )
    assert became == (2 if kept is True else 1)
    assert kept is True or kept.code == "not_found"
    assert Judgement.objects.count() == became
    assert nothing_waits()
