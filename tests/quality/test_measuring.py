"""The night's measuring: within a variety and across, always the same, and beside the verdict, not in it."""

import random
from typing import Any

import pytest
from django.forms.models import model_to_dict

from annotations.assignments.actions import undo
from annotations.assignments.models import Campaign, Item, Receipt
from annotations.assignments.queries import places
from annotations.flagging.seeding import load_flag_words
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.ballots import ballots_of
from annotations.quality.jobs import measure
from annotations.quality.measures import choices, turned
from annotations.quality.measuring import VERSION, estimate_verdicts, measure_agreement
from annotations.quality.models import Agreement, Estimate, Verdict
from annotations.quality.rules import strict_majority
from annotations.rating.seeding import load_rubric
from tests.cast import answer, key_of, line, people, seat_at, world

pytestmark = pytest.mark.django_db


def prefers(person: Person, campaign: Campaign, position: int, strength: int = 1) -> None:
    seat = seat_at(person, campaign)
    answer(person, seat, {"preferred": key_of(seat, position), "strength": strength})


def side(campaign: Campaign, number: int) -> int:
    """The place, in the item of this number, of what counts as the one answer where the number is even, and as the
    other where it is odd. Each item turns its outputs by a coin: where all coins fell alike everybody would always say
    the same, and there would be no figure."""
    item = Item.objects.get(campaign=campaign, source_id=str(number))
    return (number + turned(item.pk, 2)) % 2


def regions(items: int = 6) -> Campaign:
    """In each item Chile prefers the one and Argentina the other, all of them; nobody was told how it was listed."""
    campaign = world(*(line(str(n), variety="es-419") for n in range(items)), needed=6)
    for tag, position in (("es-CL", 0), ("es-AR", 1)):
        for person in people(3, tag):
            for number in range(items):
                prefers(person, campaign, (side(campaign, number) + position) % 2)
    return campaign


def figures(campaign: Campaign) -> dict[tuple[str, str, str | None], Any]:
    rows = Agreement.objects.filter(campaign=campaign).order_by("pk")
    return {(row.kind, row.aspect, row.variety_id): row.alpha or row.undefined for row in rows}


def without_keys(rows: Any) -> list[dict[str, Any]]:
    return [model_to_dict(row, exclude=["id", "computed_at"]) for row in rows]


def test_regions_agree_within_and_contradict_each_other_across() -> None:
    campaign = regions()
    measure_agreement(campaign=campaign)
    found = figures(campaign)
    assert {key: value for key, value in found.items() if key[2]} == {
        ("vote", "outcome", "es-AR"): 1, ("vote", "outcome", "es-CL"): 1,
        ("vote", "lean", "es-AR"): 1, ("vote", "lean", "es-CL"): 1,
    }  # fmt: skip
    assert found["vote", "outcome", None] < -0.5
    row = Agreement.objects.get(aspect="outcome", variety="es-CL")
    assert (row.units, row.people, row.judgements, row.low, row.version) == (6, 3, 18, None, VERSION)
    assert sum(map(sum, row.coincidences)) == 18


def test_measured_again_it_is_the_same_bit_by_bit() -> None:
    campaign = regions(3)
    settle_due()
    measure()
    first = without_keys(Agreement.objects.order_by("pk")), without_keys(Estimate.objects.order_by("pk"))
    measure()
    assert (without_keys(Agreement.objects.order_by("pk")), without_keys(Estimate.objects.order_by("pk"))) == first
    assert len(first[0]) == 6
    assert len(first[1]) == campaign.items.count()


