"""What is rare enough to be told of, and which texts are alike: functions of counts and texts."""

import hashlib
import random
from collections import Counter
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.corpus.grouping import bare, group_key
from annotations.quality.signals.alike import NEAR, is_short, near, sketch
from annotations.quality.signals.rules import (
    FEWEST,
    LEVEL,
    MOSTLY,
    PLACES,
    RARE,
    Crowd,
    binomial_tail,
    mostly_fast,
    strength,
    too_fast,
)
from tests.quality.signals.scene import WORDS, changed, words

COUNTS = st.dictionaries(st.sampled_from(PLACES + LEVEL), st.integers(0, 400))


def test_nobody_reads_ten_words_a_second() -> None:
    assert too_fast(9.9, 100)
    assert not too_fast(10, 100)
    assert not too_fast(0, 0)
    assert mostly_fast(10, 20)
    assert not mostly_fast(9, 20)
    assert not mostly_fast(19, 19)


@given(st.integers(1, 500), st.integers(0, 500))
def test_strength_is_below_the_share_and_grows_with_what_is_behind_it(part: int, more: int) -> None:
    whole = part + more
    assert 0 <= strength(part, whole) <= part / whole
    assert strength(part, whole) < strength(2 * part, 2 * whole)


def test_one_of_one_is_less_than_thirty_of_forty() -> None:
    assert strength(1, 1) < strength(30, 40) < strength(40, 40)


@given(st.integers(1, 60), st.integers(0, 60), st.sampled_from([0.5, 0.65, 0.9, 0.99, 1.0]))
def test_the_tail_is_that_of_the_coin(given_: int, least: int, share: float) -> None:
    least = min(least, given_)
    ways = sum(comb(given_, k) * share**k * (1 - share) ** (given_ - k) for k in range(least, given_ + 1))
    assert binomial_tail(least, given_, share) == pytest.approx(ways, rel=1e-6, abs=1e-12)


# One button ---------------------------------------------------------------------------------------------------------

TASTES = {
    "alike": lambda _: (32, 8, 16, 12), "firm": lambda _: (4, 1, 2, 1.5),
    "level is rare": lambda _: (80, 0.4, 0.4, 0.4),
    "a tenth thinks otherwise": lambda rng: (32, 8, 16, 12) if rng.random() < 0.9 else (8, 4, 4, 96),
}  # fmt: skip
"""How people differ in what they prefer, find alike, both good, both bad: a Dirichlet's weights, drawn for each."""


def somebody(rng: random.Random, taste: str, lean: float) -> Counter[str]:
    """Whoever reads: their own taste, and a little lean of their own to what stands first."""
    weights = [rng.gammavariate(each, 1) for each in TASTES[taste](rng)]
    mine = min(0.75, max(0.25, rng.gauss(lean, 0.05)))
    shares = [weights[0] * mine, weights[0] * (1 - mine), *weights[1:]]
    return Counter(rng.choices(PLACES + LEVEL, shares, k=rng.choice([20, 25, 40, 80, 150, 300])))


@pytest.mark.parametrize("taste", TASTES)
@pytest.mark.parametrize("size", [10, 40])
def test_honest_people_with_tastes_of_their_own_are_told_of_below_the_stated_rate(taste: str, size: int) -> None:
    rng, campaigns = random.Random(size), 150
    told = 0
    for _campaign in range(campaigns):
        lean = rng.choice([0.5, 0.55, 0.6])
        everybody = [somebody(rng, taste, lean) for _person in range(size)]
        crowd = Crowd(everybody)
        told += any(crowd.one_button(each) for each in everybody)
    assert told <= RARE * campaigns


def test_at_the_edge_of_what_is_honest_the_rate_still_holds() -> None:
    """Everybody leans to the first place as far as one may: of a thousand campaigns ten may have somebody told of."""
    rng, told = random.Random(1), 0
    for _campaign in range(300):
        everybody = [Counter(rng.choices(PLACES, (0.65, 0.35), k=40)) for _person in range(20)]
        everybody += [Counter(first=20, second=20)] * 20
        crowd = Crowd(everybody)
        told += any(crowd.one_button(each) for each in everybody)
    assert told <= 3


@pytest.mark.parametrize(("button", "many"), [("first", 60), ("second", 60), ("tie", 120), ("both_bad", 120)])
@pytest.mark.parametrize("ring", [1, 20])
def test_whoever_presses_one_button_is_told_of_though_many_do(button: str, many: int, ring: int) -> None:
    rng = random.Random(2)
    mine = Counter({button: many})
    crowd = Crowd([*(somebody(rng, "alike", 0.5) for _person in range(60)), *[mine] * ring])
    found = crowd.one_button(mine)
    assert found is not None
    assert (found.button, found.part, found.whole) == (button, many, many)


def test_where_everybody_says_so_nobody_is_told_of() -> None:
    for button in ("both_bad", "first"):
        everybody = [Counter({button: 300})] * 40
        assert Crowd(everybody).one_button(everybody[0]) is None, "models can be bad, and a list can be sorted"


@given(st.lists(COUNTS, min_size=1, max_size=12))
def test_what_is_told_has_enough_behind_it(several: list[dict[str, int]]) -> None:
    crowd = Crowd(several)
    for each in several:
        if found := crowd.one_button(each):
            assert found.part >= MOSTLY * found.whole
            assert found.whole >= FEWEST
            assert found.by_chance < RARE
            assert 0 <= found.others <= 1


def test_more_people_make_it_harder_to_be_told_of() -> None:
    mine = Counter(first=28)
    few, many = [Counter(first=20, second=20)] * 5, [Counter(first=20, second=20)] * 20_000
    assert Crowd([mine, *few]).one_button(mine)
    assert Crowd([mine, *many]).one_button(mine) is None


# Texts --------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_a_text_is_found_by_itself_whatever_it_is(text: str) -> None:
    assert sketch(text) == sketch(text)
    assert sketch(text)[0] == sketch(f"  {text.upper().lower()} ")[0] or bare(text) != bare(text.upper().lower())
    assert near(text, text) == 1


def test_case_accents_and_punctuation_are_left_aside() -> None:
    one, other = "¿Cómo está usted, señora?", "como esta usted senora"
    assert near(one, other) == 1
    assert sketch(one) == sketch(other)
    assert is_short(one)


def test_of_nearly_equal_texts_nearly_all_share_a_band_and_of_others_hardly_any() -> None:
    rng = random.Random(5)
    found = others = 0
    for _text in range(400):
        text = words(rng.choice([14, 30, 80, 200]))
        like = changed(text, 14)
        assert near(text, like) >= NEAR
        found += bool(set(sketch(text)) & set(sketch(like)))
        others += bool(set(sketch(text)) & set(sketch(words(60))))
    assert found >= 396
    assert others == 0


def test_below_the_limit_it_is_nothing() -> None:
    text = " ".join(WORDS[:40])
    assert near(text, changed(text, 3)) == 0
    assert sketch("Hola", whole=False) == []


def test_the_key_of_a_question_is_what_it_was() -> None:
    assert group_key([{"content": "¿Qué?"}]) == hashlib.sha256(b"que").hexdigest()
    assert group_key([{"content": "¡Qué!"}, {"content": "A"}]) == group_key([{"content": "que"}, {"content": "a"}])
    assert group_key([{"content": "…"}]) != group_key([{"content": "?"}])
