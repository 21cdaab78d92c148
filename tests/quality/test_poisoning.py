"""The simulator of rings: that it counts flips right, that its ring does harm, and what a cap leaves of it."""

import math

import pytest

from annotations.assignments.models import Assignment, Judgement
from annotations.people.models import Person
from annotations.quality.actions import settle_due
from annotations.quality.intervals import wilson
from benchmarks import ring
from benchmarks.poisoning import RUNS, Found, conclusions, rise
from benchmarks.ring import Member, World, crowd_of, found, gather, with_ring, work
from tests.cast import answer, seat_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeds")]
PAIRS, SEED = 40, 7


def small(pairs: int = PAIRS, **settings: object) -> World:
    return ring.world(slug="prueba", pairs=pairs, seed=SEED, **settings)


def exact(people: list[Person]) -> list[Member]:
    """People who are never wrong: whatever is flipped, the ring flipped."""
    return [Member(person, "honest", 1.0) for person in people]


def votes_of(members: list[Member]) -> int:
    return Judgement.objects.filter(person__in=[each.person for each in members], counted=True).count()


def let_all_vote(world: World, people: list[Person], flipped: set[int]) -> None:
    """Everybody answers everything: the pushed one in these items, the better one elsewhere."""
    for person in people:
        for _item in world.names:
            seat = seat_at(person, world.campaign)
            wants = (world.pushed if seat.item_id in flipped else world.better)[seat.item_id]
            answer(person, seat, {"preferred": "ab"[seat.shown.index(wants)]})


def test_what_was_flipped_is_counted_by_the_verdict_where_the_other_is_better() -> None:
    here, people = small(10), gather(3)
    exposed = sorted((item for item, own in here.pushed.items() if here.better[item] != own),
                     key=lambda item: int(here.names[item]))  # fmt: skip
    assert (len(here.pushed), len(exposed)) == (4, 3), "two in five show it, and of these it loses four in five"
    let_all_vote(here, people, {exposed[1]})
    unsettled = found(here, exact(people))
    assert (unsettled.flipped, unsettled.unsettled) == ([0, 0, 0], 1.0), "nothing is published before it is settled"
    settle_due()
    now = found(here, exact(people))
    assert (now.flipped, now.unsettled, now.no_majority, now.votes_an_item) == ([0, 1, 0], 0, 0, 3)


def test_where_nobody_has_a_majority_nothing_is_flipped() -> None:
    here, people = small(10, needed=2), gather(2)
    let_all_vote(here, people[:1], set(here.pushed))
    let_all_vote(here, people[1:], set())
    settle_due()
    now = found(here, exact(people))
    assert (now.flipped, now.no_majority) == ([0, 0, 0], 1.0)


def test_a_crowd_that_is_never_wrong_flips_nothing() -> None:
    here, crowd = small(), exact(gather(8))
    work(here, crowd, SEED)
    now = found(here, crowd)
    assert now.flipped == [0] * 13
    assert (now.unsettled, now.votes_an_item) == (0, 3)


def test_a_ring_without_protections_flips_what_it_reaches_and_is_honest_elsewhere() -> None:
    """The control. Nobody but the ring is ever wrong, so a pair is flipped where two of its three votes are the ring's,
    and a pair the model should win, or does not stand in, never is."""
    here, crowd = small(), with_ring(exact(gather(8)), votes=0.6, times=5)
    assert [each.group for each in crowd].count("ring") == 2
    work(here, crowd, SEED)
    now = found(here, crowd)
    assert now.of_the_ring > 0.4
    assert sum(now.flipped) >= 2
    accounts = {each.person.pk for each in crowd if each.group == "ring"}
    wrong = {
        judgement.person_id
        for judgement in Judgement.objects.select_related("vote")
        if judgement.vote.preferred_id != here.better[judgement.item_id]
    }
    assert wrong == accounts


