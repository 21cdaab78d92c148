"""Trusted speakers check a part of the verdicts, decide where they contradict, and see all of what is pushed."""

from itertools import count
from math import comb
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from annotations.assignments.actions import undo
from annotations.assignments.api import checked as checked_lines
from annotations.assignments.caps import has_room
from annotations.assignments.guests.actions import next_turn
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign, Cell
from annotations.assignments.notes.queries import campaigns_with_work, why_nothing
from annotations.assignments.packs.actions import take_pack
from annotations.assignments.seats import expire_seats, give_back, next_for
from annotations.corpus.models import ModelVersion
from annotations.errors import Refused
from annotations.people.actions import withdraw
from annotations.people.anchors.actions import end_anchor, name_anchor
from annotations.people.anchors.models import Anchor
from annotations.people.anchors.queries import anchors_now
from annotations.people.demo import seed_people, volunteer
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from annotations.people.seeding import load_varieties
from annotations.quality.actions import settle_due
from annotations.quality.checks.actions import lift_alarm, look_for_alarms
from annotations.quality.checks.models import Alarm
from annotations.quality.checks.queries import corrections, is_drawn
from annotations.quality.checks.rules import Corrected, by_chance, is_one_sided
from annotations.quality.models import Verdict
from annotations.quality.queries import short_cells, unsure_so_far
from tests.assignments.guests.test_claims import guest_who_judged
from tests.cast import answer, in_days, key_of, lead, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def anchor(name: str = "maestra", variety: str = "es-CL") -> Person:
    person = volunteer(name, "muy-larga-y-rara", variety)
    name_anchor(lead=lead(), person=person, variety=Variety.objects.get(tag=variety), why="Enseña la lengua.")
    return person


def votes(person: Person, campaign: Campaign, position: int, most: int = 99) -> list[str]:
    """Give the output at this position a vote in all that is there for this person; which items those were."""
    done: list[str] = []
    while len(done) < most and (seat := next_for(person=person, campaign=campaign)):
        answer(person, seat, {"preferred": key_of(seat, position)})
        done.append(seat.item.source_id)
    return done


def checked(*lines: dict[str, Any], **facts: Any) -> tuple[Campaign, list[Person]]:
    """A campaign all of whose items are checked, and the three whose votes on them are in."""
    campaign = world(*(lines or [line("one")]), **{"anchored": 100} | facts)
    crowd = people(3)
    for person in crowd:
        votes(person, campaign, 0)
    return campaign, crowd


def verdicts() -> dict[str, tuple[int, str, int]]:
    """By item: the place of the output that won, by which method, of how many votes."""
    current = Verdict.objects.filter(superseded_at=None).select_related("item")
    return {
        each.item.source_id: (each.item.places.get(output=each.preferred).position, each.method, each.n)
        for each in current
    }


def test_a_verdict_waits_for_an_anchor_and_is_as_it_was_where_they_agree() -> None:
    campaign, _crowd = checked()
    assert (settle_due(), settle_due()) == (0, 0)
    trusted = anchor()
    assert votes(trusted, campaign, 0) == ["one"]
    assert (settle_due(), verdicts()) == (1, {"one": (0, "strict_majority", 4)})


def test_without_checks_the_crowd_has_the_last_word() -> None:
    """The twin."""
    _campaign, _crowd = checked(anchored=0)
    assert (settle_due(), verdicts()) == (1, {"one": (0, "strict_majority", 3)})


def test_where_one_contradicts_three_of_them_decide_alone() -> None:
    campaign, _crowd = checked()
    for number in range(3):
        assert settle_due() == 0
        assert votes(anchor(f"maestra-{number}"), campaign, 1) == ["one"]
    assert (settle_due(), verdicts()) == (1, {"one": (1, "anchors", 3)})


def test_what_waits_for_an_anchor_is_nobody_elses() -> None:
    campaign, _crowd = checked()
    settle_due()
    other = volunteer("otra", "muy-larga-y-rara", "es-CL")
    guest = guest_who_judged(0)
    assert Cell.objects.get(campaign=campaign).open
    assert next_for(person=other, campaign=campaign) is None
    assert why_nothing(other, campaign) == "not_spoken"
    assert campaign not in campaigns_with_work(other)
    assert next_turn(guest=guest, campaign=campaign) is None
    with pytest.raises(Refused, match="not_open"):
        take_pack(person=other, campaign=campaign, weigh=len)


