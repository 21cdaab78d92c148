"""What a run measures: kept once for each step, only finite numbers, and drawn however much there is."""

import math
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import Refused
from annotations.people.models import Person
from annotations.training.metrics import actions
from annotations.training.metrics.actions import record
from annotations.training.metrics.charts import HIGH, LINES, WIDE, Chart, figure
from annotations.training.metrics.queries import STRETCHES, Curve, Stretch, curves_of, measured, whole_steps
from annotations.training.models import HIGHEST, Metric, TrainingRun
from tests.runs.world import bare, engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def diego(seeds) -> Person:
    return engineer()


@pytest.fixture
def run(diego) -> TrainingRun:
    return bare(diego, "running")


def point(step: int, value: float, name: str = "loss") -> dict:
    return {"name": name, "step": step, "value": value}


def test_sent_again_it_is_there_once_and_a_step_measured_again_has_its_last_value(diego, run) -> None:
    points = [point(1, 0.7), point(2, 0.6), point(1, 0.2, "margin")]
    assert [record(owner=diego, run=run.pk, points=points) for _time in range(2)] == [3, 3]
    assert record(owner=diego, run=run.pk, points=[point(2, 0.65), point(2, 0.5)]) == 3
    assert list(measured(run, name="loss").values_list("step", "value")) == [(1, 0.7), (2, 0.5)]


@pytest.mark.parametrize(
    "wrong",
    [
        point(1, math.nan), point(1, math.inf), point(1, -math.inf), point(1, 10**400), point(1, "NaN"),
        point(1, "0.5"), point(1, None), point(1, True), point(-1, 0.5), point(2**31, 0.5), point(1.5, 0.5),
        point("1", 0.5), point(True, 0.5), point(1, 0.5, ""), point(1, 0.5, "a\x00b"), point(1, 0.5, "x" * 81),
        point(1, 0.5, "a\nb"), point(1, 0.5, 7), {"name": "loss"}, point(1, 0.5) | {"x": 1}, "loss", None, [],
    ],
)  # fmt: skip
def test_what_is_no_number_with_a_name_and_a_step_is_named_and_nothing_is_kept(diego, run, wrong) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        record(owner=diego, run=run.pk, points=[point(1, 0.5), wrong, point(2, 0.5)])
    assert [each["point"] for each in refused.value.errors] == [1]
    assert not Metric.objects.exists()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_the_database_keeps_finite_numbers_only(run, value: str) -> None:
    with pytest.raises(IntegrityError, match="a_metric_is_a_finite_number"), transaction.atomic():
        Metric.objects.create(run=run, name="loss", step=1, value=float(value))


def test_one_request_and_one_run_are_bounded(diego, run, monkeypatch) -> None:
    many = [point(step, 1.0) for step in range(actions.MOST_POINTS + 1)]
    for points, code in ((many, "too_large"), ([], "invalid")):
        with pytest.raises(Refused, match=code):
            record(owner=diego, run=run.pk, points=points)
    monkeypatch.setattr(actions, "MOST_KEPT", 3)
    monkeypatch.setattr(actions, "MOST_NAMES", 2)
    record(owner=diego, run=run.pk, points=many[:3])
    for points in (many[3:4], [point(1, 1.0, name) for name in ("a", "b")]):
        with pytest.raises(Refused, match="too_large"), transaction.atomic():
            record(owner=diego, run=run.pk, points=points)
    assert Metric.objects.count() == 3


@pytest.mark.parametrize("state", ["queued", "cancelled"])
def test_a_run_that_has_not_begun_or_was_cancelled_measures_nothing(diego, state: str) -> None:
    with pytest.raises(Refused, match="not_open"):
        record(owner=diego, run=bare(diego, state).pk, points=[point(1, 0.5)])