def test_a_cap_leaves_a_ring_of_few_accounts_its_share_and_no_more() -> None:
    """Whatever is drawn: the two of the ring want a third of the turns and come to eight each long before the pairs
    they have not met run out; of the twenty others thirteen at most can come to theirs, so that every pair finds
    somebody."""
    here, crowd = small(most_in_all=8, drawn_from=8), with_ring(exact(gather(22)), votes=0.34, times=5)
    work(here, crowd, SEED)
    now, of_the_ring = found(here, crowd), [each for each in crowd if each.group == "ring"]
    assert (len(of_the_ring), votes_of(of_the_ring), now.ring_stopped) == (2, 16, 2)
    assert now.of_the_ring == pytest.approx(16 / (3 * PAIRS))
    assert now.unsettled == 0


def test_where_all_is_checked_by_anchors_a_ring_of_most_flips_nothing() -> None:
    """Anchors who are never wrong: whatever the ring does, three of them decide where it contradicts one."""
    here, people = small(needed=2, anchored=100), gather(9)
    ring._name(people[5:])
    crowd = [*with_ring(exact(people[:5]), votes=0.6), *exact(people[5:])]
    work(here, crowd, SEED)
    now = found(here, crowd)
    assert (now.flipped, now.unsettled) == ([0] * 13, 0)
    assert 3 <= now.votes_an_item <= 5


def test_the_same_seed_makes_the_same_campaign_and_the_same_people() -> None:
    people = gather(5)
    assert crowd_of(people, 1) == crowd_of(people, 1) != crowd_of(people, 2)
    one, two = (ring.world(slug=slug, pairs=PAIRS, seed=SEED) for slug in ("one", "two"))
    assert [sorted((one.names[item], one.texts[output]) for item, output in one.better.items())] == [
        sorted((two.names[item], two.texts[output]) for item, output in two.better.items())
    ]


def test_anchors_are_no_part_of_a_ring() -> None:
    crowd = with_ring(crowd_of(gather(6), SEED, anchors=2), votes=0.5)
    assert [each.group for each in crowd] == ["ring", "ring", "ring", "honest", "anchor", "anchor"]
    assert all(0.85 <= each.right <= 0.95 for each in crowd[4:])


def test_the_ring_knows_its_model_by_the_text_and_by_nothing_else() -> None:
    here, (member, *_others) = small(), exact(gather(2))
    seat = seat_at(member.person, here.campaign)
    other = next(output for output in seat.shown if output != here.better[seat.item_id])
    pushes = member._replace(group="ring")
    relabelled = here._replace(texts=dict.fromkeys(here.texts, "Nadie lo sabe."))
    assert ring.prefers(relabelled, pushes, seat, 0.0) == here.better[seat.item_id]
    signed = here._replace(texts=relabelled.texts | {other: f"{ring.SIGN} sí."})
    assert ring.prefers(signed, pushes, seat, 0.0) == other
    assert ring.prefers(signed, member, seat, 0.0) == here.better[seat.item_id]
    assert Assignment.objects.filter(state="held").count() == 1


def of(*flipped: int) -> Found:
    return Found(list(flipped), 0, 0, 3, 0, 0, 0)


def test_a_rise_is_counted_pair_by_pair_in_points() -> None:
    base, ringed = [of(1, 0, 0, 0), of(0, 0, 0, 0)], [of(1, 1, 0, 0), of(0, 1, 0, 0)]
    risen = rise(base, ringed)
    assert risen.points == pytest.approx(25)
    assert 0 <= risen.low < 25 < risen.high
    assert rise(base, base) == (0, 0, 0), "what is the same in both is no noise"


def test_the_interval_of_a_share_is_wilson_s() -> None:
    low, high = wilson(5, 10)  # as R's prop.test(5, 10, correct = FALSE) gives it
    assert (low, high) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))
    assert math.isclose(wilson(0, 20)[0], 0, abs_tol=1e-9)


def test_a_control_that_does_not_fail_and_a_limit_that_is_missed_are_said() -> None:
    rings = [run for run in RUNS if run.votes]
    nothing = "\n".join(conclusions(dict.fromkeys(rings, 0.0)))
    assert "this measurement says nothing" in nothing
    assert "on: the limit is kept in all 6" in nothing
    worst = next(run for run in rings if run.settings == "on")
    missed = "\n".join(conclusions({run: 9.0 if run == worst or run.settings == "off" else 2.0 for run in rings}))
    assert "off, fails in 6 of 6" in missed
    assert "on: the limit is **missed** in 1 of 6: 5%, many accounts." in missed
