"""What a human decides by hand holds in the place of the rule, is taken back, and is nobody's who has a part in it."""

import pytest
from django.contrib.auth.models import Permission

from annotations.assignments.doors import discount
from annotations.assignments.models import Campaign, Cell, Judgement
from annotations.assignments.seats import next_for
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.errors import Refused
from annotations.people.demo import volunteer
from annotations.people.models import Person
from annotations.quality.actions import settle_due, supersede
from annotations.quality.models import Verdict
from annotations.quality.rulings.actions import adjudicate, ask_more_votes, take_back
from annotations.quality.rulings.models import Ruling
from annotations.quality.rulings.queries import disputes
from tests.cast import answer, govern, key_of, line, people, seat_at, world
from tests.datasets.test_release import rows

pytestmark = pytest.mark.django_db


def moderator(name: str = "carmen") -> Person:
    person = Person.objects.filter(username=name).first() or volunteer(name, "muy-larga-y-rara", "es-MX")
    person.user_permissions.set(Permission.objects.filter(codename="add_ruling"))
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def cell(seeds: None) -> Cell:
    """Three who say three things."""
    campaign = world(line("1"))
    for person, position in zip(people(3), (0, 1, None), strict=True):
        seat = seat_at(person, campaign)
        answer(person, seat, {"preferred": "tie" if position is None else key_of(seat, position)})
    settle_due()
    return Cell.objects.get()


def output(cell: Cell, position: int) -> int:
    return int(cell.item.places.get(position=position).output_id)


def now(cell: Cell) -> Verdict:
    return Verdict.objects.get(cell=cell, superseded_at=None)


@pytest.mark.django_db(transaction=True)
def test_a_dispute_is_decided_by_hand_and_a_release_says_so(cell: Cell) -> None:
    assert [each.cell for each in disputes()] == [cell]
    adjudicate(by=moderator(), cell=cell, choice=output(cell, 1), strength=2, reason="Solo la segunda contesta.")
    verdict = now(cell)
    told = (verdict.outcome, verdict.preferred_id, verdict.rejected_id, verdict.margin, verdict.n, verdict.method)
    assert told == ("output", output(cell, 1), output(cell, 0), 2.0, 3, "adjudicated")
    assert round(verdict.agreement, 2) == 0.33
    assert not disputes().exists()
    assert (settle_due(), now(cell)) == (0, verdict)
    folder = folder_of(publish().version)
    (row,) = rows(folder, "preference")
    assert (row["meta"]["method"], row["margin"], row["meta"]["n"]) == ("adjudicated", 2.0, 3)


def test_a_level_answer_is_one_too_and_has_no_strength(cell: Cell) -> None:
    with pytest.raises(Refused, match="invalid"):
        adjudicate(by=moderator(), cell=cell, choice="tie", strength=1, reason="Igual.")
    for choice, strength in (("no_majority", None), (0, 1), (output(cell, 0), None), (output(cell, 0), 3)):
        with pytest.raises(Refused, match="invalid"):
            adjudicate(by=moderator(), cell=cell, choice=choice, strength=strength, reason="Igual.")
    adjudicate(by=moderator(), cell=cell, choice="both_bad", strength=None, reason="Ninguna contesta.")
    assert (now(cell).outcome, now(cell).agreement) == ("both_bad", 0.0)
    with pytest.raises(Refused, match="not_open"):
        adjudicate(by=moderator("dora"), cell=cell, choice="tie", strength=None, reason="No.")


def test_it_is_taken_back_and_the_rule_decides_again(cell: Cell) -> None:
    adjudicate(by=moderator(), cell=cell, choice="tie", strength=None, reason="Igual.")
    take_back(by=moderator("dora"), cell=cell, reason="No es igual.")
    settle_due()
    assert now(cell).outcome == "no_majority"
    assert [each.kind for each in Ruling.objects.all()] == ["taken_back", "adjudicated"]
    with pytest.raises(Refused, match="not_open"):
        take_back(by=moderator(), cell=cell, reason="Otra vez.")


def test_a_vote_that_goes_takes_what_rested_on_it_along(cell: Cell) -> None:
    adjudicate(by=moderator(), cell=cell, choice="tie", strength=None, reason="Igual.")
    gone = Judgement.objects.first()
    assert gone
    discount(judgement=gone, reason="withdrawn")
    supersede([cell.pk])
    settle_due()
    assert not Verdict.objects.filter(superseded_at=None).exists()


def test_more_votes_are_asked_for_and_settle_it(cell: Cell) -> None:
    ask_more_votes(by=moderator(), cell=cell, votes=2, reason="Faltan voces.")
    cell.refresh_from_db()
    assert (cell.needed, cell.settled_at, cell.open) == (5, None, True)
    assert settle_due() == 0
    campaign = Campaign.objects.get()
    for person in [volunteer(f"otra-{number}", None, "es-CL") for number in range(2)]:
        seat = next_for(person=person, campaign=campaign)
        assert seat
        answer(person, seat, {"preferred": key_of(seat, 0)})
    settle_due()
    assert (now(cell).outcome, now(cell).n) == ("output", 5)
    for votes in (0, 11):
        with pytest.raises(Refused, match="invalid"):
            ask_more_votes(by=moderator(), cell=cell, votes=votes, reason="Faltan.")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1_001])
def test_why_is_always_said(cell: Cell, reason: str) -> None:
    with pytest.raises(Refused, match="invalid"):
        adjudicate(by=moderator(), cell=cell, choice="tie", strength=None, reason=reason)


def test_nobody_decides_who_may_not_or_has_a_part_in_it(cell: Cell) -> None:
    voted = moderator("persona-es-CL-0")
    writer = moderator("escribe")
    for by in (people(1, "es-AR")[0], voted):
        with pytest.raises(Refused, match="forbidden"):
            ask_more_votes(by=by, cell=cell, votes=1, reason="Quiero.")
    type(cell.item).objects.update(author=writer)
    with pytest.raises(Refused, match="forbidden"):
        ask_more_votes(by=writer, cell=cell, votes=1, reason="Quiero.")
    Person.objects.filter(username="carmen").update(standing="paused")
    resting = moderator()
    Person.objects.filter(pk=resting.pk).update(standing="paused")
    with pytest.raises(Refused, match="suspended"):
        ask_more_votes(by=resting, cell=cell, votes=1, reason="Quiero.")


def test_what_stewards_govern_is_theirs_and_gold_is_nobodys(seeds: None) -> None:
    govern("quz")
    world(line("q", variety="quz"), slug="quechua")
    world(line("oro", gold={"expected": {"preferred": "a"}}), slug="oro")
    for cell in Cell.objects.all():
        with pytest.raises(Refused, match="forbidden"):
            ask_more_votes(by=moderator(), cell=cell, votes=1, reason="Faltan.")
