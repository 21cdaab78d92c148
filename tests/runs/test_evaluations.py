"""What was measured of a run's model: of a stranger's document only numbers are kept, and the page draws them."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.corpus.models import ModelVersion
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.flagging.seeding import load_flag_words
from annotations.training.evaluations.actions import tell_evaluation
from annotations.training.evaluations.models import Evaluation
from annotations.training.evaluations.reading import read
from annotations.training.models import TrainingRun
from tests.runs.measured import FEW, MODEL, document, share
from tests.runs.world import bare, engineer, with_token

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs/"


@pytest.fixture
def diego(seeds: None) -> Any:
    return engineer()


@pytest.fixture
def release() -> Release:
    return Release.objects.create(
        version="20261129T060000Z", cutoff="2026-11-29T06:00Z", manifest={}, release_id="c" * 64
    )


@pytest.fixture
def run(diego: Any) -> TrainingRun:
    return bare(diego, "running")


def test_only_its_numbers_are_kept_and_told_again_the_last_ones(diego, run, release) -> None:
    tell_evaluation(owner=diego, run=run.pk, document=document(release, preference=None, who="Ana"))
    tell_evaluation(owner=diego, run=run.pk, document=document(release))
    found = Evaluation.objects.get()
    assert set(found.told) == {
        "format", "model", "base", "release_id", "version", "preference", "sft", "flagged", "left_out",
    }  # fmt: skip
    assert found.told["preference"]["held_out"]["model"]["sum"] == share(0.93)
    assert found.told["preference"]["variety"]["es-MX"]["gain"] is None
    assert (found.told["model"], found.told["version"]) == (MODEL, release.version)


WRONG: list[tuple[list[str], Any, str]] = [
    (["format"], 2, "format"), (["model"], "a" * 63, "model"), (["version"], "../x", "version"),
    (["preference"], [], "preference"), (["preference", "held_out"], None, "preference.held_out"),
    (["preference", "held_out", "rows"], -1, "preference.held_out.rows"),
    (["preference", "held_out", "rows"], True, "preference.held_out.rows"),
    (["preference", "held_out", "model", "sum", "value"], float("nan"), "preference.held_out.model.sum.value"),
    (["preference", "held_out", "model", "sum", "value"], 1.01, "preference.held_out.model.sum.value"),
    (["preference", "held_out", "gain", "sum", "value"], -1.01, "preference.held_out.gain.sum.value"),
    (["preference", "held_out", "model", "sum", "low"], 10**400, "preference.held_out.model.sum.low"),
    (["preference", "variety"], {"x" * 81: FEW}, "preference.variety"),
    (["preference", "domain"], {"a\x00": FEW}, "preference.domain"),
    (["preference", "domain"], {str(n): FEW for n in range(201)}, "preference.domain"),
    (["sft", "model"], "0.3", "sft.model"), (["flagged", "category", "genero"], 7, "flagged.category.genero"),
    (["flagged", "model"], 16, "flagged.model"),
    (["flagged", "variety", "es-CL", "base"], 16, "flagged.variety.es-CL.base"),
    (["left_out", "not_permitted"], 0.5, "left_out.not_permitted"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "where"), WRONG)
def test_what_is_not_expected_is_named_and_nothing_is_kept(
    diego, run, release, path: list[str], value: Any, where: str
) -> None:
    inside: Any = (told := copy.deepcopy(document(release)))
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    with pytest.raises(Refused, match="invalid") as refused:
        tell_evaluation(owner=diego, run=run.pk, document=told)
    assert list(refused.value.errors) == [where]
    assert not Evaluation.objects.exists()


def places(told: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    for name, value in told.items() if isinstance(told, dict) else ():
        yield from places(value, (*path, name))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(path=st.sampled_from([*places(document())]), value=anything)
def test_whatever_stands_somewhere_else_is_read_or_refused(path: tuple[str, ...], value: Any) -> None:
    inside: Any = (told := copy.deepcopy(document()))
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    with suppress(Refused):
        kept = read(told)
        assert json.loads(json.dumps(kept, allow_nan=False)) == kept


def test_of_another_model_or_of_no_release_of_this_house_it_is_refused(diego, run, release) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        tell_evaluation(owner=diego, run=run.pk, document=document())
    assert refused.value.errors == {"version": ["2026"]}
    run.trained.create(model=ModelVersion.objects.create(name="zorzal-1"), checkpoint="d" * 64, permitted_use=["train"])
    with pytest.raises(Refused, match="invalid") as refused:
        tell_evaluation(owner=diego, run=run.pk, document=document(release))
    assert refused.value.errors == {"model": ["d" * 64]}


def test_numbers_that_came_before_the_answers_of_another_model_are_not_the_runs(client, diego, run, release) -> None:
    tell_evaluation(owner=diego, run=run.pk, document=document(release))
    addresses = (f"{RUNS}{run.pk}/evaluation/", f"/runs/{run.pk}/")
    api, page = (client.get(address) for address in addresses)
    assert (api.status_code, "measured" in page.content.decode()) == (200, True)
    run.trained.create(model=ModelVersion.objects.create(name="zorzal-1"), checkpoint="d" * 64, permitted_use=["train"])
    api, page = (client.get(address) for address in addresses)
    assert (api.status_code, "measured" in page.content.decode()) == (404, False)


@pytest.mark.parametrize("state", ["queued", "cancelled", "failed"])
def test_a_run_without_a_model_has_nothing_to_be_measured(diego, release, state: str) -> None:
    with pytest.raises(Refused, match="not_open"):
        tell_evaluation(owner=diego, run=bare(diego, state).pk, document=document(release))


def test_over_the_api_it_is_told_by_its_owner_and_read_by_everybody(client, diego, run, release) -> None:
    address = f"{RUNS}{run.pk}/evaluation/"
    assert client.get(address).status_code == 404
    mine, others = with_token(diego), with_token(engineer("dora"))
    facts: dict[str, Any] = {"data": document(release), "content_type": "application/json"}
    assert others.put(address, **facts).json()["code"] == "forbidden"
    assert mine.put(address, **facts).status_code == 200
    assert client.get(address).json()["flagged"]["items"] == 15
    for body in ("7", "[]", '{"format": 1, "model": NaN}', "{"):
        assert mine.put(address, data=body, content_type="application/json").status_code == 400


def test_the_page_draws_it_with_the_numbers_behind_and_in_as_many_questions(
    client, diego, run, release, django_assert_max_num_queries
) -> None:
    load_flag_words()
    tell_evaluation(owner=diego, run=run.pk, document=document(release))
    with django_assert_max_num_queries(14):
        page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "De 15 respuestas señaladas, ahora supera 12" in page
    assert "muy pocos pares para un número" in page
    for number in ("57 →", "<b>93</b>", "<b>12</b>"):
        assert number in page
    assert page.count("93 – ") + page.count("83 – 100") >= 1
    assert page.count('<td class="number">–</td>') == 7, "of the variety with too few"


def test_of_a_model_alone_there_is_no_base_to_see(client, diego, run, release) -> None:
    told = document(release, base=None)
    del told["preference"]["held_out"]["base"], told["preference"]["held_out"]["gain"], told["flagged"]["base"]
    told["sft"]["base"] = None
    tell_evaluation(owner=diego, run=run.pk, document=told)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "(su modelo base" not in page
    assert "<b>93</b>" in page