def test_scores_and_flags_are_measured_by_what_they_say() -> None:
    load_rubric()
    load_flag_words()
    scores = world(*(line(f"s{n}", f"Una {n}.", kind="score") for n in range(2)), kind="score", needed=2, slug="notas")
    flags = world(*(line(f"f{n}", f"Otra {n}.", kind="flag") for n in range(2)), kind="flag", needed=2, slug="marcas")
    fine = {"wrong": False}
    grave = {"wrong": True, "categories": ["genero"], "severity": 2, "groups": ["mujeres"], "stance": "endorsed"}
    for person in people(2):
        for point in (2, 4):
            seat = seat_at(person, scores)
            given = dict.fromkeys(
                ["utilidad", "veracidad", "fluidez", "naturalidad_dialectal", "pertinencia_cultural", "inocuidad"], 3
            )
            answer(person, seat, {"points": given | {"utilidad": point}, "overall": 3})
        for said in (fine, grave):
            answer(person, seat_at(person, flags), said)
    measure()
    assert figures(scores) == {
        ("score", "overall", "es-CL"): "one_value", ("score", "utilidad", "es-CL"): 1,
        **{("score", code, "es-CL"): "one_value" for code in
           ("veracidad", "fluidez", "naturalidad_dialectal", "pertinencia_cultural", "inocuidad")},
    }  # fmt: skip
    assert figures(flags) == {("flag", "wrong", "es-CL"): 1}


def test_what_was_taken_back_is_not_measured() -> None:
    campaign = world(line("1"))
    one, other = people(2)
    prefers(one, campaign, 0)
    prefers(other, campaign, 0)
    measure_agreement(campaign=campaign)
    assert figures(campaign)["vote", "outcome", "es-CL"] == "one_value"
    undo(person=other, key=Receipt.objects.get(person=other).key)
    measure_agreement(campaign=campaign)
    assert figures(campaign)["vote", "outcome", "es-CL"] == "no_pairs"


def test_the_models_word_stands_beside_the_verdict_and_changes_nothing_in_it() -> None:
    campaign = world(line("1"), line("2", "Una.", "Otra.", "Más."), needed=3)
    for person, position in zip(people(3), (1, 1, 0), strict=True):
        prefers(person, campaign, position)
        seat = seat_at(person, campaign)
        keys = [[key_of(seat, 2)], [key_of(seat, 0), key_of(seat, 1)]]
        answer(person, seat, {"ranking": keys})
    settle_due()
    before = without_keys(Verdict.objects.order_by("item"))
    assert estimate_verdicts(campaign=campaign) == 2
    assert without_keys(Verdict.objects.order_by("item")) == before
    for verdict in Verdict.objects.select_related("estimate"):
        assert (verdict.estimate.outcome, verdict.estimate.preferred_id) == (verdict.outcome, verdict.preferred_id)
        assert 0.5 < verdict.estimate.confidence <= 1


def test_how_outputs_were_listed_makes_none_of_them_likelier() -> None:
    campaign = world(*(line(str(n)) for n in range(30)), needed=1)
    (person,) = people(1)
    for _item in range(30):
        prefers(person, campaign, 0)
    places_said = [vote.place for vote in choices(campaign)]
    assert 5 < sum(place == 0 for place in places_said) < 25
    assert places_said == [turned(vote.item, 2) for vote in choices(campaign)]


def test_every_verdict_is_found_again_from_the_rows_behind_it() -> None:
    campaign = world(*(line(str(n)) for n in range(8)), needed=3)
    chance = random.Random(7)
    for person in people(3):
        for _item in range(8):
            seat = seat_at(person, campaign)
            level = {"preferred": chance.choice(["tie", "both_good", "both_bad"])}
            answer(person, seat, chance.choice([{"preferred": "a", "strength": 2}, {"preferred": "b"}, level]))
    assert settle_due() == 8
    for verdict in Verdict.objects.select_related("cell", "item"):
        again = strict_majority(ballots_of(verdict.cell), places(verdict.item))
        said = (
            verdict.outcome,
            verdict.preferred_id,
            verdict.rejected_id,
            verdict.n,
            verdict.agreement,
            verdict.margin,
        )
        assert said == (again.outcome, again.preferred, again.rejected, again.n, again.agreement, again.margin)
