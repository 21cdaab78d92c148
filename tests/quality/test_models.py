"""The model of who calls what how, and that of strengths: what they find again, and what must not change them."""

import evalica
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.quality import dawid_skene
from annotations.quality.bradley_terry import FIRST, SECOND, TIE, Strengths, strengths

Row = tuple[int, int, int, str]
judged = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2), st.sampled_from(["es-CL", "quz"])),
    min_size=1, max_size=40, unique_by=lambda row: row[:2],
)  # fmt: skip


def fit(rows: list[Row]) -> dawid_skene.Fit:
    units, people, said, varieties = zip(*rows, strict=True)
    return dawid_skene.fit(units=units, people=people, said=said, varieties=varieties, classes=3)


@given(judged, st.randoms())
def test_the_order_of_the_rows_changes_no_bit_of_a_belief(rows: list[Row], random) -> None:
    first, second = fit(rows), fit(random.sample(rows, len(rows)))
    assert first.belief.tobytes() == second.belief.tobytes()
    assert first.confusion.tobytes() == second.confusion.tobytes()


@given(judged)
def test_beliefs_and_tables_are_chances(rows: list[Row]) -> None:
    found = fit(rows)
    assert found.belief.sum(axis=1) == pytest.approx(1)
    assert found.confusion.sum(axis=2) == pytest.approx(1)
    assert list(found.units) == sorted({row[0] for row in rows})


@given(st.integers(1, 5), st.integers(0, 2))
def test_what_all_say_is_what_the_model_says(people: int, said: int) -> None:
    rows = [(unit, person, said, "es-CL") for unit in range(3) for person in range(people)]
    assert list(fit(rows).answers()) == [said] * 3


def test_a_variety_that_calls_it_otherwise_is_read_in_its_own_way() -> None:
    """In one variety what is 0 is called 0, in the other what is 0 is mostly called a tie (2): no error of theirs."""
    chance = np.random.default_rng(3)
    rows = []
    for unit in range(400):
        there = unit % 2
        for person in range(6):
            andean = person > 3
            called = 2 if andean and chance.random() < 0.6 else there
            rows.append((unit, person, called, "quz" if andean else "es-CL"))
    found = fit(rows)
    assert (found.answers() == np.arange(400) % 2).mean() > 0.99
    assert list(found.varieties) == ["es-CL", "quz"]
    assert found.confusion[0, 0, 0] > 0.95
    assert found.confusion[1, 0] == pytest.approx([0.4, 0, 0.6], abs=0.1)


def test_who_judged_once_is_read_as_their_variety_is_and_as_everybody_else_who_did() -> None:
    careful = [(unit, person, unit % 2, "es-CL") for unit in range(40) for person in range(3)]
    level = [(100, 98, 0, "es-CL"), (100, 99, 1, "es-CL")]
    one, other, tie = fit([*careful, *level]).belief[-1]
    assert (one, tie < 0.1) == (pytest.approx(other), True)
    more = [*level, (100, 97, 1, "es-CL")]
    assert fit([*careful, *more]).belief[-1, 1] > 0.9


# Strengths ----------------------------------------------------------------------------------------------------------

Pair = tuple[int, int, int, int]
met = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 7)).filter(
        lambda row: row[0] != row[1]
    ),
    min_size=1, max_size=60,
)  # fmt: skip


def compare(rows: list[Pair], resamples: int = 0) -> Strengths:
    firsts, seconds, outcomes, people = zip(*rows, strict=True)
    return strengths(firsts=firsts, seconds=seconds, outcomes=outcomes, people=people, resamples=resamples)


def bits(found: Strengths) -> list[bytes | None]:
    arrays = (found.strength, found.low, found.high, found.first, found.tie)
    return [None if each is None else np.asarray(each).tobytes() for each in arrays]


@given(met, st.randoms())
def test_the_order_of_the_rows_changes_no_bit_of_a_strength(rows: list[Pair], random) -> None:
    assert bits(compare(rows, 5)) == bits(compare(random.sample(rows, len(rows)), 5))


@given(met)
def test_models_that_never_met_however_far_around_have_no_strength(rows: list[Pair]) -> None:
    reached = {rows[0][0]}
    for _ in rows:
        reached |= {model for row in rows if reached & {row[0], row[1]} for model in row[:2]}
    found = compare(rows)
    assert (found.undefined == "") == (reached == set(found.models.tolist()))
    assert (found.strength is None) == (found.undefined != "")


