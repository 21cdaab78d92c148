"""A house that is struck while people work in it: nothing acknowledged is lost, nothing counts twice, and the night has
its release, once.

A short form runs with the tests; `make faults` strikes a hundred times and erases the queue twenty times more. The seed
is printed; with SEED=… the same schedule is drawn again. Times are told and never judged here.
"""

import datetime as dt
import os
import random
import time
from collections.abc import Iterator

import psycopg
import pytest

from annotations.datasets.names import version_of
from annotations.datasets.verify import problems
from benchmarks.cycle import load
from benchmarks.house import started
from benchmarks.page import table, tell
from benchmarks.queue import copy_items
from tests.datasets.killing import Place, house_of_its_own, slot_of_the_night, until
from tests.datasets.test_kills import call_the_night, whole
from tests.faults.crowd import CUT, THINKS, Crowd, Verdict, at_work, compare, in_database, in_release
from tests.faults.strikes import Striker, by_what, erase_queue, keep_a_message, schedule

KILLS, ERASED = int(os.environ.get("KILLS", "4")), int(os.environ.get("ERASED", "1"))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
PEOPLE, ITEMS = 8, 400 * (KILLS + ERASED)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(scope="module")
def slot() -> dt.datetime:
    return slot_of_the_night()


@pytest.fixture(scope="module")
def place(slot: dt.datetime) -> Iterator[Place]:
    """A whole house with enough to do."""
    with house_of_its_own(slot) as home, started(home) as house:
        load(house, 50)
        with psycopg.connect(house.database, autocommit=True) as database:
            (bench,) = database.execute("SELECT id FROM annotations_campaign WHERE slug = 'bench'").fetchone() or ()
            copy_items(database, bench, ITEMS)
        place = Place(house, own_disk=False)
        keep_a_message(place)
        yield place


@pytest.fixture(scope="module")
def people(place: Place) -> list[str]:
    return place.house.manage("seed_volunteers", str(PEOPLE), "--variety", "es-CL").splitlines()


@pytest.fixture(scope="module")
def struck(place: Place, people: list[str]) -> Crowd:
    """The crowd after everything that was drawn has struck."""
    print(f"SEED={SEED}")
    chance, strikes, begun = random.Random(SEED), [], time.monotonic()
    with at_work(place, people, chance) as crowd:
        striker = Striker(place, crowd)
        for number, what in enumerate(schedule(chance, KILLS, ERASED), 1):
            time.sleep(chance.uniform(0.3, 1.0))
            strikes.append(strike := striker.strike(what))
            print(
                f"{number}: {what}, answers after {strike.answered:.2f} s, jobs after {strike.served:.2f} s", flush=True
            )
        time.sleep(0.5)
    verdict = compare(place, crowd.ledger)
    tell(
        "crash",
        f"{PEOPLE} people answer, a pause of at most {THINKS[1]} s between two answers, for"
        f" {(time.monotonic() - begun) / 60:.0f} minutes; {CUT:.0%} of their requests are cut by the network."
        f" {KILLS} kills with SIGKILL and {ERASED} erasures of the queue, SEED={SEED}.\n",
        table(["acknowledged", "of these lost", "counted twice", "there, unacknowledged (allowed)"], [verdict]), "",
        table(["struck", "times", "answers again, median s", "95 %", "at most", "jobs again, at most s"],
              by_what(strikes)),
    )  # fmt: skip
    return crowd


def test_whatever_is_killed_nothing_acknowledged_is_lost_and_nothing_counts_twice(place: Place, struck: Crowd) -> None:
    verdict = compare(place, struck.ledger)
    assert struck.wrongs == []
    assert verdict.acked > 10 * KILLS
    assert (verdict.lost_acked, verdict.double_counted) == (0, 0)


def test_what_was_due_is_settled_whatever_the_queue_forgot(place: Place, struck: Crowd) -> None:
    """What a job was at that was erased, or killed with its worker, the next one finds from the rows. The timetable's
    message is sent here, or one would wait a minute for it."""
    place.house.manage("shell", "-v0", "-c", "from annotations.quality.jobs import settle; settle.delay()")
    due = "SELECT 1 FROM annotations_cell WHERE settled_at IS NULL AND done >= needed LIMIT 1"
    until(lambda: not place.ask(due), limit=150)


def test_the_night_has_its_release_once_with_all_that_was_acknowledged(
    place: Place, struck: Crowd, slot: dt.datetime
) -> None:
    version = version_of(slot)
    place.ask("UPDATE annotations_judgement SET received_at = %s", slot - SECOND)
    call_the_night(place, 1)
    erase_queue(place)
    call_the_night(place, 2)
    until(lambda: place.left(version) == "done")
    assert whole(place) == [version]
    folder = place.releases / version
    assert problems(folder) == []
    assert in_release(folder) == (in_database(place), 0)


# The twins that must be found out ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("struck")
def test_a_database_that_says_yes_before_it_has_written_is_found_out(place: Place, people: list[str]) -> None:
    """What it has not written it writes every ten seconds here, so that a slow machine shows it too."""
    place.ask("ALTER SYSTEM SET synchronous_commit = off")
    place.ask("ALTER SYSTEM SET wal_writer_delay = '10s'")
    place.ask("SELECT pg_reload_conf()")
    verdict = struck_by(place, people, "database", until_it_shows="lost_acked")
    place.ask("ALTER SYSTEM RESET ALL")
    place.ask("SELECT pg_reload_conf()")
    assert verdict.lost_acked > 0


@pytest.mark.usefixtures("struck")
def test_people_without_a_key_are_held_by_the_seat_and_without_that_too_are_found_out(
    place: Place, people: list[str]
) -> None:
    """Three things stand between a repeated answer and a double: the key, the seat that is closed, and the constraint.
    Without the key the other two hold; without any, there are doubles."""
    assert struck_by(place, people, "web", keyless=True).double_counted == 0
    place.ask("DROP INDEX one_judgement_per_person_and_item")
    place.ask("CREATE FUNCTION is_not_closed() RETURNS trigger LANGUAGE plpgsql AS"
              " $$ BEGIN NEW.state := 'expired'; RETURN NEW; END $$")  # fmt: skip
    place.ask("CREATE TRIGGER is_not_closed BEFORE UPDATE ON annotations_assignment FOR EACH ROW"
              " WHEN (NEW.state = 'answered') EXECUTE FUNCTION is_not_closed()")  # fmt: skip
    assert struck_by(place, people, "web", keyless=True, until_it_shows="double_counted").double_counted > 0


def struck_by(
    place: Place, people: list[str], what: str, *, keyless: bool = False, until_it_shows: str = ""
) -> Verdict:
    """What a crowd's ledgers say after a strike, or after the first of several that shows."""
    for number in range(3 if until_it_shows else 1):
        with at_work(place, people, random.Random(SEED + number), keyless=keyless) as crowd:
            striker = Striker(place, crowd)
            time.sleep(2)
            striker.strike(what)
            time.sleep(0.5)
        verdict = compare(place, crowd.ledger)
        if until_it_shows and getattr(verdict, until_it_shows):
            break
    return verdict
