"""A release that is killed while it is made: readers never see a part of one, or one made of several, and the next run
completes it, once.

A short form runs with the tests; `make faults` does it a hundred times. The seed is printed; with SEED=… the same
moments are drawn again.
"""

import datetime as dt
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from annotations.datasets.names import version_of
from annotations.datasets.verify import problems
from benchmarks.house import started
from benchmarks.page import table, tell
from benchmarks.release import fill
from tests.datasets.killing import (
    FAULTS,
    Faults,
    Place,
    Publisher,
    Reader,
    disk,
    drawn,
    house_of_its_own,
    lengths,
    publish,
    slot_of_the_night,
    until,
    worker,
)  # fmt: skip

KILLS, JUDGEMENTS = int(os.environ.get("KILLS", "4")), 3_000
ERASED = int(os.environ.get("ERASED", "2"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(scope="module")
def slot() -> dt.datetime:
    return slot_of_the_night()


@pytest.fixture(scope="module")
def place(slot: dt.datetime) -> Iterator[Place]:
    """A whole house in which many voted before the night, and that has no release."""
    with house_of_its_own(slot) as home, disk(home) as own, started(home) as house:
        place = Place(house, own)
        fill(house, JUDGEMENTS, kinds=60, several=9)
        yield place


@pytest.fixture(scope="module")
def cutoffs(place: Place, slot: dt.datetime) -> Iterator[dt.datetime]:
    """A release's after the other's."""
    return (slot + number * SECOND for number in range(1, 3600))


def call_the_night(place: Place, times: int) -> None:
    calls = f"[publish_nightly.delay() for _call in range({times})]"
    place.house.manage("shell", "-v0", "-c", f"from annotations.datasets.jobs import publish_nightly; {calls}")


@pytest.fixture(scope="module")
def night(place: Place, slot: dt.datetime) -> list[str]:
    """The house's worker makes the release of the night. It is killed while it writes, the queue is erased, and the job
    is started twice; and again. What is left after the kill, and after all."""
    version = version_of(slot)
    place.ask("UPDATE annotations_judgement SET received_at = %s", slot - SECOND)
    with Reader(place) as reader:
        call_the_night(place, 1)
        until(lambda: place.reached(version, "writing"), pause=0.001)
        os.killpg(worker(place), signal.SIGKILL)
        left = place.left(version)
        for _time in range(ERASED):
            place.ask("DELETE FROM pgmq.q_minka")
            call_the_night(place, 2)
        until(lambda: place.left(version) == "done")
        until(lambda: not place.ask("SELECT 1 FROM pgmq.q_minka"))
        reader.has_looked()
    return [left, place.left(version), *reader.wrongs]


def test_a_night_whose_worker_is_killed_and_whose_queue_is_erased_has_one_release(
    place: Place, night: list[str], slot: dt.datetime
) -> None:
    assert night == ["writing", "done"]
    assert whole(place)[0] == version_of(slot)


def whole(place: Place) -> list[str]:
    """The releases there are: the same in the database and in the folder, and nothing else lies there."""
    rows = place.rows()
    assert sorted(path.name for path in place.releases.iterdir()) == [*rows, "latest"]
    assert place.latest == rows[-1]
    return rows


@pytest.mark.usefixtures("night")
def test_whatever_is_killed_nothing_half_is_seen_and_the_next_run_completes(
    place: Place, cutoffs: Iterator[dt.datetime]
) -> None:
    print(f"SEED={SEED}")
    chance, faults, fell = random.Random(SEED), Faults(place), Counter[tuple[str, str]]()
    took = lengths(place, cutoffs)
    there = whole(place)
    with Reader(place) as reader:
        for number in range(KILLS):
            fault, (phase, seconds) = FAULTS[number % len(FAULTS)], drawn(chance, took)
            faults.get_ready()
            publisher = Publisher(place, cutoff := next(cutoffs))
            publisher.wait_for(phase)
            time.sleep(seconds)
            faults.strike(fault, publisher)
            reader.has_looked()
            publisher.end()
            faults.mend()
            fell[fault, left := place.left(publisher.version)] += 1
            print(f"{number + 1}: {fault}, {seconds:.3f} s into {phase}: {left}", flush=True)
            reader.has_looked()
            publish(place, cutoff)
            there.append(publisher.version)
            assert (whole(place), reader.wrongs) == (there, [])
        reader.has_looked()
    tell(
        "releases killed",
        f"{KILLS} releases struck while they were made, SEED={SEED}, each completed by the next run. A reader looked"
        f" {reader.looks:,} times, {reader.unanswered} times without an answer, and saw {len(reader.wrongs)} half or"
        f" mixed releases. The queue was erased {ERASED} times under the night's release, which is there once.\n",
        table(["struck", "what was left", "times"], ([*each, count] for each, count in sorted(fell.items()))),
    )
    assert (whole(place), reader.wrongs) == (there, [])
    assert [problem for version in there for problem in problems(place.releases / version)] == []


@pytest.mark.usefixtures("night")
def test_of_two_publishers_at_once_both_have_the_one_release(place: Place, cutoffs: Iterator[dt.datetime]) -> None:
    cutoff, before = next(cutoffs), whole(place)
    both = [Publisher(place, cutoff) for _publisher in range(2)]
    assert [publisher.end() for publisher in both] == [(0, "")] * 2
    assert whole(place) == [*before, version_of(cutoff)]


@pytest.mark.usefixtures("night")
def test_one_that_writes_in_place_is_found_out(place: Place, cutoffs: Iterator[dt.datetime]) -> None:
    twin = Publisher(place, cutoff := next(cutoffs), "in_place")
    with Reader(place) as reader:
        assert twin.wait_for("writing")
        Faults(place).strike("publisher", twin)
        twin.end()
        reader.has_looked()
    assert {wrong.partition(":")[0] for wrong in reader.wrongs} == {f"the folder {twin.version}"}
    assert "manifest.json cannot be read" in Publisher(place, cutoff).end()[1], "and no next run makes it good"
    shutil.rmtree(place.releases / twin.version)


@pytest.mark.usefixtures("night")
def test_one_that_says_it_is_there_before_it_is_is_found_out(place: Place, cutoffs: Iterator[dt.datetime]) -> None:
    twin = Publisher(place, cutoff := next(cutoffs), "row_first")
    with Reader(place) as reader:
        until(lambda: reader.wrongs)
        Faults(place).strike("publisher", twin)
        twin.end()
    assert {wrong.partition(" ")[0] for wrong in reader.wrongs} == {"404"}
    publish(place, cutoff)
    assert whole(place)[-1] == twin.version
