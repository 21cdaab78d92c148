"""Nobody is compared with themselves; a majority is more than half of several; an interval holds its share."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from annotations.quality.intervals import wilson
from annotations.quality.reliability.rules import Beside, Pair, Voice, beside, majority

VOICES = st.lists(
    st.builds(Voice, st.integers(1, 99) | st.none(), st.just("es-CL"), st.sampled_from("abc"), st.booleans()),
    max_size=9, unique_by=lambda voice: voice.person or object(),
)  # fmt: skip


def by_hand(voices: list[Voice], place: int) -> Beside:
    """What is said of one vote, from the list without it."""
    voice, rest = voices[place], voices[:place] + voices[place + 1 :]
    trusted = majority(Counter(each.choice for each in rest if each.trusted), fewest=1)
    others = majority(Counter(each.choice for each in rest))
    return Beside(voice, *(None if said is None else said == voice.choice for said in (trusted, others)))


@given(VOICES)
def test_each_vote_stands_beside_the_list_without_it(voices: list[Voice]) -> None:
    assert list(beside(voices)) == [by_hand(voices, place) for place, each in enumerate(voices) if each.person]


@given(VOICES, st.sampled_from("abc"))
def test_what_others_say_does_not_hang_on_what_one_says(voices: list[Voice], otherwise: str) -> None:
    """Whoever says something else agrees with what is the others' word, which stays; or there is none, as before."""
    for place, voice in enumerate(voices):
        if voice.person is None:
            continue
        turned = [*voices[:place], voice._replace(choice=otherwise), *voices[place + 1 :]]
        before, after = by_hand(voices, place), by_hand(turned, place)
        assert (before.others is None) == (after.others is None)
        assert (before.anchors is None) == (after.anchors is None)
        if otherwise == voice.choice:
            assert before.others == after.others


@given(VOICES, st.randoms())
def test_the_order_says_nothing(voices: list[Voice], chance: random.Random) -> None:
    shuffled = chance.sample(voices, len(voices))
    assert Counter(beside(shuffled)) == Counter(beside(voices))


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9)))
def test_a_majority_is_more_than_half_of_two_or_more(said: dict[str, int]) -> None:
    found = majority(Counter(said))
    more = [choice for choice, many in said.items() if 2 * many > sum(said.values()) and sum(said.values()) >= 2]
    assert found == (more[0] if more else None)


def test_one_other_voice_is_no_majority_and_one_trusted_voice_is_enough() -> None:
    two = [Voice(1, "es-CL", "a"), Voice(2, "es-CL", "a", trusted=True)]
    assert [(each.anchors, each.others) for each in beside(two)] == [(True, None), (None, None)]
    three = [*two, Voice(3, "es-AR", "b")]
    assert [(each.anchors, each.others) for each in beside(three)] == [(True, None), (None, None), (False, False)]


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_narrows_with_more(counts: tuple[int, int]) -> None:
    agreed, of = counts
    low, high = wilson(agreed, of)
    assert 0 <= low <= agreed / of <= high <= 1
    wide, narrow = high - low, wilson(4 * agreed, 4 * of)
    assert narrow[1] - narrow[0] < wide
    assert wilson(of - agreed, of) == (1 - high, 1 - low) or abs(wilson(of - agreed, of)[0] - (1 - high)) < 1e-9


def test_figures_known_from_the_books() -> None:
    """Agresti and Coull 1998: of none in ten, and of half."""
    assert tuple(round(end, 3) for end in wilson(0, 10)) == (0.0, 0.278)
    assert tuple(round(end, 3) for end in wilson(14, 20)) == (0.481, 0.855)
    assert (Pair().interval, Pair(14, 20).others, Pair(1, 2).plus(True)) == (None, 6, Pair(2, 3))
