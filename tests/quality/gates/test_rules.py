"""How much may stay: a pure function of counts, whose answer holds, takes as little as can be, and stays as it is."""

import datetime as dt
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.quality.gates.rules import account_limit, day_limit, kept, mode_of

DAY = dt.date(2026, 3, 1)
parts = st.lists(st.integers(1, 400), min_size=1, max_size=40)
beside = st.integers(0, 500)


def limits_of(number: int) -> dict[int, Fraction]:
    return dict.fromkeys(range(number), account_limit(number))


@given(parts, beside)
def test_nobody_is_more_than_the_limit_of_what_stays_and_everybody_stays(numbers: list[int], others: int) -> None:
    all_, limits = dict(enumerate(numbers)), limits_of(len(numbers))
    stays = kept(all_, limits, others)
    whole = others + sum(stays.values())
    assert all(number <= limits[key] * whole for key, number in stays.items())
    assert all(1 <= stays[key] <= number for key, number in all_.items())


@given(parts, beside)
def test_what_stays_is_not_looked_at_again(numbers: list[int], others: int) -> None:
    limits = limits_of(len(numbers))
    once = kept(dict(enumerate(numbers)), limits, others)
    assert kept(once, limits, others) == once


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(0, 6), st.integers(1, 9))
def test_no_other_choice_that_holds_leaves_more_of_anything(numbers: list[int], others: int, tenths: int) -> None:
    limit = Fraction(tenths, 10)
    stays = kept(dict(enumerate(numbers)), dict.fromkeys(range(len(numbers)), limit), others)
    for choice in product(*(range(number + 1) for number in numbers)):
        if all(number <= limit * (others + sum(choice)) for number in choice):
            assert all(number <= stays[key] for key, number in enumerate(choice))


@given(st.integers(300, 3_000), st.integers(1, 20), st.integers(0, 5_000))
def test_of_one_alone_what_leaves_is_what_can_be_computed(people: int, each: int, much: int) -> None:
    rest, limit = people * each, account_limit(people + 1)
    stays = kept({0: much} | dict.fromkeys(range(1, people + 1), each), limits_of(people + 1), 0)
    whole = rest + much
    if much <= limit * whole:
        assert stays[0] == much
    else:
        least = -((limit * whole - much) // (1 - limit))
        assert much - stays[0] == least


@given(parts)
def test_an_even_crowd_of_any_size_alarms_nobody(numbers: list[int]) -> None:
    people = len(numbers)
    even = dict.fromkeys(range(people), 7)
    assert kept(even, limits_of(people), 0) == even


def test_a_small_group_has_room_for_whoever_gives_most() -> None:
    assert kept({0: 90, 1: 5, 2: 5}, limits_of(3), 0)[0] == 90, "of three, one may give all"
    assert kept({0: 20} | dict.fromkeys(range(1, 30), 7), limits_of(30), 0)[0] == 20, "of thirty, a tenth"
    assert kept({0: 60} | dict.fromkeys(range(1, 30), 7), limits_of(30), 0)[0] == 22


@pytest.mark.parametrize(
    ("gate", "contributors", "production", "does"),
    [
        ("", 5_000, False, "off"), ("", 299, True, "report"), ("", 300, True, "hold"),
        ("off", 5_000, True, "off"), ("report", 5_000, True, "report"), ("hold", 4, False, "hold"),
    ],
)  # fmt: skip
def test_a_campaign_says_what_its_gate_does_or_the_house(gate, contributors, production, does) -> None:
    assert mode_of(gate, contributors, production=production) == does


def test_a_day_may_have_three_times_an_even_part_and_the_first_day_all() -> None:
    later, before, house = (
        DAY + dt.timedelta(days=9),
        DAY - dt.timedelta(days=9),
        {DAY: 100, DAY.replace(year=2025): 100},
    )
    assert day_limit(later, 100, DAY, house) == Fraction(1, 20)
    assert day_limit(later, 10, DAY, house) == Fraction(3, 10)
    assert day_limit(DAY, 100, DAY, house) == 1
    assert day_limit(before, 100, DAY, house) == Fraction(1, 20), "thirty accounts made in advance"
    assert day_limit(before, 100, DAY, house | {before: 400}) == 2, "the day on which the house opened"