def test_somebody_who_went_past_it_is_shown_it_once_they_are_named() -> None:
    campaign, _crowd = checked()
    settle_due()
    other = volunteer("otra", "muy-larga-y-rara", "es-CL")
    assert next_for(person=other, campaign=campaign) is None
    name_anchor(lead=lead(), person=other, variety=Variety.objects.get(tag="es-CL"), why="Lo conozco.")
    assert campaign in campaigns_with_work(other)
    assert votes(other, campaign, 0) == ["one"]


def test_an_anchor_of_a_part_checks_what_is_asked_of_the_whole() -> None:
    campaign, _crowd = checked(line("one", variety="es-419"))
    settle_due()
    trusted = anchor("paisa", "es-CO")
    assert votes(trusted, campaign, 0) == ["one"], "es-419 is judged as es-CO"
    assert settle_due() == 1


def test_an_anchor_elsewhere_is_one_of_the_crowd() -> None:
    campaign, _crowd = checked()
    settle_due()
    both = volunteer("doble", "muy-larga-y-rara", "es-CL")
    both.spoken.create(variety_id="es-CO", how="lived", command=3)
    name_anchor(lead=lead(), person=both, variety=Variety.objects.get(tag="es-CO"), why="Allá creció.")
    assert next_for(person=both, campaign=campaign) is None


def test_what_was_said_before_and_after_they_were_trusted_is_one_voice_among_others() -> None:
    campaign = world(line("one"), line("two"), anchored=100, needed=1)
    ana = volunteer("ana", "muy-larga-y-rara", "es-CL")
    votes(ana, campaign, 0, most=1)
    named = name_anchor(lead=lead(), person=ana, variety=Variety.objects.get(tag="es-CL"), why="Enseña.")
    assert settle_due() == 0, "said before"
    end_anchor(anchor=named)
    votes(ana, campaign, 0)
    assert settle_due() == 0, "said after"
    assert Cell.objects.filter(for_anchors=True, needed=2).count() == 2


def test_what_an_anchor_said_while_trusted_stays_trusted() -> None:
    campaign = world(line("one"), anchored=100, needed=1)
    trusted = anchor()
    votes(trusted, campaign, 0)
    end_anchor(anchor=Anchor.objects.get())
    assert settle_due() == 1


def test_checks_that_are_switched_off_leave_nothing_waiting() -> None:
    campaign, _crowd = checked()
    settle_due()
    late = volunteer("tarde", "muy-larga-y-rara", "es-CL")
    assert next_for(person=late, campaign=campaign) is None
    Campaign.objects.update(anchored=0)
    assert settle_due() == 0
    assert votes(late, campaign, 0) == ["one"], "shown to whoever had gone past it too"
    assert settle_due() == 1


def test_an_end_settles_what_no_anchor_looked_at_and_not_what_one_contradicted() -> None:
    campaign, _crowd = checked(line("one"), line("two"))
    settle_due()
    votes(anchor(), campaign, 1, most=1)
    settle_due()
    Campaign.objects.update(state="closed")
    expire_seats(now=in_days(1))
    assert settle_due() == 1
    assert [n for _place, _method, n in verdicts().values()] == [3]


def test_an_item_asks_for_more_votes_until_it_is_sure() -> None:
    campaign = world(line("one"), sure_at=0.9, most_votes=5)
    crowd = people(5)
    for person, position in zip(crowd, (0, 0, 1, 0, 0), strict=True):
        assert votes(person, campaign, position) == ["one"]
        settled = settle_due()
    assert (settled, verdicts()) == (1, {"one": (0, "strict_majority", 5)})


def test_at_the_end_what_was_asked_for_at_first_is_enough() -> None:
    campaign = world(line("one"), sure_at=0.9, most_votes=5)
    for person, position in zip(people(3), (0, 0, 1), strict=True):
        votes(person, campaign, position)
    assert settle_due() == 0
    Campaign.objects.update(state="closed")
    assert (settle_due(), Verdict.objects.get().closed_short) == (1, True)


