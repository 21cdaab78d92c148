"""What a ring achieves that pushes one model: 300 people do a campaign's work through the real actions and database
(`ring.py`), with the protections of a campaign on and, as the control that must fail, off.

A ring gives 5, 10 or 20 % of the votes: as many accounts as that, or few that work five times as much. Each run stands
against an honest one of the same settings, people and seed. Each seed has a process and a database of its own, two at
once. `POISON_PAIRS` are the pairs of a campaign, `POISON_SEEDS` how many seeds.
"""

import math
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np

from annotations.quality.intervals import wilson
from benchmarks.house import throwaway_database

PAIRS, SEEDS = int(os.environ.get("POISON_PAIRS", "400")), int(os.environ.get("POISON_SEEDS", "4"))
PEOPLE, NEEDED, AT_ONCE = 300, 3, 2
RINGS: Final = (0.05, 0.10, 0.20)
SHAPES: Final = {"many accounts": 1.0, "few, working 5x": 5.0}
"""How many times as much as others an account of the ring works."""


def _capped(needed: int) -> Mapping[str, int]:
    """One and a half times what everybody gives on average, and chance about whom one meets."""
    return {"needed": needed, "most_in_all": math.ceil(1.5 * PAIRS * needed / PEOPLE), "drawn_from": 8}


SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "off": {"needed": NEEDED},
    "sparing": {**_capped(NEEDED), "anchored": 10},
    "on": {**_capped(2), "anchored": 100},
}
"""Settings of the campaign. Nothing here takes longer than a day, so that `most_a_day` would do as `most_in_all` does.
`sparing` costs little and has to miss the limit; `on` is what a campaign that fears a ring takes."""
ANCHORS: Final = 30
"""How many of the people are trusted ones, whom no ring can name, where anything is checked."""
LIMIT: Final = 2.0
"""Percentage points by which the share of flipped pairs may rise over the honest base line."""


class Run(NamedTuple):
    """One campaign. `votes` is the ring's share, 0 for the honest base line."""

    settings: str
    shape: str
    votes: float


RUNS: Final = tuple(
    Run(name, shape, votes)
    for name in SETTINGS
    for shape, votes in [("", 0.0), *((shape, votes) for shape in SHAPES for votes in RINGS)]
)


class Found(NamedTuple):
    """What came out for the pushed model's pairs in which the other is the better, in the order of their names: 1
    where the verdict prefers the pushed one. Shares are of these pairs; votes and accounts are of all."""

    flipped: list[int]
    no_majority: float
    unsettled: float
    votes_an_item: float
    of_the_ring: float
    ring_stopped: int
    others_stopped: int


def main() -> None:
    print(f"{PEOPLE} people, right in 70 to 90 % of pairs; {PAIRS} pairs; two in five show the pushed"
          f" model, and in four of five of these the other is the better; {SEEDS} seeds.\n")  # fmt: skip
    for name, settings in SETTINGS.items():
        said = ", ".join(f"`{each}` {value}" for each, value in settings.items())
        print(f"- {name}: {said}")
    found = _measured(range(1, SEEDS + 1))
    _table(found)
    risen = {run: rise(found[Run(run.settings, "", 0.0)], found[run]).points for run in RUNS if run.votes}
    print("", *conclusions(risen), sep="\n")


def _measured(seeds: Iterable[int]) -> dict[Run, list[Found]]:
    """What each run found, seed by seed."""
    fresh = multiprocessing.get_context("spawn")  # Django is set up once in a process, with one database
    with ProcessPoolExecutor(AT_ONCE, mp_context=fresh, max_tasks_per_child=1) as processes:
        by_seed = list(processes.map(one_seed, seeds))
    return {run: [each[run] for each in by_seed] for run in RUNS}


def one_seed(seed: int) -> dict[Run, Found]:
    with throwaway_database():
        from benchmarks import ring  # it needs the database's address

        people, found = ring.gather(PEOPLE), {}
        for nth, run in enumerate(RUNS):
            settings = SETTINGS[run.settings]
            crowd = ring.crowd_of(people, seed, anchors=ANCHORS if settings.get("anchored") else 0)
            if run.votes:
                crowd = ring.with_ring(crowd, votes=run.votes, times=SHAPES[run.shape])
            found[run] = ring.run(crowd, slug=f"run-{nth}", pairs=PAIRS, seed=seed, **settings)
            print(f"seed {seed}: {nth + 1} of {len(RUNS)} campaigns", file=sys.stderr, flush=True)
        return found


# What it comes to -----------------------------------------------------------------------------------------------------


class Rise(NamedTuple):
    """By how many points more pairs are flipped than by honest people alone, and its 95 % interval."""

    points: float
    low: float
    high: float


def rise(base: Sequence[Found], ringed: Sequence[Found]) -> Rise:
    """Pair by pair, the pairs drawn anew a thousand times."""
    more = 100 * (_flips(ringed) - _flips(base))
    chance = np.random.default_rng(1)
    means = more[chance.integers(0, len(more), (1_000, len(more)))].mean(axis=1)
    return Rise(more.mean(), *np.quantile(means, (0.025, 0.975)))


def _flips(found: Sequence[Found]) -> np.ndarray:
    return np.array([flip for each in found for flip in each.flipped])


def _table(found: Mapping[Run, Sequence[Found]]) -> None:
    print("\n| protections | ring | its votes | flipped | 95 % | rise, points | 95 % | limit | ratio | no majority |"
          " unsettled | votes an item | stopped: ring, others |")  # fmt: skip
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for run in RUNS:
        mean = {name: np.mean([getattr(each, name) for each in found[run]]) for name in found[run][0]._fields[1:]}
        flips = _flips(found[run])
        low, high = wilson(flips.sum(), len(flips))
        ring, risen = "honest people", " | | | "
        if run.votes:
            more = rise(found[Run(run.settings, "", 0.0)], found[run])
            ring = f"{run.votes:.0%}, {run.shape}"
            risen = (
                f"{more.points:+.1f} | {more.low:+.1f} to {more.high:+.1f} | {LIMIT:.0f} | {more.points / LIMIT:.2f}"
            )
        print(f"| {run.settings} | {ring} | {mean['of_the_ring']:.1%} | {flips.mean():.1%} | {low:.1%} to {high:.1%} |"
              f" {risen} | {mean['no_majority']:.1%} | {mean['unsettled']:.1%} | {mean['votes_an_item']:.2f} |"
              f" {mean['ring_stopped']:.0f}, {mean['others_stopped']:.0f} |")  # fmt: skip


def conclusions(risen: Mapping[Run, float]) -> Iterator[str]:
    """Whether the limit is kept, said plainly, and whether the control fails, as it must."""
    for name in SETTINGS:
        rings = [run for run in risen if run.settings == name]
        beyond = [f"{run.votes:.0%}, {run.shape}" for run in rings if risen[run] > LIMIT]
        if name == "off" and not beyond:
            yield "**The control does not fail: this measurement says nothing.**"
        elif name == "off":
            yield f"The control, protections off, fails in {len(beyond)} of {len(rings)} rings, as it must."
        elif beyond:
            yield f"Protections {name}: the limit is **missed** in {len(beyond)} of {len(rings)}: {'; '.join(beyond)}."
        else:
            yield f"Protections {name}: the limit is kept in all {len(rings)}."
