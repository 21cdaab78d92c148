"""Restricted knowledge and withheld records: hidden at once, from everybody but those who decide about them."""

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.utils import DatabaseError

from annotations.assignments.actions import undo
from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Cell, Item
from annotations.assignments.queries import judge_varieties
from annotations.assignments.seats import next_for
from annotations.assignments.stewards import actions
from annotations.assignments.stewards.models import Hidden
from annotations.assignments.stewards.queries import preview, records_of, slice_of
from annotations.errors import Refused
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.stewards.actions import propose, revoke
from annotations.people.stewards.models import StewardsLog
from annotations.people.stewards.queries import charter_of
from tests.cast import answer, appoint, at_once, govern, in_days, lead, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def quz() -> Variety:
    return Variety.objects.get(tag="quz")


def moderator() -> Person:
    person = volunteer("carmen", "muy-larga-y-rara", "es-MX")
    person.user_permissions.add(Permission.objects.get(codename="change_hidden"))
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def several() -> list[Person]:
    return govern("quz", count=3)


@pytest.fixture
def campaign(several: list[Person]) -> Campaign:
    return world(line("1", variety="quz"), line("2", variety="quz"), judged_in=[])


def mark(person: Person, seat: Assignment) -> Hidden:
    return actions.mark_restricted(person=person, assignment_id=seat.pk, knowledge="ceremonial", text="Es del rito")


# Contributions ------------------------------------------------------------------------------------------------------


def test_a_governed_variety_takes_items_and_judges_while_it_is_open_and_gives_no_seat_after(several) -> None:
    campaign = world(line("1", variety="quz"), line("2", variety="quz"))
    ana, bruno = people(2, "quz")
    seat = seat_at(ana, campaign)
    revoke(person=several[0], decision=charter_of(quz()).decision, code="harm", text="Basta")
    assert next_for(person=bruno, campaign=campaign) is None
    assert next_for(person=ana, campaign=campaign) is None, "what lies on the table is not shown again"
    assert judge_varieties(ana) == {}
    assert answer(ana, seat, {"preferred": "tie"}).is_new, "an answer to a seat that was given is kept"
    refused = load_items(campaign=campaign, lines=checked([(1, line("3", variety="quz"))], "tests")).refused
    assert [problem.code for problem in refused] == ["governed"]


def test_a_closed_variety_is_not_shown_to_those_who_judge_in_another(several) -> None:
    campaign = world(line("1", variety="quz"), judged_in=["es-PE"])
    ana = volunteer("ana", "muy-larga-y-rara", "es-PE")
    revoke(person=several[0], decision=charter_of(quz()).decision, code="harm", text="Basta")
    assert next_for(person=ana, campaign=campaign) is None


def test_a_campaign_asks_only_varieties_that_take_contributions(several) -> None:
    Campaign(slug="a", name="a", judged_in=["quz"]).full_clean()
    with pytest.raises(Exception, match="quy"):
        Campaign(slug="b", name="b", judged_in=["quy"]).full_clean()


# Marking ------------------------------------------------------------------------------------------------------------


def test_a_marked_item_is_offered_to_nobody_from_that_moment(campaign: Campaign) -> None:
    ana, bruno, carla = people(3, "quz")
    seat, other = seat_at(ana, campaign), seat_at(bruno, campaign)
    assert seat.item_id == other.item_id
    hidden = mark(ana, seat)
    assert (hidden.kind, hidden.code, hidden.item_id) == ("restricted", "ceremonial", seat.item_id)
    shown = {seat_at(person, campaign).item.source_id for person in (ana, bruno, carla)}
    assert shown == {"2"}
    cell = Cell.objects.get(item=seat.item)
    assert (cell.held, cell.held_back, cell.open) == (0, "restricted", False)
    assert mark(bruno, other).pk == hidden.pk, "it is hidden once"
    assert answer(bruno, other, {"preferred": "tie"}).is_new


def test_an_answer_taken_back_does_not_show_a_hidden_item_again(campaign: Campaign) -> None:
    ana, bruno = people(2, "quz")
    key = uuid.uuid4()
    seat = seat_at(ana, campaign)
    answer(ana, seat, {"preferred": "tie"}, key)
    mark(bruno, seat_at(bruno, campaign))
    undo(person=ana, key=key)
    assert seat_at(ana, campaign).item.source_id == "2"


def test_the_same_question_is_hidden_in_every_campaign_and_when_it_comes_again(campaign: Campaign) -> None:
    other = world(line("1", variety="quz"), slug="otra")
    (ana,) = people(1, "quz")
    mark(ana, seat_at(ana, campaign))
    assert next_for(person=ana, campaign=other) is None
    third = world(line("1", variety="quz"), slug="tercera")
    assert next_for(person=ana, campaign=third) is None


