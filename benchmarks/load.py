"""Many volunteers at a house at once, as people are: each thinks between half a minute and a minute.

`make load`: 500 of them for half an hour (`VOLUNTEERS_AT_ONCE`, `MINUTES`), half with a program over the API and half
in a browser, then in steps twice as quick, four times, …, until it is too much: the knee. What one person alone waits
for the same requests is measured in the same house, minutes before. Locust runs on the same processors as the house,
over the loopback.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

from benchmarks.cycle import load
from benchmarks.house import ROOT, House, environment, started
from benchmarks.page import table, tell
from benchmarks.queue import copy_items

PEOPLE: Final = int(os.environ.get("VOLUNTEERS_AT_ONCE", "500"))
MINUTES: Final = float(os.environ.get("MINUTES", "30"))
LIMIT: Final = 5.0
"""How many times what one person alone waits, in the median, 95 of 100 requests of the many may take."""
STEPS: Final = (2, 4, 6, 8, 12, 16)

_SESSIONS = (
    "from django.test import Client; from annotations.people.models import Person\n"
    "for person in Person.objects.filter(username__startswith='volunteer-').order_by('pk'):\n"
    "    client = Client(); client.force_login(person); print(person.username, client.cookies['sessionid'].value)"
)


class Asked(NamedTuple):
    """One sort of request: how many, how many failed, and milliseconds of the middle one and of the 95th of 100."""

    name: str
    count: int
    errors: int
    p50: float
    p95: float


class Run(NamedTuple):
    asked: list[Asked]
    seconds: float
    machine: str
    """Load average and stolen time while it ran."""
    complaints: list[str]
    """Of each sort of error, how often it came and what it said."""

    @property
    def errors(self) -> int:
        return sum(each.errors for each in self.asked)

    @property
    def a_second(self) -> float:
        return sum(each.count for each in self.asked) / self.seconds


def main() -> None:
    with started() as house:
        people = furnish(house, PEOPLE, items=int(PEOPLE * MINUTES * 2) + 20_000)
        alone = one_alone(house, people)
        run = crowd(house, people, PEOPLE, 60 * MINUTES)
        knee = list(until_too_much(house, people, alone))
    tell(
        "load",
        f"{PEOPLE} volunteers for {MINUTES:g} minutes, each thinking 30 to 60 s, half over the API and half in a"
        f" browser: {run.a_second:.1f} requests a second, {run.errors} errors. {run.machine} One person alone does the"
        f" same in the same house, before. Limit of the ratio: {LIMIT:g}.\n",
        _told(run, alone), "\nThe knee: as many people as if there were more, a minute each.\n", _knee(knee, alone),
    )  # fmt: skip


def furnish(house: House, count: int, *, items: int) -> Path:
    """A campaign with enough to do, and volunteers who are known to the API and logged in; returns the file of them."""
    load(house, 100)
    tokens = dict(
        line.split() for line in house.manage("seed_volunteers", str(count), "--variety", "es-CL").splitlines()
    )
    with psycopg.connect(house.database, autocommit=True) as database:
        (bench,) = database.execute("SELECT id FROM annotations_campaign WHERE slug = 'bench'").fetchone() or (0,)
        copy_items(database, bench, items)
        database.execute("VACUUM ANALYZE")
    sessions = dict(line.split() for line in house.manage("shell", "-v0", "-c", _SESSIONS).splitlines())
    file = house.home / "volunteers.txt"
    file.write_text("".join(f"{name} {tokens[name]} {sessions[name]}\n" for name in tokens), "utf-8")
    return file


def one_alone(house: House, people: Path, seconds: float = 45) -> dict[str, float]:
    """What one person waits whom nobody keeps waiting, over the API and then in a browser: by the sort of request,
    milliseconds, median."""
    runs = [crowd(house, people, 1, seconds, faster=150, who=who) for who in ("Program", "Phone")]
    return {each.name: each.p50 for run in runs for each in run.asked}


def crowd(house: House, people: Path, count: int, seconds: float, *, faster: float = 1, who: str = "") -> Run:
    """So many volunteers at work for so long; all of one sort, where `who` names it."""
    surroundings = {**environment(), "VOLUNTEERS": str(people), "FASTER": str(faster)}
    argv = [
        sys.executable, "-m", "locust", "-f", str(ROOT / "benchmarks" / "volunteers.py"), "--headless", "--json",
        "--host", house.url, "-u", str(count), "-r", str(max(10.0, count / 10)), "-t", f"{seconds:.0f}s",
        "--stop-timeout", "30", "--loglevel", "ERROR", "--exit-code-on-error", "0", *who.split(),
    ]  # fmt: skip
    with machine() as seen:
        begin = time.monotonic()
        done = subprocess.run(argv, env=surroundings, cwd=house.home, check=True, capture_output=True, text=True)
        took = time.monotonic() - begin
    complaints = [line.strip() for line in done.stderr.partition("Error report")[2].splitlines() if "rror" in line]
    return Run([_asked(each) for each in json.loads(done.stdout)], took, seen[0], complaints)


def _asked(told: dict[str, Any]) -> Asked:
    times = sorted(Counter({float(ms): count for ms, count in told["response_times"].items()}).elements()) or [0.0]
    middle, late = times[len(times) // 2], times[int(0.95 * (len(times) - 1))]
    return Asked(told["name"], told["num_requests"], told["num_failures"], middle, late)


def until_too_much(house: House, people: Path, alone: dict[str, float]) -> Iterator[tuple[int, Run]]:
    for faster in STEPS:
        run = crowd(house, people, PEOPLE, 60, faster=faster)
        yield PEOPLE * faster, run
        if run.errors or _ratio(run, alone) > 2 * LIMIT:
            return


def _ratio(run: Run, alone: dict[str, float]) -> float:
    """The worst of all sorts of requests."""
    return max(each.p95 / alone[each.name] for each in run.asked)


def _told(run: Run, alone: dict[str, float]) -> str:
    rows = [
        [each.name, f"{each.count:,}", each.errors, f"{alone[each.name]:.0f}", f"{each.p50:.0f}", f"{each.p95:.0f}",
         f"{each.p95 / alone[each.name]:.1f}"] for each in run.asked
    ]  # fmt: skip
    return table(["request", "times", "errors", "one alone, p50 ms", "p50 ms", "p95 ms", "p95 to one alone"], rows)


def _knee(steps: list[tuple[int, Run]], alone: dict[str, float]) -> str:
    rows = [
        [f"{people:,} people", f"{run.a_second:.0f}", run.errors, f"{max(each.p95 for each in run.asked):.0f}",
         f"{_ratio(run, alone):.1f}", run.machine] for people, run in steps
    ]  # fmt: skip
    return table(["as if", "requests a second", "errors", "worst p95 ms", "to one alone", "the machine"], rows)


@contextmanager
def machine() -> Iterator[list[str]]:
    """What else the machine was at in the block: load average once a second, and processor time that was stolen."""
    loads, over, told = [os.getloadavg()[0]], threading.Event(), [""]
    before = _jiffies()

    def look() -> None:
        while not over.wait(5):
            loads.append(os.getloadavg()[0])

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield told
    finally:
        over.set()
        watcher.join()
        passed = [now - then for then, now in zip(before, _jiffies(), strict=True)]
        stolen = 100 * passed[7] / (sum(passed) or 1)
        told[0] = (
            f"Load average {loads[0]:.1f} before, {min(loads):.1f} to {max(loads):.1f} during; {stolen:.1f} % stolen."
        )


def _jiffies() -> list[int]:
    """Of all processors: user, nice, system, idle, waiting, interrupts (2), stolen."""
    return [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


if __name__ == "__main__":
    main()