def test_what_is_measured_is_a_sign_of_life_and_may_come_after_the_end(diego, run) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(state="lost", heard_at=timezone.now())
    record(owner=diego, run=run.pk, points=[point(1, 0.5)])
    run.refresh_from_db()
    assert run.state == "running"
    assert record(owner=diego, run=bare(diego, "finished").pk, points=[point(1, 0.5)]) == 1


def test_another_s_run_is_not_measured(run) -> None:
    with pytest.raises(Refused, match="forbidden"):
        record(owner=engineer("dora"), run=run.pk, points=[point(1, 0.5)])


# Curves -------------------------------------------------------------------------------------------------------------


def many(run: TrainingRun, count: int) -> None:
    Metric.objects.bulk_create(Metric(run=run, name="loss", step=step, value=1 / (step + 1)) for step in range(count))


def test_a_curve_has_a_few_hundred_points_however_many_there_were(run, django_assert_num_queries) -> None:
    many(run, 5_000)
    Metric.objects.create(run=run, name="alone", step=3, value=2.0)
    with django_assert_num_queries(1):
        alone, loss = curves_of(run)
    assert (alone.name, alone.count, Chart(alone).line) == ("alone", 1, f"M{WIDE // 2} {HIGH // 2}h.1")
    assert (len(loss.stretches), loss.count, loss.high, loss.low) == (STRETCHES, 5_000, 1.0, 1 / 5_000)
    assert loss.last == 1 / 5_000
    assert len(Chart(loss).rows) <= LINES
    assert sum(row[2] for row in Chart(loss).rows) == 5_000


def test_values_at_the_edge_of_what_a_column_holds_are_drawn(diego, run) -> None:
    record(owner=diego, run=run.pk, points=[point(1, HIGHEST), point(2, -HIGHEST), point(2**31 - 1, 0.0)])
    (curve,) = curves_of(run)
    assert all(0 <= int(number) <= WIDE for number in re.findall(r"\d+", Chart(curve).line))
    page = Client().get(f"/runs/{run.pk}/")
    assert page.status_code == 200


def test_what_one_looks_at_first_stands_first_and_all_else_is_folded_away(diego, run) -> None:
    names = ("entropy", "eval_loss", "grad_norm", "rewards/accuracies", "rewards/margins")
    record(owner=diego, run=run.pk, points=[
        {"name": name, "step": step, "value": 1.0} for name in names for step in (1, 2)
    ])  # fmt: skip
    page = Client().get(f"/runs/{run.pk}/")
    told = {part: [chart.curve.name for chart in page.context[part]] for part in ("charts", "further")}
    assert told == {"charts": [names[1], *names[3:]], "further": ["entropy", "grad_norm"]}


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), finite, finite, finite), min_size=1, max_size=40))
def test_a_curve_never_leaves_its_box(rows: list) -> None:
    rows = [(step, *sorted(values)) for step, *values in sorted(rows)]
    chart = Chart(Curve("x", [Stretch("x", step, step, 2, b, a, c, b) for step, a, b, c in rows]))
    for x, y in re.findall(r"(\d+) (-?\d+)", f"{chart.line} {chart.band}"):
        assert 0 <= int(x) <= WIDE
        assert 0 <= int(y) <= HIGH


def test_numbers_are_written_as_the_page_s_language_does() -> None:
    from django.utils.translation import override

    with override("es"):
        assert [figure(value) for value in (0.123456, 1e-6, 12.0, -3e300)] == ["0,1235", "1e-06", "12", "-3e+300"]


def test_pages_of_numbers_hold_whole_steps(run, monkeypatch) -> None:
    from annotations.training.metrics import queries

    monkeypatch.setattr(queries, "PAGE", 3)
    Metric.objects.bulk_create(Metric(run=run, name=name, step=s, value=1.0) for s in range(3) for name in ("a", "b"))
    first = list(whole_steps(measured(run)))
    assert [row.step for row in first] == [0, 0, 1, 1]
    assert [row.step for row in whole_steps(measured(run, after=1))] == [2, 2]
