"""A run is handed releases that may train, and prompts that may leave; what it was handed never changes."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from annotations.assignments.models import Campaign
from annotations.assignments.stewards.actions import mark_restricted
from annotations.corpus.models import Prompt
from annotations.datasets.models import Release
from annotations.datasets.recalls.actions import recall_due
from annotations.errors import Refused
from annotations.people.models import Person, Variety
from annotations.people.rights.actions import erase
from annotations.people.stewards import actions as stewards
from annotations.training.actions import MOST_PROMPTS, Wish, hand_over
from annotations.training.models import TrainingRun
from annotations.training.prompts import draw
from annotations.training.queries import manifest_told, prompts_told
from tests.cast import answer, govern, line, seat_at
from tests.runs.world import QUESTIONS, a_run, add, engineer, fresh_lines, judged, published, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign() -> Campaign:
    campaign = judged()
    add(campaign, *fresh_lines())
    return campaign


@pytest.fixture
def release(campaign) -> Release:
    return published()


def asked(prompts) -> list[str]:
    return sorted(each.messages[-1]["content"] for each in prompts)


def test_the_manifest_names_files_checksums_schema_recipe_and_base(release) -> None:
    run = a_run(engineer(), release, commit="abcdef1", running=False)
    told = manifest_told(run)
    assert told["recipe"]["name"] == "dpo"
    assert told["recipe"]["commit"] == "abcdef1"
    assert len(told["recipe"]["sha256"]) == 64
    assert told["base_model"] == {"name": "model-0", "licence": "apache-2.0"}
    assert (told["seed"], told["config"], sum(told["rows"].values())) == (7, "preference", 2)
    assert list(told["schema"]) == ["prompt", "chosen", "rejected", "margin", "meta"]
    (handed,) = told["releases"]
    assert (handed["version"], handed["release_id"]) == (release.version, release.release_id)
    names = [name for name in release.manifest["files"] if name == "README.md" or name.startswith("data/preference/")]
    assert handed["files"] == {name: release.manifest["files"][name] for name in names}
    assert told["prompts"]["train"]["count"] == 4
    assert not any(question in str(told) for question in QUESTIONS.values()), "no text of anybody"


def test_asked_for_twice_it_is_one_run_and_otherwise_it_is_refused(release) -> None:
    diego, key = engineer(), uuid.uuid4()
    first, again = (hand_over(owner=diego, wish=wish(release), key=key) for _time in range(2))
    assert (first.run, first.is_new, again.is_new) == (again.run, True, False)
    for owner, asked_for in ((diego, wish(release, seed=8)), (engineer("dora"), wish(release))):
        with pytest.raises(Refused, match="key_reused"):
            hand_over(owner=owner, wish=asked_for, key=key)
    assert TrainingRun.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"releases": ["20010101T000000Z"]}, "releases"), ({"releases": []}, "releases"), ({"campaign": "x"}, "campaign")],
)
def test_what_is_not_there_is_named(release, facts: dict, field: str) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        hand_over(owner=engineer(), wish=Wish(**vars(wish(release)) | facts))
    assert list(refused.value.errors) == [field]
    assert not TrainingRun.objects.exists()


def test_a_release_without_a_row_of_the_recipe_or_without_permission_is_not_handed_over(release) -> None:
    with pytest.raises(Refused, match=r"no row to train on|does not permit"):
        hand_over(owner=engineer(), wish=wish(release, recipe="kto"))
    Release.objects.update(manifest=release.manifest | {"permitted_use": {"preference": ["evaluate"]}})
    with pytest.raises(Refused, match="does not permit"):
        hand_over(owner=engineer("dora"), wish=wish(release))


def test_a_recalled_release_is_not_handed_over_nor_one_that_must_be(release) -> None:
    diego = engineer()
    run = a_run(diego, release)
    erase(person=people_of_the_release()[0], contributions=True)
    with pytest.raises(Refused, match="recalled"):
        hand_over(owner=diego, wish=wish(release))
    recall_due()
    release.refresh_from_db()
    with pytest.raises(Refused, match="recalled") as refused:
        hand_over(owner=diego, wish=wish(release))
    assert refused.value.errors["replaced_by"] == f"{release.version}+w1"
    with pytest.raises(Refused, match="recalled") as refused:
        manifest_told(run)
    assert refused.value.errors == {"replaced_by": {release.version: f"{release.version}+w1"}}


def people_of_the_release() -> list[Person]:
    return list(Person.objects.filter(judgements__counted=True).distinct().order_by("pk"))


def test_what_was_handed_over_never_changes(release) -> None:
    run = a_run(engineer(), release)
    for facts in ({"manifest": {}}, {"seed": 8}, {"base_model": "x"}, {"recipe": "kto"}):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            TrainingRun.objects.filter(pk=run.pk).update(**facts)
    with pytest.raises(IntegrityError, match="a_base_model_has_a_licence"), transaction.atomic():
        TrainingRun.objects.create(owner=run.owner, recipe="dpo", base_model="x", manifest={}, asked_sha256="0" * 64)


# Prompts ------------------------------------------------------------------------------------------------------------


def test_fresh_questions_train_judged_ones_do_not_and_evaluating_ones_are_apart(campaign, release) -> None:
    add(campaign, line("e", prompt="¿Qué es un completo?", role="evaluate"))
    run = a_run(engineer(), release)
    assert asked(row.prompt for row in prompts_told(run, role="train")) == sorted(QUESTIONS.values())
    assert asked(row.prompt for row in prompts_told(run, role="evaluate")) == ["¿Qué es un completo?"]
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
    told = asked(row.prompt for row in prompts_told(run))
    assert len(told) == 3
    assert seat.item.prompt.messages[-1]["content"] not in told


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
    assert len(draw("train", seed=1, most=9, cutoff=published().cutoff)) < 4
    assert Prompt.objects.count() == 6
