"""When the votes on an item are enough: sure enough, checked by an anchor, decided by several where one contradicts."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.quality.rules import Ballot, Settled, strict_majority
from annotations.quality.stopping import ANCHORS, Ask, Asked, decide, sure_of, sureness

PLAIN = Asked("strict_majority")
CHECKED = Asked("strict_majority", checked=True)
OUTPUTS = [1, 2]


def votes(*choices: int | str, trusted: tuple[int | str, ...] = ()) -> list[Ballot]:
    return [Ballot(each) for each in choices] + [Ballot(each, trusted=True) for each in trusted]


ballots = st.lists(st.sampled_from([*votes(1, 2, "tie", "both_bad"), *votes(trusted=(1, 2, "tie"))]), min_size=1)


@given(ballots)
def test_a_plain_campaign_settles_by_majority_whoever_votes(said: list[Ballot]) -> None:
    assert decide(said, OUTPUTS, PLAIN) == strict_majority(said, OUTPUTS)


@pytest.mark.parametrize(
    ("leading", "votes", "sure"), [(3, 3, 15 / 16), (2, 3, 11 / 16), (4, 4, 31 / 32), (1, 2, 1 / 2)]
)
def test_how_sure_so_many_of_so_many_are(leading: int, votes: int, sure: float) -> None:
    assert sure_of(leading, votes) == sure


@given(st.integers(1, 40), st.integers(1, 40))
def test_one_vote_more_for_what_leads_makes_it_surer_and_one_against_less(leading: int, against: int) -> None:
    here = sure_of(leading, leading + against)
    assert sure_of(leading, leading + against + 1) < here < sure_of(leading + 1, leading + against + 1)


@given(ballots)
def test_sureness_is_a_chance_and_knows_no_order(said: list[Ballot]) -> None:
    assert 0 < sureness(said) == sureness(said[::-1]) < 1


def test_more_votes_are_asked_for_until_it_is_sure_or_enough() -> None:
    asked = Asked("strict_majority", sure_at=0.9, most=5)
    assert isinstance(decide(votes(1, 1, 1), OUTPUTS, asked), Settled)
    assert decide(votes(1, 1, 2), OUTPUTS, asked) is Ask.ANYBODY
    assert decide(votes(1, 1, 2, 1), OUTPUTS, asked) is Ask.ANYBODY, "0.81"
    settled = decide(votes(1, 1, 2, 1, 2), OUTPUTS, asked)
    assert settled == strict_majority(votes(1, 1, 2, 1, 2), OUTPUTS), "five are enough, sure or not"


@given(ballots, st.floats(0.5, 0.999), st.integers(1, 9))
def test_asking_anybody_ends(said: list[Ballot], sure_at: float, most: int) -> None:
    asked = Asked("strict_majority", sure_at=sure_at, most=most)
    if decide(said, OUTPUTS, asked) is Ask.ANYBODY:
        assert len(said) < most


def test_a_checked_item_waits_for_an_anchor_and_for_no_more_where_they_agree() -> None:
    assert decide(votes(1, 1, 1), OUTPUTS, CHECKED) is Ask.AN_ANCHOR
    settled = decide(votes(1, 1, 1, trusted=(1,)), OUTPUTS, CHECKED)
    assert settled == strict_majority(votes(1, 1, 1, 1), OUTPUTS)


def test_where_an_anchor_contradicts_several_of_them_decide_alone() -> None:
    for said in ((2,), (2, 2), (2, 1)):
        assert decide(votes(1, 1, 1, trusted=said), OUTPUTS, CHECKED) is Ask.AN_ANCHOR
    settled = decide(votes(1, 1, 1, trusted=(2, 2, 1)), OUTPUTS, CHECKED)
    assert isinstance(settled, Settled)
    assert (settled.preferred, settled.method, settled.n) == (2, "anchors", 3)


@given(st.lists(st.sampled_from([1, 2, "tie"]), min_size=1, max_size=30))
def test_no_crowd_however_large_outvotes_the_anchors(crowd: list[int | str]) -> None:
    for trusted in product([1, 2, "tie"], repeat=ANCHORS):
        settled = decide(votes(*crowd, trusted=trusted), OUTPUTS, CHECKED)
        theirs = strict_majority(votes(trusted=trusted), OUTPUTS)
        assert isinstance(settled, Settled)
        assert (settled.outcome, settled.preferred) == (theirs.outcome, theirs.preferred)


def test_a_crowd_that_says_nothing_by_majority_is_no_word_to_agree_with() -> None:
    assert decide(votes(1, 2, trusted=(1,)), OUTPUTS, CHECKED) is Ask.AN_ANCHOR


def test_once_an_anchor_spoke_the_crowd_is_asked_no_more() -> None:
    asked = Asked("strict_majority", sure_at=0.99, most=9, checked=True)
    assert decide(votes(1, 1, 2), OUTPUTS, asked) is Ask.ANYBODY
    assert decide(votes(1, 1, 2, trusted=(2,)), OUTPUTS, asked) is Ask.AN_ANCHOR