@pytest.mark.parametrize(
    "facts", [{"sure_at": 0.9}, {"most_votes": 5}, {"sure_at": 0.9, "most_votes": 2}, {"anchored": 101}]
)
def test_the_database_refuses_asking_without_an_end(facts: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.create(slug="mala", name="Mala", **facts)


def test_no_cap_holds_an_anchor_where_verdicts_wait_for_them() -> None:
    campaign = world(*(line(str(number)) for number in range(4)), anchored=100, needed=1, most_in_all=1)
    for person in people(4):
        assert len(votes(person, campaign, 0)) == 1
    settle_due()
    trusted = anchor()
    assert len(votes(trusted, campaign, 0)) == 4
    Campaign.objects.update(anchored=0)
    assert has_room(trusted, Campaign.objects.get()) is False, "nothing waits for them any more"


def test_a_place_that_becomes_free_is_anybodys_and_an_anchor_is_asked_again() -> None:
    """Whoever withdrew left a place that only anchors could fill, and the only one had been there."""
    campaign, crowd = checked()
    settle_due()
    trusted = anchor()
    votes(trusted, campaign, 0)
    assert settle_due() == 1
    withdraw(person=crowd[0])
    settle_due()
    late = volunteer("tarde", "muy-larga-y-rara", "es-CL")
    assert votes(late, campaign, 0) == ["one"]
    assert (settle_due(), verdicts()) == (1, {"one": (0, "strict_majority", 4)})


def test_a_late_answer_takes_no_place_of_an_anchor() -> None:
    campaign = world(line("one"), anchored=100)
    eva, *crowd = people(4)
    returned = seat_at(eva, campaign)
    give_back(person=eva, assignment_id=returned.pk)
    for person in crowd:
        votes(person, campaign, 0)
    settle_due()
    trusted = anchor()
    held = seat_at(trusted, campaign)
    late = answer(eva, returned, {"preferred": key_of(returned, 1)}).judgement
    assert (late.counted, late.not_counted) == (False, "no_room")
    undo(person=eva, key=late.receipts.get().pk)
    assert answer(trusted, held, {"preferred": key_of(held, 0)}).judgement.counted
    assert (settle_due(), verdicts()) == (1, {"one": (0, "strict_majority", 4)})


def test_what_an_anchor_who_left_said_stays_trusted() -> None:
    campaign = world(line("one"), anchored=100, needed=1)
    trusted = anchor()
    votes(trusted, campaign, 0)
    erase(person=trusted, contributions=False)
    assert not Anchor.objects.exists()
    assert settle_due() == 1


def test_checks_switched_off_and_a_campaign_closed_leave_nothing_behind() -> None:
    _campaign, _crowd = checked()
    settle_due()
    Campaign.objects.update(anchored=0)
    settle_due()
    Campaign.objects.update(state="closed")
    assert settle_due() == 1, "it has all its campaign asked for at first"


# Naming ---------------------------------------------------------------------------------------------------------------


def test_nobody_names_themselves_or_whoever_does_not_speak_it_or_without_a_reason() -> None:
    world(line("one"))
    elisa, ana = lead(), volunteer("ana", "muy-larga-y-rara", "es-CL")
    chile, colombia = Variety.objects.get(tag="es-CL"), Variety.objects.get(tag="es-CO")
    for person, variety, why in ((elisa, colombia, "Yo."), (ana, colombia, "Sí."), (ana, chile, " ")):
        with pytest.raises(Refused, match="invalid"):
            name_anchor(lead=elisa, person=person, variety=variety, why=why)
    name_anchor(lead=elisa, person=ana, variety=chile, why="Sí.")
    with pytest.raises(Refused, match="invalid"):
        name_anchor(lead=elisa, person=ana, variety=chile, why="Otra vez.")
    with pytest.raises(IntegrityError, match="nobody_names_themselves_an_anchor"), transaction.atomic():
        Anchor.objects.create(person=elisa, named_by=elisa, variety=colombia, why="Yo.")


# Alarms ---------------------------------------------------------------------------------------------------------------


def pushed(settings: Any) -> Campaign:
    """Sixteen items: the crowd chooses one model in twelve of them and the other in four. Anchors looked at twelve: of
    these they take ten from the first and leave the others as they are; four were not drawn, two for each model."""
    campaign = world(*(line(f"{number:02}") for number in range(16)), anchored=100, needed=1)
    (crowd,) = people(1)
    for number in range(12):
        votes(crowd, campaign, 1 if number in (10, 11) else 0, most=1)
    settle_due()
    trusted = anchor()
    votes(trusted, campaign, 1, most=12)
    Campaign.objects.update(anchored=1)
    cells = list(Cell.objects.filter(done=0).values_list("pk", flat=True))
    for number in count():  # nearly all secrets draw none of four
        settings.SECRET_KEY = f"secret-{number}"
        if not any(is_drawn(cell, 1) for cell in cells):
            break
    for number in range(4):
        votes(crowd, campaign, number % 2, most=1)
    settle_due()
    return campaign


def test_where_anchors_take_verdicts_from_a_model_all_about_it_waits_for_them(settings: Any) -> None:
    campaign = pushed(settings)
    models = dict(ModelVersion.objects.values_list("pk", "name"))
    found = {models[where.model]: changed for where, changed in corrections(campaign).items()}
    assert found == {"model-0": Corrected(10, 0), "model-1": Corrected(0, 10)}
    assert set(verdicts()) == {"10", "11", "12", "13", "14", "15"}, "where one contradicts, two more are asked first"
    assert (look_for_alarms(), look_for_alarms()) == (4, 0)
    alarm = Alarm.objects.get()
    assert (alarm.model.name, alarm.away, alarm.towards) == ("model-0", 10, 0)
    assert set(verdicts()) == {"10", "11"}, "whoever won there: one side alone would move the result"
    assert settle_due() == 0
    votes(Anchor.objects.get().person, campaign, 0)
    settle_due()
    assert {"12", "14"} <= set(verdicts())


def test_what_anchors_changed_is_one_question_however_much_it_is(settings: Any, django_assert_num_queries: Any) -> None:
    campaign = pushed(settings)
    with django_assert_num_queries(1):
        assert len(corrections(campaign)) == 2


def test_without_checks_nobody_looks(settings: Any) -> None:
    """The twin: what was pushed stands."""
    pushed(settings)
    Campaign.objects.update(anchored=0)
    assert (look_for_alarms(), len(verdicts())) == (0, 6)


def test_where_all_is_checked_no_alarm_is_needed(settings: Any) -> None:
    pushed(settings)
    Campaign.objects.update(anchored=100)
    assert (look_for_alarms(), Alarm.objects.count()) == (0, 0)


def test_a_campaign_that_is_over_opens_nothing_again(settings: Any) -> None:
    """Nobody could sit there any more."""
    pushed(settings)
    Campaign.objects.update(state="closed")
    assert (look_for_alarms(), len(verdicts())) == (0, 6)


def test_what_waits_under_an_alarm_at_the_end_waits_for_the_lead(settings: Any) -> None:
    pushed(settings)
    look_for_alarms()
    Campaign.objects.update(state="closed")
    assert (settle_due(), short_cells()) == (0, []), "nor is it tried each minute"
    lift_alarm(alarm=Alarm.objects.get(), person=lead(), reason="El modelo habla así.")
    assert settle_due() == 4


def test_under_an_alarm_what_comes_to_be_settled_waits_too(settings: Any) -> None:
    campaign = pushed(settings)
    look_for_alarms()
    before = len(verdicts())
    lines = [line("new")]
    load_items(campaign=campaign, lines=checked_lines(list(enumerate(lines, 1)), "tests"))
    assert votes(Person.objects.get(username="persona-es-CL-0"), campaign, 1) == ["new"]
    settle_due()
    assert len(verdicts()) == before


def test_a_lifted_alarm_is_not_raised_again_and_asks_for_nothing(settings: Any) -> None:
    campaign = pushed(settings)
    look_for_alarms()
    with pytest.raises(Refused, match="invalid"):
        lift_alarm(alarm=Alarm.objects.get(), person=lead(), reason=" ")
    lift_alarm(alarm=Alarm.objects.get(), person=lead(), reason="El modelo habla así.")
    assert look_for_alarms() == 0
    assert Alarm.objects.count() == 1
    assert campaign.alarms.get().lifted_by == lead()


@pytest.mark.parametrize(
    ("away", "towards", "alarms"),
    [(5, 0, True), (4, 0, False), (8, 2, False), (9, 1, True), (2, 9, False), (0, 0, False)],
)
def test_an_alarm_is_for_one_direction_that_chance_seldom_takes(away: int, towards: int, alarms: bool) -> None:
    assert is_one_sided(Corrected(away, towards)) is alarms


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemars_test_is_a_coin_for_each_correction(away: int, towards: int) -> None:
    chance = by_chance(Corrected(away, towards))
    assert chance == sum(comb(away + towards, many) for many in range(away, away + towards + 1)) / 2 ** (away + towards)
    assert by_chance(Corrected(away + 1, towards)) < chance or away + towards == 0 or chance == 1
    if away:
        either = chance + by_chance(Corrected(towards + 1, away - 1))
        assert either == pytest.approx(1), "either way, and nothing besides"


def test_who_is_drawn_is_stable_and_grows_with_the_percent() -> None:
    few, more = ({cell for cell in range(10_000) if is_drawn(cell, percent)} for percent in (5, 20))
    assert few < more
    assert abs(len(few) - 500) < 150
    assert abs(len(more) - 2_000) < 280
    assert not any(is_drawn(cell, 0) for cell in range(100))
    assert all(is_drawn(cell, 100) for cell in range(100))


def test_another_secret_draws_others(settings: Any) -> None:
    before = {cell for cell in range(1_000) if is_drawn(cell, 10)}
    settings.SECRET_KEY = "another-secret-that-is-long-enough"
    assert before != {cell for cell in range(1_000) if is_drawn(cell, 10)}


# The panel ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def elisa() -> Client:
    load_varieties()
    seed_people()
    client = Client()
    client.force_login(Person.objects.get(username="elisa"))
    return client


def test_a_lead_names_an_anchor_and_ends_it_in_the_panel(elisa: Client) -> None:
    world(line("one"))
    add, ana = reverse("admin:annotations_anchor_add"), volunteer("una", "muy-larga-y-rara", "es-CL")
    facts = {"person": ana.pk, "variety": "es-CL", "why": "Da clases."}
    refused = elisa.post(add, facts | {"variety": "es-CO"})
    assert "No ha dicho que la habla" in refused.content.decode()
    assert elisa.post(add, facts).status_code == 302
    named = Anchor.objects.get()
    assert (named.person, named.named_by, named.until) == (ana, Person.objects.get(username="elisa"), None)
    elisa.post(reverse("admin:annotations_anchor_changelist"), {"action": "end", "_selected_action": [named.pk]})
    assert not anchors_now().exists()
    assert elisa.get(reverse("admin:annotations_anchor_change", args=[named.pk])).status_code == 200


def test_a_lead_lifts_an_alarm_in_the_panel_with_a_reason(elisa: Client, settings: Any) -> None:
    pushed(settings)
    elisa.force_login(Person.objects.get(username="elisa"))  # by the secret of now
    look_for_alarms()
    change = reverse("admin:annotations_alarm_change", args=[Alarm.objects.get().pk])
    assert "10" in elisa.get(change).content.decode()
    elisa.post(change, {"lift_reason": ""})
    assert not Alarm.objects.get().lifted_at
    elisa.post(change, {"lift_reason": "El modelo habla así."})
    assert Alarm.objects.get().reason == "El modelo habla así."
    page = elisa.get(change)
    assert (page.status_code, "lift_reason" in page.content.decode()) == (200, False)
    assert elisa.post(change, {"lift_reason": "Otra vez."}).status_code == 403, "what was lifted is only looked at"


def test_the_panel_shows_what_more_votes_would_have_cost_and_who_is_trusted(elisa: Client) -> None:
    campaign, crowd = checked(line("one"), line("two"))
    settle_due()
    anchor()
    page = elisa.get(reverse("admin:annotations_campaign_change", args=[campaign.pk])).content.decode()
    assert "<tr><td>es-CL</td><td>1</td><td>2</td><td>2</td></tr>" in page
    Campaign.objects.update(anchored=0)
    settle_due()
    votes(crowd[0], campaign, 0)
    late = volunteer("tarde", "muy-larga-y-rara", "es-CL")
    votes(late, campaign, 1)
    settle_due()
    assert [(each.unsure, each.settled) for each in unsure_so_far(campaign)] == [(0, 2), (2, 2), (2, 2)]
    page = elisa.get(reverse("admin:annotations_campaign_change", args=[campaign.pk])).content.decode()
    assert "<tr><td>0.9</td><td>2</td><td>2</td></tr>" in page


def test_how_sure_and_how_many_are_said_together() -> None:
    campaign = world(line("one"))
    for facts in ({"sure_at": 0.9}, {"most_votes": 5}, {"sure_at": 0.9, "most_votes": 2}):
        with pytest.raises(ValidationError, match="most_votes"):
            Campaign(pk=campaign.pk, slug="x", name="X", **facts).clean()
