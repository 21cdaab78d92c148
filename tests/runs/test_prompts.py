"""Which prompts a run is handed: fresh ones and ones that only evaluate, that may leave, a variety after the other."""

import pytest
from django.utils import timezone

from annotations.assignments.models import Campaign, Judgement
from annotations.assignments.stewards.actions import mark_restricted
from annotations.corpus.models import Prompt
from annotations.datasets.models import Release
from annotations.people.models import Person, Variety
from annotations.people.stewards import actions as stewards
from annotations.training.actions import MOST_PROMPTS
from annotations.training.prompts import draw
from annotations.training.queries import prompts_told
from tests.cast import answer, govern, line, seat_at
from tests.runs.world import QUESTIONS, a_run, add, engineer, told, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(campaign) -> Release:
    return told()


def people_of_the_release() -> list[Person]:
    return list(Person.objects.filter(judgements__counted=True).distinct().order_by("pk"))


def test_fresh_questions_train_judged_ones_do_not_and_evaluating_ones_are_apart(campaign, release) -> None:
    add(campaign, line("e", prompt="¿Qué es un completo?", role="evaluate"))
    run = a_run(engineer(), release)
    assert words(row.prompt for row in prompts_told(run, role="train")) == sorted(QUESTIONS.values())
    assert words(row.prompt for row in prompts_told(run, role="evaluate")) == ["¿Qué es un completo?"]
    places = [row.place for row in prompts_told(run)]
    assert places == sorted(places)


def test_the_same_seed_draws_the_same_and_another_another(campaign, release) -> None:
    def drawn(seed: int) -> list[int]:
        return [each.pk for each in draw("train", seed=seed, most=3, cutoff=release.cutoff)]

    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(6)}) > 1
    assert [len(draw("train", seed=1, most=most, cutoff=release.cutoff)) for most in (0, 2, 9)] == [0, 2, 4]
    assert MOST_PROMPTS >= 9


def test_no_variety_comes_before_another(campaign, release) -> None:
    few = "¿A qué hora cierra la feria?"
    add(campaign, line("co", prompt=few, variety="es-CO"))
    for seed in range(5):
        varieties = [each.variety_id for each in draw("train", seed=seed, most=2, cutoff=release.cutoff)]
        assert sorted(varieties) == ["es-CL", "es-CO"]


def test_of_nearly_the_same_questions_one_is_asked(campaign, release) -> None:
    add(campaign, line("otra", prompt="¿con que se come la SOPAIPILLA?"))
    assert len(draw("train", seed=1, most=9, cutoff=release.cutoff)) == 4


@pytest.mark.parametrize(
    "facts",
    [
        {"permitted_use": ["evaluate"]},
        {"licence": ""},
        {"prompt": "Mi RUT es 12.345.678-5, ¿me toca bono?"},
        {"gold": {"expected": {"preferred": "a"}}},
        {"role": "evaluate", "permitted_use": ["train"]},
    ],
    ids=["only evaluates", "no licence", "shows who somebody is", "gold", "evaluates and may not"],
)
def test_what_may_not_leave_is_not_handed_over(campaign, release, facts: dict) -> None:
    (prompt,) = add(campaign, line("otra", **{"prompt": "¿Qué se celebra en septiembre?"} | facts))
    drawn = [each for role in ("train", "evaluate") for each in draw(role, seed=1, most=99, cutoff=release.cutoff)]
    assert prompt not in drawn
    assert len(drawn) == 4


def test_what_is_hidden_later_is_given_out_no_more(campaign, release) -> None:
    run = a_run(engineer(), release)
    ana = people_of_the_release()[0]
    seat = seat_at(ana, campaign)
    mark_restricted(person=ana, assignment_id=seat.pk, knowledge="place", text="No es de todos.")
    found = words(row.prompt for row in prompts_told(run))
    assert len(found) == 3
    assert seat.item.prompt.messages[-1]["content"] not in found


@pytest.mark.parametrize(
    ("charter", "leaves"),
    [
        ({}, False),
        ({"sends_to_endpoints": True}, True),
        ({"sends_to_endpoints": True, "permitted_use": ["evaluate"]}, False),
        ({"sends_to_endpoints": True, "takes_contributions": False}, False),
    ],
)
def test_a_governed_variety_s_questions_leave_only_as_its_stewards_allow(release, charter: dict, leaves: bool) -> None:
    govern("quz", takes_contributions=True)
    other = Campaign.objects.create(slug="quz", name="Quz")
    (prompt,) = add(other, line("q", variety="quz", prompt="¿Imatan mikhunki?"))
    assert prompt not in draw("train", seed=1, most=99, cutoff=release.cutoff)
    change_charter("quz", charter)
    assert (prompt in draw("train", seed=1, most=99, cutoff=release.cutoff)) is leaves


def change_charter(tag: str, charter: dict) -> None:
    several = list(Person.objects.filter(username__startswith=f"vocera-{tag}").order_by("pk"))
    terms = {"policy": "Otra.", "permitted_use": ["evaluate", "train"], "quorum": 2, "takes_contributions": True}
    decision = stewards.write_charter(
        person=several[0], variety=Variety.objects.get(tag=tag), reason="Cambia", **terms | charter
    )
    stewards.answer(person=several[1], decision=decision, approves=True)


def test_a_question_somebody_answered_since_is_fresh_for_this_release(campaign, release) -> None:
    """What was judged after the cutoff is in no row of the release."""
    for person in people_of_the_release():
        answer(person, seat_at(person, campaign), {"preferred": "tie"})
    assert len(draw("train", seed=1, most=9, cutoff=release.cutoff)) == 4
    assert len(draw("train", seed=1, most=9, cutoff=timezone.now())) < 4
    assert Prompt.objects.count() == 6


def test_what_was_judged_is_not_fresh_though_it_counts_no_more(campaign, release) -> None:
    """A release holds it, so that a model may have learnt it by heart."""
    before = draw("train", seed=1, most=MOST_PROMPTS, cutoff=release.cutoff)
    assert Judgement.objects.update(counted=False, not_counted="concentration") > 0
    assert draw("train", seed=1, most=MOST_PROMPTS, cutoff=release.cutoff) == before
