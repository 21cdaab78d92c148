"""Guests at the table: what they are shown, that it is ten at most, and what is refused."""

import datetime as dt
import uuid
from functools import partial

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from annotations.assignments.actions import Submission
from annotations.assignments.guests import actions
from annotations.assignments.guests.actions import answer, begin, delete_unclaimed, next_turn, take_back
from annotations.assignments.guests.jobs import forget
from annotations.assignments.guests.models import AT_MOST, Guest, GuestJudgement
from annotations.assignments.guests.queries import how_far, varieties_with_work
from annotations.assignments.guests.texts import VERSION, guest_text
from annotations.assignments.models import Assignment, Campaign, Cell, Judgement
from annotations.errors import Refused
from annotations.people.models import Variety
from annotations.people.stewards.queries import closed_varieties
from annotations.people.texts import supported
from minka.celery import app as celery
from tests.cast import at_once, line, world

pytestmark = pytest.mark.django_db


def guest(variety: str = "es-CL") -> Guest:
    return begin(guest=None, variety=variety, adult=True, language="es")


def turn(who: Guest, campaign: Campaign | None = None) -> GuestJudgement:
    found = next_turn(guest=who, campaign=campaign)
    assert found
    return found


def vote(who: Guest, at: GuestJudgement, preferred: str = "a", key: uuid.UUID | None = None, **more: str) -> bool:
    submission = Submission(key or uuid.uuid4(), at.pk, seconds=7.5)
    return answer(guest=who, submission=submission, answer=None if more else {"preferred": preferred}, **more)


def many(count: int) -> list[dict]:
    return [line(str(number)) for number in range(count)]


def test_a_guest_agrees_to_the_text_that_was_shown() -> None:
    world(line("1"))
    who = begin(guest=None, variety="es-CL", adult=True, language="pt-br")
    text = guest_text("pt-BR")
    assert (who.text_version, who.text_sha256, who.language) == (VERSION, text.sha256, supported("pt"))
    assert "30 dias" in text.markdown


@pytest.mark.parametrize(
    ("variety", "adult"), [("es-CL", False), ("xx", True), ("", True), ("es", True), ("es-419", True), ("quz", True)]
)
def test_no_row_is_made_for_who_is_younger_or_speaks_nothing_a_guest_may_choose(variety: str, adult: bool) -> None:
    world(line("1"))
    assert "quz" in closed_varieties()
    with pytest.raises(Refused, match="invalid"):
        begin(guest=None, variety=variety, adult=adult, language="es")
    assert not Guest.objects.exists()


def test_what_a_guest_answers_takes_no_seat_and_is_no_judgement() -> None:
    world(line("1"), needed=1)
    who = guest()
    assert vote(who, turn(who))
    assert (Assignment.objects.count(), Judgement.objects.count()) == (0, 0)
    cell = Cell.objects.get()
    assert (cell.held, cell.done, cell.open) == (0, 0, True)
    kept = GuestJudgement.objects.get()
    assert (kept.answer, kept.seconds, kept.language, kept.number) == ({"preferred": "a"}, 7.5, "es", 1)


