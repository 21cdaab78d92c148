"""What is drawn, and what can be kept."""

import json
import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotations.quality.argilla.rules import in_an_order, is_drawn, keepable


@given(seed=st.integers(0, 2**62), first=st.integers(0, 100), second=st.integers(0, 100))
def test_more_percent_are_these_and_others(seed: int, first: int, second: int) -> None:
    few, many = sorted((first, second))
    drawn = {percent: {cell for cell in range(200) if is_drawn(seed, cell, percent)} for percent in (few, many)}
    assert drawn[few] <= drawn[many]
    assert (len(drawn[few]) == 0) >= (few == 0)
    assert (len(drawn[many]) == 200) >= (many == 100)


def test_an_audit_draws_about_what_it_says_and_another_seed_others() -> None:
    first, second = ({cell for cell in range(10_000) if is_drawn(seed, cell, 10)} for seed in (1, 2))
    assert 900 < len(first) < 1_100
    assert 900 < len(second) < 1_100
    assert len(first & second) < 200


@given(st.uuids(), st.lists(st.integers(), unique=True, max_size=4))
def test_a_record_shows_its_outputs_in_one_order(record: uuid.UUID, outputs: list[int]) -> None:
    order = in_an_order(record, outputs)
    assert sorted(order) == sorted(outputs)
    assert in_an_order(record, outputs[::-1]) == order


def test_records_show_either_output_first() -> None:
    first = [in_an_order(uuid.UUID(int=number), [1, 2])[0] for number in range(400)]
    assert 150 < first.count(1) < 250


@given(st.dictionaries(st.text(max_size=4), st.text(st.characters(exclude_categories=()), max_size=6), max_size=3))
def test_what_a_table_can_hold_is_kept_as_it_came_and_else_as_its_text(values: dict[str, Any]) -> None:
    text = "".join([*values, *values.values()])
    fine = "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
    kept = keepable(values)
    assert kept == (values if fine else {"unreadable": json.dumps(values)})
