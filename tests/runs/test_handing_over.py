"""A run is handed releases that may train, and prompts that may leave; what it was handed never changes."""

import importlib.util
import uuid

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from annotations.datasets.keeping.queries import kept_for
from annotations.datasets.models import Release
from annotations.datasets.recalls.actions import recall_due
from annotations.datasets.rows import SCHEMAS
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.rights.actions import erase
from annotations.training.actions import Model, Wish, hand_over, ingest_outputs, move
from annotations.training.handover import SCRIPTS, script_files
from annotations.training.models import RECIPES, TrainingRun
from annotations.training.queries import manifest_told, prompts_told
from tests.runs.world import QUESTIONS, a_run, engineer, published, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def release(campaign) -> Release:
    return published()


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


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_has_a_script_that_reads_the_config_it_is_handed(name: str) -> None:
    """Read here without the trainer's libraries, which a recipe imports when it trains."""
    files = script_files(name)
    assert {f"{name}.py", f"{name}.yaml", f"{name}.tiny.yaml", "configs/fsdp.yaml"} <= set(files)
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    recipe = getattr(module, name.title())
    assert (recipe.name, recipe.config) == (name, RECIPES[name])
    assert recipe.columns == set(SCHEMAS[RECIPES[name]])
    assert not any("django" in text.lower() for text in files.values())


def test_a_base_model_that_came_of_a_run_here_is_named_by_its_checkpoint(release) -> None:
    diego = engineer()
    answers = [{"prompt": row.prompt_id, "text": "Con pebre."} for row in prompts_told(a_run(diego, release))]
    ingest_outputs(
        owner=diego, run=TrainingRun.objects.get().pk, answers=answers,
        model=Model(name="zorzal-1", licence="apache-2.0", checkpoint="e" * 64),
    )  # fmt: skip
    told = manifest_told(a_run(diego, release, base_model="zorzal-1"))
    assert told["base_model"] == {"name": "zorzal-1", "licence": "apache-2.0", "checkpoint": "e" * 64}


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
    with pytest.raises(Refused, match="invalid: Esta publicación no tiene filas para entrenar"):
        hand_over(owner=engineer(), wish=wish(release, recipe="kto"))
    Release.objects.update(manifest=release.manifest | {"permitted_use": {"preference": ["evaluate"]}})
    with pytest.raises(Refused, match="Esta publicación no permite entrenar"):
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


def test_a_release_that_was_handed_over_is_kept_beyond_its_period_unless_the_run_was_cancelled(release) -> None:
    diego = engineer()
    run = a_run(diego, release)
    assert [keep.code for keep in kept_for(release)] == ["run"]
    move(owner=diego, run=run.pk, state="cancelled")
    assert kept_for(release) == []