@pytest.mark.parametrize("who", ["stranger", "paused", "unknown_knowledge"])
def test_only_who_was_given_an_item_marks_it(campaign: Campaign, who: str) -> None:
    ana, bruno = people(2, "quz")
    seat = seat_at(ana, campaign)
    person = bruno if who == "stranger" else ana
    if who == "paused":
        ana.standing = Person.Standing.PAUSED
        ana.save()
    knowledge = "secret" if who == "unknown_knowledge" else "place"
    with pytest.raises(Refused):
        actions.mark_restricted(person=person, assignment_id=seat.pk, knowledge=knowledge)
    assert not Hidden.objects.exists()


# Deciding -----------------------------------------------------------------------------------------------------------


def test_a_quorum_of_stewards_brings_a_record_back(campaign: Campaign, several: list[Person]) -> None:
    ana, bruno = people(2, "quz")
    hidden = mark(ana, seat_at(ana, campaign))
    actions.keep_hidden(person=several[0], hidden=hidden, reason="Hay que preguntar")
    hidden = actions.propose_restoring(person=several[0], hidden=hidden, reason="Es de todos")
    assert hidden.lifted_at is None
    with pytest.raises(Refused, match="not_open"):
        actions.propose_restoring(person=several[1], hidden=hidden, reason="También")
    actions.answer(person=several[1], decision=hidden.restoring, approves=True)
    hidden.refresh_from_db()
    assert hidden.lifted_at
    assert Cell.objects.filter(held_back="").count() == 2
    assert seat_at(bruno, campaign).item_id == hidden.item_id
    assert StewardsLog.objects.filter(act="keep", text="Hay que preguntar").exists()


def test_a_declined_return_can_be_asked_again_after_it_was_revoked(campaign: Campaign, several: list[Person]) -> None:
    (ana,) = people(1, "quz")
    hidden = mark(ana, seat_at(ana, campaign))
    first = actions.propose_restoring(person=several[0], hidden=hidden, reason="Es de todos").restoring
    revoke(person=several[1], decision=first, code="sacred", text="No lo es")
    second = actions.propose_restoring(person=several[0], hidden=hidden, reason="Preguntamos").restoring
    assert second != first


def test_what_is_held_back_for_another_reason_stays_so(several: list[Person]) -> None:
    campaign = world(line("1", variety="quz"), line("2", variety="quz"))
    Cell.objects.filter(item__source_id="1").update(held_back="error_answer")
    record = {"variety": quz(), "campaign": campaign.slug, "record": "1", "code": "harm", "text": "x"}
    hidden = actions.withhold(person=several[0], **record)
    hidden = actions.propose_restoring(person=several[0], hidden=hidden, reason="x")
    actions.answer(person=several[1], decision=hidden.restoring, approves=True)
    assert Cell.objects.get(item__source_id="1").held_back == "error_answer"


def test_one_steward_withholds_a_record_of_their_own_variety_only(campaign: Campaign, several: list[Person]) -> None:
    world(line("9"), slug="otra")
    facts = {"code": "asked", "text": "La familia lo pide"}
    hidden = actions.withhold(person=several[2], variety=quz(), campaign="prueba", record="2", **facts)
    assert (hidden.kind, hidden.code, hidden.hidden_by) == ("withheld", "asked", several[2])
    for campaign_slug, record in (("otra", "9"), ("prueba", "nada")):
        with pytest.raises(Refused, match="invalid"):
            actions.withhold(person=several[0], variety=quz(), campaign=campaign_slug, record=record, **facts)
    with pytest.raises(Refused, match="invalid"):
        actions.withhold(person=several[0], variety=quz(), campaign="prueba", record="1", code="?", text="x")


@pytest.mark.parametrize("role", ["volunteer", "other_steward", "lead", "moderator", "superuser"])
def test_nobody_else_decides_about_a_governed_record(campaign: Campaign, role: str) -> None:
    (ana,) = people(1, "quz")
    hidden = mark(ana, seat_at(ana, campaign))
    person = {
        "volunteer": lambda: ana,
        "other_steward": lambda: appoint(volunteer("otra", "muy-larga-y-rara", "es-PE"), "quy").person,
        "lead": lead,
        "moderator": moderator,
        "superuser": lambda: Person.objects.create_superuser("jefa", "muy-larga-y-rara"),
    }[role]()
    record = {"campaign": "prueba", "record": "2", "code": "harm", "text": "x"}
    for act in (
        lambda: actions.lift(moderator=person, hidden=hidden, reason="x"),
        lambda: actions.keep_hidden(person=person, hidden=hidden, reason="x"),
        lambda: actions.propose_restoring(person=person, hidden=hidden, reason="x"),
        lambda: actions.withhold(person=person, variety=quz(), **record),
    ):
        with pytest.raises(Refused, match="not_found"):
            act()
    hidden.refresh_from_db()
    assert (hidden.lifted_at, hidden.kept_at, Hidden.objects.count()) == (None, None, 1)