def simulated(count: int, *, first: float, tie: float) -> tuple[np.ndarray, list[Pair]]:
    chance = np.random.default_rng(4)
    true = np.linspace(-1, 1, 6)
    rows = []
    for _ in range(count):
        one, other = chance.choice(6, 2, replace=False)
        lead = (true[one] - true[other]) / 2 + first
        odds = np.exp([lead, -lead, tie])
        rows.append((int(one), int(other), int(chance.choice(3, p=odds / odds.sum())), int(chance.integers(0, 40))))
    return true, rows


def test_strengths_ties_and_the_pull_of_the_first_place_are_found_again() -> None:
    true, rows = simulated(12_000, first=0.3, tie=-0.5)
    found = compare(rows, 100)
    assert found.strength == pytest.approx(true, abs=0.1)
    assert (found.first, found.tie) == pytest.approx((0.3, -0.5), abs=0.06)
    assert ((found.low <= true) & (true <= found.high)).sum() >= 5


def test_without_ties_and_places_another_library_says_the_same() -> None:
    rows = [row for row in simulated(3_000, first=0, tie=-0.5)[1] if row[2] != TIE]
    turned = [(other, one, SECOND if outcome == FIRST else FIRST, person) for one, other, outcome, person in rows]
    found = compare([*rows, *turned])  # each pair both ways around: no pull of a place is left
    winners = [evalica.Winner.X if outcome == FIRST else evalica.Winner.Y for *_pair, outcome, _person in rows]
    theirs = evalica.bradley_terry([f"m{row[0]}" for row in rows], [f"m{row[1]}" for row in rows], winners)
    logs = np.log(theirs.scores.sort_index().to_numpy())
    assert found.first == pytest.approx(0, abs=1e-6)
    assert found.strength == pytest.approx(logs - logs.mean(), abs=5e-3)


def test_one_who_judged_half_of_it_makes_the_interval_wide() -> None:
    _true, rows = simulated(3_000, first=0, tie=-1)
    rows = [(one, other, FIRST if person % 7 == 0 else outcome, person) for one, other, outcome, person in rows]
    busy = [(*row[:3], row[3] if place % 2 else 99) for place, row in enumerate(rows)]
    alone = [(*row[:3], place) for place, row in enumerate(rows)]
    wide, narrow = compare(busy, 100), compare(alone, 100)
    assert (wide.high - wide.low).mean() > (narrow.high - narrow.low).mean()


def test_a_crowd_that_likes_long_answers_does_not_lift_who_writes_much() -> None:
    """Two models as good as each other and a third; the first writes three times as much, and people fall for it."""
    chance = np.random.default_rng(9)
    true, long, pull = np.array([0.0, 0.0, -0.6]), np.array([1.1, 0.0, 0.0]), 0.4
    rows, longer = [], []
    for _ in range(9_000):
        one, other = chance.choice(3, 2, replace=False)
        how = long[one] - long[other] + chance.normal(0, 0.5)
        lead = (true[one] - true[other]) / 2 + 0.1 + pull * np.clip(how, -2, 2)
        odds = np.exp([lead, -lead, -0.5])
        rows.append((int(one), int(other), int(chance.choice(3, p=odds / odds.sum())), int(chance.integers(0, 60))))
        longer.append(how)
    firsts, seconds, outcomes, people = zip(*rows, strict=True)
    facts = {"firsts": firsts, "seconds": seconds, "outcomes": outcomes, "people": people}
    blind, aware = strengths(**facts, resamples=0), strengths(**facts, longer=longer, resamples=40)
    assert aware.strength == pytest.approx(true - true.mean(), abs=0.12)
    assert aware.length == pytest.approx(pull, abs=0.05)
    assert 0.3 < aware.ends["length"][0] < aware.length < aware.ends["length"][1] < 0.5
    assert blind.strength[0] > blind.strength[1] + 0.4, "the twin: without it, length is taken for strength"
    assert blind.length == 0


@given(met, st.randoms(), st.lists(st.floats(-9, 9), min_size=60, max_size=60))
def test_the_order_of_the_rows_changes_no_bit_of_what_length_does(rows: list[Pair], random, longer) -> None:
    columns = [(*row, many) for row, many in zip(rows, longer, strict=False)]

    def found(told: list) -> list[bytes | None]:
        firsts, seconds, outcomes, people, by = zip(*told, strict=True)
        strong = strengths(firsts=firsts, seconds=seconds, outcomes=outcomes, people=people, longer=by, resamples=3)
        return [*bits(strong), np.asarray(strong.length).tobytes() if strong.length is not None else None]

    assert found(columns) == found(random.sample(columns, len(columns)))