def test_releases_cannot_read_what_guests_answered() -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET ROLE minka_export")
        for table in ("annotations_guest", "annotations_guestjudgement"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize(
    ("speaks", "item", "gets"),
    [
        ("es-CO-x-paisa", "es-CO", True), ("es-CO-x-paisa", "es-419", True), ("es-CO", "es-CO-x-paisa", False),
        ("es-CO-x-paisa", "es-CO-x-costeno", False), ("pt-BR", "es-419", False),
    ],
)  # fmt: skip
def test_a_guest_gets_what_a_member_of_their_variety_gets(speaks: str, item: str, gets: bool) -> None:
    world(line("1", variety=item))
    who = guest(speaks)
    assert (next_turn(guest=who) is not None) == gets
    assert (speaks in varieties_with_work().values_list("tag", flat=True)) == gets


def test_a_variety_that_became_governed_is_not_shown_to_guests() -> None:
    world(line("1"), line("2", variety="es-419"))
    who = guest()
    Variety.objects.filter(tag="es-419").update(governed="ask")
    assert turn(who).item.source_id == "1"
    Variety.objects.filter(tag="es-CL").update(governed="yes")
    assert next_turn(guest=Guest.objects.get()) is None, "what waits is not shown any more either"
    assert "es-CL" not in varieties_with_work().values_list("tag", flat=True)


@pytest.mark.parametrize("closed", [{"takes_guests": False}, {"state": "paused"}, {"ends_at": "2020-01-01T00:00Z"}])
def test_a_campaign_that_takes_no_guests_says_so_and_shows_nothing(closed: dict) -> None:
    campaign = world(line("1"))
    who = guest()
    turn(who)  # what waits for an answer is not shown any more either
    Campaign.objects.update(**closed)
    assert next_turn(guest=who) is None
    assert not varieties_with_work().exists()
    with pytest.raises(Refused, match="not_open"):
        next_turn(guest=who, campaign=campaign)


@pytest.mark.parametrize("full", [{"held": 3}, {"held_back": "endpoint_error"}, {"settled_at": "2026-01-01T00:00Z"}])
def test_what_is_not_open_is_not_shown(full: dict) -> None:
    world(line("1"))
    Cell.objects.update(**full)
    assert next_turn(guest=guest()) is None


def test_the_turn_and_its_order_stay_until_it_is_answered() -> None:
    world(line("1", "uno", "dos", "tres", "cuatro"), *many(1))
    who = guest()
    first = turn(who)
    again = [turn(who) for _ in range(5)]
    assert {(each.pk, tuple(each.shown)) for each in again} == {(first.pk, tuple(first.shown))}
    assert sorted(first.shown) == sorted(first.item.outputs.values_list("pk", flat=True))


def test_items_are_drawn_at_random_from_the_far_end_of_the_queue(monkeypatch) -> None:
    monkeypatch.setattr(actions, "DRAWN_FROM", 4)
    world(*many(6))
    firsts = [turn(guest()) for _ in range(40)]
    assert {each.item.source_id for each in firsts} == {"2", "3", "4", "5"}
    assert {each.offer_probability for each in firsts} == {1 / 4}


def test_nothing_is_shown_twice_and_ten_is_the_end() -> None:
    world(*many(12))
    who = guest()
    for number in range(1, AT_MOST + 1):
        at = turn(who)
        assert at.number == number
        vote(who, at, "tie")
    assert next_turn(guest=who) is None
    assert how_far(who).left == 0
    assert GuestJudgement.objects.values("item").distinct().count() == AT_MOST
    begin(guest=who, variety="es-CL-x-chiloe", adult=True, language="es")
    assert next_turn(guest=who) is None, "the door again gives no other ten"


def test_the_database_itself_refuses_the_eleventh() -> None:
    world(*many(12))
    who = guest()
    for _ in range(AT_MOST):
        vote(who, turn(who))
    cell = Cell.objects.exclude(item__in=who.judgements.values("item")).first()
    assert cell
    facts = {
        "guest": who, "item": cell.item, "cell": cell, "judge_variety_id": "es-CL", "shown": [1],
        "offer_probability": 1, "guideline_version": "1",
    }  # fmt: skip
    for number, constraint in ((10, "guest_and_number"), (11, "ten_at_most")):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            GuestJudgement.objects.create(number=number, **facts)


def test_a_way_out_is_one_of_the_ten() -> None:
    world(*many(2))
    who = guest()
    vote(who, turn(who), way_out="no_se")
    assert GuestJudgement.objects.get().opt_out == "no_se"
    assert (turn(who).number, how_far(who).done) == (2, 1)
    with pytest.raises(Refused, match="invalid"):
        vote(who, turn(who), way_out="me_aburro")


def test_the_same_key_is_one_answer_and_anything_else_under_it_is_refused() -> None:
    world(*many(2))
    who = guest()
    first, key = turn(who), uuid.uuid4()
    assert [vote(who, first, "a", key) for _ in range(2)] == [True, False]
    with pytest.raises(Refused, match="key_reused"):
        vote(who, first, "b", key)
    with pytest.raises(Refused, match="key_reused"):
        vote(who, turn(who), "a", key)
    with pytest.raises(Refused, match="already_judged"):
        vote(who, first)


def test_only_what_was_shown_to_this_guest_is_answered_and_only_as_the_kind_understands_it() -> None:
    world(*many(2))
    who, other = guest(), guest()
    at = turn(who)
    for stranger, seat in ((other, at.pk), (who, uuid.uuid4())):
        with pytest.raises(Refused, match="not_found"):
            answer(guest=stranger, submission=Submission(uuid.uuid4(), seat), answer={"preferred": "a"})
    for wrong in ({"preferred": "z"}, {"preferred": "tie", "strength": 1}, {"ranking": [["a"]]}, {}, {"surprise": 1}):
        with pytest.raises(Refused, match="invalid"):
            answer(guest=who, submission=Submission(uuid.uuid4(), at.pk), answer=wrong)
    assert not GuestJudgement.objects.exclude(given_at=None).exists()


def test_the_last_answer_is_taken_back_and_its_turn_waits_again() -> None:
    world(*many(3))
    who = guest()
    first, key = turn(who), uuid.uuid4()
    vote(who, first, "a", key)
    turn(who)
    take_back(guest=who, key=key)
    again = turn(who)
    assert (again.pk, again.shown, how_far(who).done) == (first.pk, first.shown, 0)
    vote(who, again, "b")
    with pytest.raises(Refused, match="not_found"):
        take_back(guest=who, key=key)


def test_another_variety_at_the_door_changes_what_comes_and_not_what_was_given() -> None:
    world(line("1"), line("2", variety="es-MX"))
    who = guest()
    vote(who, turn(who))
    who = begin(guest=who, variety="es-MX", adult=True, language="es")
    assert turn(who).item.source_id == "2"
    assert list(who.judgements.order_by("number").values_list("judge_variety", flat=True)) == ["es-CL", "es-MX"]


def test_what_waits_in_one_campaign_does_not_stand_in_the_way_of_another() -> None:
    one, other = world(line("1"), slug="una"), world(line("1"), slug="otra")
    who = guest()
    assert turn(who, one).item.campaign == one
    assert turn(who, other).item.campaign == other
    assert turn(who, one).number == 1


def test_asking_costs_the_same_whatever_there_is(django_assert_max_num_queries) -> None:
    world(*many(30))
    who = guest()
    vote(who, turn(who))
    with django_assert_max_num_queries(14):
        next_turn(guest=who)


def test_what_nobody_claims_goes_after_thirty_days() -> None:
    world(*many(3))
    old, fresh, empty = guest(), guest(), guest()
    vote(old, turn(old))
    turn(old)
    vote(fresh, turn(fresh))
    month_ago = timezone.now() - dt.timedelta(days=30, minutes=1)
    GuestJudgement.objects.filter(guest=old).update(shown_at=month_ago)
    Guest.objects.filter(pk__in=[old.pk, empty.pk]).update(agreed_at=month_ago)
    forget()
    assert list(Guest.objects.all()) == [fresh]
    assert [each.guest for each in GuestJudgement.objects.all()] == [fresh]
    assert delete_unclaimed() == 0
    with pytest.raises(Refused, match="not_found"):
        turn(old)


def test_deleting_is_on_the_timetable_and_the_worker_knows_it() -> None:
    celery.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert forget.name in planned
    assert planned <= set(celery.tasks)


@pytest.mark.django_db(transaction=True)
def test_eleven_at_once_are_one_turn_and_one_answer() -> None:
    world(*many(12))
    who = guest()
    turns = at_once(*[partial(turn, who)] * 11)
    assert len({each.pk for each in turns}) == 1
    outcomes = at_once(*[partial(vote, who, turns[0]) for _ in range(11)])
    assert sorted(getattr(each, "code", "kept") for each in outcomes) == ["already_judged"] * 10 + ["kept"]


@pytest.mark.django_db(transaction=True)
def test_eleven_campaigns_at_once_are_ten_turns() -> None:
    campaigns = [world(line("1"), slug=f"c{number}") for number in range(11)]
    who = guest()
    turns = at_once(*[partial(next_turn, guest=who, campaign=each) for each in campaigns])
    assert sorted(each.number for each in turns if each) == list(range(1, 11))
    assert turns.count(None) == 1
