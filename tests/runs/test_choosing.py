"""Which two meet: every pair can, the chance that is kept is the chance it had, and what tells more is drawn more."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.training.boards.choosing import EVENLY, SCARCE, Strength, chances, draw, gain, is_scarce

strength = st.builds(Strength, st.floats(-9, 9), st.floats(0, 9))
several = st.lists(strength, min_size=1, max_size=9)


@given(strength, several, st.booleans())
def test_chances_add_up_and_nobody_is_without_one(new: Strength, rivals: list[Strength], scarce: bool) -> None:
    found = chances(new, rivals, scarce=scarce)
    assert sum(found) == pytest.approx(1)
    assert min(found) >= EVENLY / len(rivals) - 1e-12
    assert max(found) <= 1 + 1e-12


@given(strength, several)
def test_where_all_were_judged_enough_all_are_drawn_evenly(new: Strength, rivals: list[Strength]) -> None:
    assert chances(new, rivals, scarce=False) == [1 / len(rivals)] * len(rivals)


@given(strength, several, st.text(max_size=9))
def test_the_same_seed_draws_the_same_and_tells_the_chance_it_had(new, rivals, seed: str) -> None:
    of = chances(new, rivals, scarce=True)
    drawn = draw(of, seed)
    assert drawn == draw(of, seed)
    assert drawn.chance == of[drawn.place] > 0


@given(strength, strength)
def test_who_is_less_known_and_nearer_tells_more(new: Strength, rival: Strength) -> None:
    told = gain(new, rival)
    assert told == pytest.approx(gain(rival, new))
    assert told >= 0
    assert gain(new, rival._replace(variance=rival.variance + 1)) >= told
    assert gain(new, rival._replace(mean=new.mean)) >= told


def test_what_is_drawn_often_is_what_has_the_chance() -> None:
    of = chances(Strength(0, 1), [Strength(0, 1), Strength(4, 0.01), Strength(-4, 0.01)], scarce=True)
    drawn = Counter(draw(of, str(number)).place for number in range(6_000))
    assert [drawn[place] / 6_000 for place in range(3)] == pytest.approx(of, abs=0.02)
    assert of[0] > 2 * of[1]


def test_one_who_was_hardly_judged_is_enough() -> None:
    assert is_scarce([1, 2], {1: SCARCE, 2: SCARCE - 1})
    assert is_scarce([1, 2], {1: SCARCE})
    assert not is_scarce([1, 2], {1: SCARCE, 2: SCARCE})