@pytest.mark.parametrize("database_role", ["minka_app", "owner"])
def test_not_even_sql_brings_a_governed_record_back(campaign: Campaign, several, database_role: str) -> None:
    (ana,) = people(1, "quz")
    hidden = mark(ana, seat_at(ana, campaign))
    actions.propose_restoring(person=several[0], hidden=hidden, reason="Solo una")
    export = propose(person=several[0], variety=quz(), kind="export", reason="x", expires_at=in_days(3))
    actions.answer(person=several[1], decision=export, approves=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {database_role}")
        for sql in (
            "UPDATE annotations_hidden SET lifted_at = now()",
            f"UPDATE annotations_hidden SET lifted_at = now(), restoring_id = {export.pk}",
            f"UPDATE annotations_hidden SET item_id = {Item.objects.exclude(pk=hidden.item_id).get().pk}",
            "DELETE FROM annotations_hidden",
        ):
            with pytest.raises(DatabaseError, match=r"bring_back|Cannot delete"), transaction.atomic():
                cursor.execute(sql)


def test_where_nobody_governs_a_moderator_decides_with_a_reason() -> None:
    campaign = world(line("1"))
    (ana,) = people(1)
    hidden = mark(ana, seat_at(ana, campaign))
    carmen = moderator()
    for who, reason, code in ((ana, "x", "not_found"), (carmen, " ", "invalid")):
        with pytest.raises(Refused, match=code):
            actions.lift(moderator=who, hidden=hidden, reason=reason)
    actions.keep_hidden(person=carmen, hidden=hidden, reason="Pregunto")
    assert actions.lift(moderator=carmen, hidden=hidden, reason="Es un refrán").lifted_at
    assert seat_at(ana, campaign).item_id == hidden.item_id


# Slices -------------------------------------------------------------------------------------------------------------


def test_a_preview_counts_what_the_slice_holds_and_shows_some_of_it(campaign: Campaign, several) -> None:
    world(line("9", variety="quz"), line("es"), slug="otra", judged_in=["quz"])
    (ana,) = people(1, "quz")
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    assert records_of(quz()).count() == 4
    for slice_, items, judgements in (
        ({}, 4, 1),
        ({"campaign": "prueba"}, 2, 1),
        ({"campaign": "otra"}, 2, 0),
        ({"item_kind": "flag"}, 0, 0),
        ({"since": in_days(1).date()}, 0, 0),
        ({"until": in_days(0).date()}, 4, 1),
        ({"until": in_days(-1).date()}, 0, 0),
    ):
        facts = {"expires_at": in_days(9)} | slice_
        decision = propose(person=several[0], variety=quz(), kind="export", reason="x", **facts)
        seen = preview(decision)
        assert (seen.items, seen.judgements, len(seen.sample)) == (items, judgements, items), slice_
    actions.withhold(person=several[0], variety=quz(), campaign="prueba", record="1", code="harm", text="x")
    assert slice_of(decision).count() == 0
    whole = propose(person=several[0], variety=quz(), kind="export", reason="x", expires_at=in_days(9))
    assert slice_of(whole).count() == 3


# At once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_mark_at_once_hide_it_once_and_who_votes_meanwhile_loses_nothing(campaign: Campaign) -> None:
    ana, bruno, carla = people(3, "quz")
    seats = [seat_at(person, campaign) for person in (ana, bruno, carla)]
    outcomes = at_once(
        lambda: mark(ana, seats[0]), lambda: mark(bruno, seats[1]),
        lambda: answer(carla, seats[2], {"preferred": "tie"}),
    )  # fmt: skip
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert Hidden.objects.count() == 1
    cell = Cell.objects.get(item=seats[0].item)
    assert (cell.held, cell.done, cell.held_back) == (0, 1, "restricted")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_seated_at_an_item_that_is_being_marked(campaign: Campaign) -> None:
    ana, *others = people(4, "quz")
    seat = seat_at(ana, campaign)
    at_once(lambda: mark(ana, seat), *[lambda one=one: next_for(person=one, campaign=campaign) for one in others])
    assert not Assignment.objects.filter(item=seat.item, state=Assignment.State.HELD).exists()
    assert Cell.objects.get(item=seat.item).held == 0
