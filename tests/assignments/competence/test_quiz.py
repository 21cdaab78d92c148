"""Practice items are the quiz of a campaign that asks only confirmed people: the first answer to each is read, four of
five are enough, and nobody who passed it another way has to."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.assignments.actions import undo
from annotations.assignments.competence.actions import confirm_by_quiz
from annotations.assignments.competence.queries import FEWEST, Quiz, quiz_of, standings
from annotations.assignments.holding import avert
from annotations.assignments.models import Assignment, Campaign, Judgement
from annotations.assignments.packs.actions import take_pack
from annotations.assignments.seats import next_for
from annotations.errors import Refused
from annotations.people.actions import Spoken, speak
from annotations.people.competence.actions import new_vouch_code, take_back
from annotations.people.competence.models import Confirmed
from annotations.people.competence.queries import confirmed_tags
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from tests.cast import answer, key_of, line, people, seat_at, world
from tests.people.test_competence import namer

pytestmark = pytest.mark.django_db
PAISA = "es-CO-x-paisa"
FIRST = {"expected": {"preferred": "a"}, "explanation": "Porque dice *cómo*."}


def lesson(name: str, **facts: Any) -> dict[str, Any]:
    return line(f"p{name}", practice=FIRST, **facts)


def taught(lessons: int = 5, **facts: Any) -> Campaign:
    """A campaign whose quiz has so many items; the answer that stands first in each is the one expected."""
    first = [lesson(str(number), prompt=f"Práctica {number}") for number in range(lessons)]
    settings = {"asks_confirmed": True, "practice": 5, "needed": 5} | facts
    return world(*first, line("1"), line("2"), **settings)


def practises(person: Person, campaign: Campaign, agreed: int, of: int = 5) -> None:
    """Answers the next so many lessons, the first few as expected."""
    for number in range(of):
        seat = seat_at(person, campaign)
        assert seat.state == Assignment.State.OUTSIDE, "it is one to learn from"
        answer(person, seat, {"preferred": key_of(seat, 0 if number < agreed else 1)})


def test_four_of_five_confirm_and_the_real_ones_come_next() -> None:
    campaign = taught()
    (ana,) = people(1)
    practises(ana, campaign, 4)
    row = Confirmed.objects.get()
    assert (row.person, row.variety_id, row.how, row.confirmed_by) == (ana, "es-CL", "quiz", None)
    assert seat_at(ana, campaign).state == Assignment.State.HELD
    assert set(Judgement.objects.values_list("counted", "not_counted")) == {(False, "practice")}


def test_three_of_five_do_not_and_what_is_left_is_another_way() -> None:
    campaign = taught()
    (ana,) = people(1)
    practises(ana, campaign, 3)
    assert not Confirmed.objects.exists()
    with pytest.raises(Refused, match="competence_required"):
        next_for(person=ana, campaign=campaign)
    quiz = quiz_of(ana, campaign, "es-CL")
    assert quiz
    assert (quiz.left, quiz.asked, quiz.agreed, len(quiz.others)) == (0, 5, 3, 2)
    assert new_vouch_code(person=ana, variety=Variety.objects.get(pk="es-CL"))


@given(asked=st.integers(0, 30), agreed=st.integers(0, 30), left=st.integers(0, 3))
@settings(max_examples=80)
def test_what_passes_is_four_of_five_of_five_or_more(asked: int, agreed: int, left: int) -> None:
    quiz = Quiz(Campaign(), "es-CL", left=left, asked=asked, agreed=min(agreed, asked))
    assert quiz.is_passed == (not left and asked >= FEWEST and min(agreed, asked) / asked >= 0.8)


def test_lessons_are_met_before_anybody_is_confirmed_and_not_a_fifth_confirms() -> None:
    campaign = taught()
    (ana,) = people(1)
    practises(ana, campaign, 4, of=4)
    assert not Confirmed.objects.exists(), "all that are asked have to be answered"
    with pytest.raises(Refused, match="not_open"):
        take_pack(person=ana, campaign=campaign, weigh=len)


def test_the_first_answer_is_read_though_it_was_taken_back() -> None:
    """What was expected is told after an answer: whoever takes it back knows it."""
    campaign = taught()
    (ana,) = people(1)
    for number in range(5):
        seat, key = seat_at(ana, campaign), uuid.uuid4()
        answer(ana, seat, {"preferred": key_of(seat, 0 if number < 3 else 1)}, key)
        undo(person=ana, key=key)
        again = seat_at(ana, campaign)
        assert again == seat
        answer(ana, again, {"preferred": key_of(again, 0)})
    assert Judgement.objects.filter(undone_at=None).count() == 5
    assert not Confirmed.objects.exists()


def test_nobody_passes_by_never_wanting_to_see_again_what_they_got_wrong() -> None:
    """What was expected is told after each, and an output one reports is averted; its item stays in the quiz."""
    campaign = taught(lessons=8, practice=8)
    (ana,) = people(1)
    practises(ana, campaign, 4, of=8)
    wrong = Judgement.objects.filter(person=ana).order_by("-pk")[:3]
    avert(person=ana, outputs=[judgement.shown[0] for judgement in wrong])
    assert (quiz := quiz_of(ana, campaign, "es-CL"))
    assert (quiz.asked, quiz.agreed, quiz.is_passed) == (8, 4, False)


def test_a_way_out_is_no_agreement_and_the_last_answer_may_be_one() -> None:
    campaign = taught()
    ana, eva = people(2)
    practises(ana, campaign, 4, of=4)
    answer(ana, seat_at(ana, campaign), {"opt_out": "no_se"})
    assert confirmed_tags(ana) == {"es-CL"}, "four of five agreed"
    practises(eva, campaign, 3, of=3)
    for _lesson in range(2):
        answer(eva, seat_at(eva, campaign), {"opt_out": "no_se"})
    assert confirmed_tags(eva) == set()


def test_too_few_are_no_quiz_nor_are_those_without_an_expected_answer() -> None:
    campaign = taught(lessons=4)
    (ana,) = people(1)
    practises(ana, campaign, 4, of=4)
    with pytest.raises(Refused, match="competence_required"):
        next_for(person=ana, campaign=campaign)
    explained = {"explanation": FIRST["explanation"]}
    other = world(*(line(f"q{number}", practice=explained) for number in range(5)), line("x"),
                  slug="otra", asks_confirmed=True, practice=5)  # fmt: skip
    practises(ana, other, 5)
    assert not Confirmed.objects.exists()


def test_further_practice_items_are_asked_too_and_all_count_together() -> None:
    campaign = taught(lessons=10)
    (ana,) = people(1)
    practises(ana, campaign, 3)
    Campaign.objects.update(practice=10)
    campaign.refresh_from_db()
    practises(ana, campaign, 5)
    assert confirmed_tags(ana) == {"es-CL"}, "eight of ten"


def test_a_plain_campaign_confirms_nobody_and_asks_for_nothing_more() -> None:
    campaign = taught(asks_confirmed=False)
    (ana,) = people(1)
    with CaptureQueriesContext(connection) as asked:
        practises(ana, campaign, 5)
    assert not [each for each in asked if "annotations_confirmed" in each["sql"]]
    assert not Confirmed.objects.exists()


def test_what_was_practised_before_counts_on_a_press_of_the_button() -> None:
    campaign = taught(asks_confirmed=False)
    ana, eva = people(2)
    practises(ana, campaign, 5)
    practises(eva, campaign, 3)
    Campaign.objects.update(asks_confirmed=True)
    for person, tags in ((ana, {"es-CL"}), (eva, set())):
        client = Client()
        client.force_login(person)
        form = {"variety": "es-CL", "campaign": "prueba"}
        assert client.post("/me/confirmed/", form)["Location"] == "/me/confirmed/"
        assert confirmed_tags(person) == tags


def test_each_variety_has_its_own_quiz_and_is_confirmed_by_that() -> None:
    """A speaker of Paisa who learns from items of Colombian Spanish is confirmed in that, and not in Paisa."""
    lessons = [lesson(f"{tag}{n}", variety=tag) for tag in ("es-CO", "es-CL") for n in range(5)]
    real = [line(tag, variety=tag) for tag in ("es-CO", "es-CL", PAISA)]
    campaign = world(*lessons, *real, asks_confirmed=True, practice=5)
    beto = volunteer("beto", "muy-larga-y-rara", PAISA)
    practises(beto, campaign, 5)
    assert confirmed_tags(beto) == {"es-CO"}
    seat = seat_at(beto, campaign)
    assert (seat.cell.variety_id, seat.judge_variety_id) == ("es-CO", PAISA)
    answer(beto, seat, {"preferred": "a"})
    assert next_for(person=beto, campaign=campaign) is None
    carla = volunteer("carla", "muy-larga-y-rara", "es-CL")
    speak(person=carla, varieties=[Spoken("es-CL"), Spoken("es-CO")])
    practises(carla, campaign, 10, of=10)
    assert confirmed_tags(carla) == {"es-CO", "es-CL"}


def test_an_item_judged_in_several_varieties_is_asked_in_one() -> None:
    campaign = world(*(lesson(str(n)) for n in range(5)), line("1"), asks_confirmed=True, practice=5,
                     judged_in=["es-CL", "es-AR"])  # fmt: skip
    ana = volunteer("ana", "muy-larga-y-rara", "es-CL")
    speak(person=ana, varieties=[Spoken("es-CL"), Spoken("es-AR")])
    practises(ana, campaign, 5)
    assert len(confirmed_tags(ana)) == 1, "the other is confirmed another way: nobody answers an item twice"


def test_what_a_person_took_back_no_quiz_brings_back() -> None:
    campaign = taught(lessons=6)
    (ana,) = people(1)
    practises(ana, campaign, 5)
    take_back(by=namer(), confirmed=Confirmed.objects.get(), code="unfair", reason="Respondió otra persona.")
    Campaign.objects.update(practice=6)
    campaign.refresh_from_db()
    practises(ana, campaign, 1, of=1)
    assert confirm_by_quiz(person=ana, campaign=campaign, variety=Variety.objects.get(pk="es-CL")) is None
    with pytest.raises(Refused, match="competence_required"):
        next_for(person=ana, campaign=campaign)


# The page -----------------------------------------------------------------------------------------------------------


def page(person: Person, **form: Any) -> Any:
    client = Client()
    client.force_login(person)
    return client.post("/me/confirmed/", form) if form else client.get("/me/confirmed/")


def test_the_page_tells_of_every_variety_what_is_and_how_it_can_be() -> None:
    campaign = taught()
    ana, eva = people(2)
    practises(ana, campaign, 3)
    (row,) = page(ana).context["rows"]
    assert (row.variety.pk, row.by, row.campaigns, row.vouches, row.code) == ("es-CL", None, [campaign], 0, None)
    assert [(quiz.agreed, quiz.asked, len(quiz.others)) for quiz in row.quizzes] == [(3, 5, 2)]
    text = page(ana).content.decode()
    assert "Práctica 3" in text
    assert "Práctica 0" not in text, "only those that are seen another way"
    (other,) = page(eva).context["rows"]
    assert other.quizzes[0].left == 5
    practises(eva, campaign, 5)
    assert page(eva).context["rows"][0].by.how == "quiz"


def test_a_code_is_shown_once_with_its_link() -> None:
    taught()
    (ana,) = people(1)
    shown = page(ana, variety="es-CL")
    code = shown.context["code"]
    assert f"http://testserver/confirm/{code}/" in shown.content.decode()
    later = page(ana)
    assert code not in later.content.decode()
    assert later.context["rows"][0].code
    assert page(ana, variety="es-AR").status_code == 400
    assert page(ana, variety="nada").status_code == 404


def test_who_is_confirmed_through_a_part_sees_that() -> None:
    world(line("1", variety="es-CO"), asks_confirmed=True)
    beto = volunteer("beto", "muy-larga-y-rara", PAISA)
    Confirmed.objects.create(person=beto, variety=Variety.objects.get(pk=PAISA), how="lead")
    rows = {row.variety.pk: row for row in standings(beto)}
    assert set(rows) == {PAISA, "es-CO"}
    assert {row.by.variety_id for row in rows.values() if row.by} == {PAISA}


def test_what_was_taken_back_says_why_and_who_can_bring_it_back() -> None:
    taught()
    (ana,) = people(1)
    row = Confirmed.objects.create(person=ana, variety=Variety.objects.get(pk="es-CL"), how="quiz")
    take_back(by=namer(), confirmed=row, code="unfair", reason="Respondió otra persona.")
    shown = page(ana).content.decode()
    assert "Respondió otra persona." in shown
    assert "lidia" not in shown
    assert page(ana, variety="es-CL").status_code == 409


def test_the_page_costs_the_same_however_many_varieties_and_campaigns() -> None:
    taught()
    (ana,) = people(1)
    with CaptureQueriesContext(connection) as few:
        page(ana)
    for number in range(3):
        lessons = [lesson(f"{tag}{n}", variety=tag) for tag in ("es-CO", "es-AR") for n in range(5)]
        world(*lessons, line("x", variety="es-CO"), slug=f"otra-{number}", asks_confirmed=True, practice=5)
    speak(person=ana, varieties=[Spoken(tag) for tag in ("es-CL", "es-CO", "es-AR", PAISA)])
    with CaptureQueriesContext(connection) as many:
        page(ana)
    assert len(many) <= len(few)
