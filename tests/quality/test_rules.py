"""The strict majority, as a property of any ballots."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.quality.rules import Ballot, strict_majority

choices = st.sampled_from([1, 2, "tie", "both_good", "both_bad"])
ballots = st.lists(
    choices.flatmap(
        lambda choice: st.builds(
            Ballot, st.just(choice), st.sampled_from([1, 2]) if isinstance(choice, int) else st.none()
        )
    ),
    min_size=1,
    max_size=9,
)


@given(ballots)
def test_a_verdict_has_more_than_half_or_is_no_majority(votes: list[Ballot]) -> None:
    settled = strict_majority(votes, [1, 2])
    choice, most = Counter(vote.choice for vote in votes).most_common(1)[0]
    if 2 * most > len(votes):
        assert (settled.preferred or settled.outcome) == choice
    else:
        assert settled.outcome == "no_majority"
    assert settled.agreement == most / len(votes)


@given(ballots, st.randoms())
def test_the_order_of_the_votes_does_not_matter(votes: list[Ballot], random) -> None:
    shuffled = random.sample(votes, len(votes))
    first, second = strict_majority(votes, [1, 2]), strict_majority(shuffled, [1, 2])
    if first.outcome != "no_majority":
        assert first == second


@given(ballots)
def test_a_margin_stands_where_an_output_won_and_is_at_most_two(votes: list[Ballot]) -> None:
    settled = strict_majority(votes, [1, 2])
    assert (settled.margin is not None) == (settled.outcome == "output")
    assert settled.margin is None or 0 <= settled.margin <= 2


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [(["tie", "tie", 1], "tie"), (["both_bad"] * 2 + [2], "both_bad"), ([1, 2, "tie"], "no_majority")],
)
def test_level_votes_are_kept_as_what_they_are(votes: list, outcome: str) -> None:
    assert strict_majority([Ballot(vote) for vote in votes], [1, 2]).outcome == outcome


def test_of_three_outputs_the_lowest_ranked_is_rejected() -> None:
    votes = [Ballot(7, 1, ((7,), (8,), (9,))), Ballot(7, 1, ((7,), (8, 9))), Ballot(8, 1, ((8,), (7,), (9,)))]
    settled = strict_majority(votes, [7, 8, 9])
    assert (settled.preferred, settled.rejected, settled.margin) == (7, 9, 1.0)
