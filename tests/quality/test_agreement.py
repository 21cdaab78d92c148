"""Alpha: what it must say of known tables, and what must not change it."""

from collections.abc import Callable

import evalica
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.quality.agreement import Alpha, alpha

_ = None
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
"""Four observers, twelve units: the example of Krippendorff (2011)."""

Row = tuple[int, int, int]


def columns(rows: list[Row]) -> dict[str, list[int]]:
    units, people, values = zip(*rows, strict=True) if rows else ((), (), ())
    return {"units": list(units), "people": list(people), "values": list(values)}


def rows_of(table: list[list[int | None]]) -> list[Row]:
    return [
        (unit, person, value)
        for person, said in enumerate(table)
        for unit, value in enumerate(said)
        if value is not None
    ]


judged = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 4)), max_size=40, unique_by=lambda row: row[:2]
)
levels = st.sampled_from(["nominal", "ordinal", "interval"])


@pytest.mark.parametrize(("level", "said"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example(level: str, said: float) -> None:
    found = alpha(**columns(rows_of(PUBLISHED)), level=level)
    assert found.alpha == pytest.approx(said, abs=5e-4)
    assert (found.units, found.people, found.judgements) == (11, 4, 40)


@given(judged, levels)
def test_another_library_says_the_same(rows: list[Row], level: str) -> None:
    found = alpha(**columns(rows), level=level, resamples=0)
    if found.alpha is not None:
        table = pd.DataFrame(rows, columns=["unit", "person", "value"]).pivot(
            index="person", columns="unit", values="value"
        )
        assert found.alpha == pytest.approx(evalica.alpha(table.astype(float), level).alpha)


@given(judged, levels, st.randoms())
def test_the_order_of_the_rows_changes_no_bit(rows: list[Row], level: str, random) -> None:
    first = alpha(**columns(rows), level=level, resamples=20)
    assert alpha(**columns(random.sample(rows, len(rows))), level=level, resamples=20) == first


@given(judged, levels)
def test_an_alpha_is_a_number_up_to_one_or_says_why_there_is_none(rows: list[Row], level: str) -> None:
    found = alpha(**columns(rows), level=level, resamples=20)
    assert (found.alpha is None) == bool(found.undefined)
    assert found.alpha is None or found.alpha <= 1 + 1e-12
    assert (found.low is None) == (found.high is None)
    assert found.low is None or (found.people >= 5 and found.low <= found.high)


def test_nothing_to_compare_and_a_habit_are_no_agreement() -> None:
    assert alpha(units=[1, 2], people=[1, 2], values=[1, 2], level="nominal") == Alpha(
        None, None, None, "no_pairs", 0, 0, 0
    )
    assert alpha(units=[], people=[], values=[], level="nominal").undefined == "no_pairs"
    assert alpha(units=[1, 1], people=[1, 2], values=["a", "a"], level="nominal") == Alpha(
        None, None, None, "one_value", 1, 2, 2, ("a",), ((2.0,),)
    )


def test_full_agreement_is_one_and_a_lottery_is_about_zero() -> None:
    said = [value for value in "abc" for _person in range(6)] * 20
    units, people = np.repeat(range(60), 6), np.tile(range(6), 60)
    assert alpha(units=units, people=people, values=said, level="nominal").alpha == 1
    lots = np.random.default_rng(1).integers(0, 3, 6_000)
    units, people = np.repeat(range(1_000), 6), np.tile(range(6), 1_000)
    assert abs(alpha(units=units, people=people, values=lots, level="nominal").alpha) < 0.03


def test_across_varieties_only_people_of_different_ones_are_compared() -> None:
    """Each variety agrees with itself and contradicts the other: within it is 1, across it is as low as it can be."""
    rows = [(unit, person, (unit + (person > 2)) % 2) for unit in range(40) for person in range(6)]
    varieties = ["es-AR" if person > 2 else "es-CL" for _unit, person, _value in rows]
    within = [row for row in rows if row[1] <= 2]
    assert alpha(**columns(within), level="nominal").alpha == 1
    across = alpha(**columns(rows), level="nominal", groups=varieties)
    assert across.alpha == pytest.approx(-1, abs=0.02)


def test_an_interval_knows_that_one_person_can_have_said_most() -> None:
    """The same rows, said by six people or by hundreds: what many said is known better."""
    chance = np.random.default_rng(2)
    truth = np.repeat(chance.integers(0, 2, 600), 3)
    skill = np.array([0.95, 0.95, 0.9, 0.9, 0.55, 0.5])
    people = np.concatenate([chance.permutation(6)[:3] for _unit in range(600)])
    said = np.where(chance.random(1_800) < skill[people], truth, 1 - truth)
    facts = {"units": np.repeat(range(600), 3), "values": said, "level": "nominal"}
    few = alpha(people=people, **facts)
    many = alpha(people=np.arange(1_800), **facts)
    assert few.alpha == many.alpha
    assert width(few) > 2 * width(many)


def width(found: Alpha) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_words_are_values_too() -> None:
    numbers = columns(rows_of(PUBLISHED))
    words = numbers | {"values": [f"v{value}" for value in numbers["values"]]}
    said: Callable[..., Alpha] = lambda facts: alpha(**facts, level="nominal", resamples=0)  # noqa: E731
    assert said(words).alpha == said(numbers).alpha
    assert said(words).values == ("v1", "v2", "v3", "v4", "v5")
    assert said(words).coincidences == said(numbers).coincidences
