"""What the models of `annotations/quality` find in real crowds, and how long they take over a million judgements.

The crowds are those of `tests/data`; tests hold the same facts. Time is a ratio against crowd-kit's Dawid and Skene in
the same run (`requirements/crowd.txt`), which is given ten rounds; ours takes as many as it needs.
"""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from annotations.quality.agreement import Alpha, Level, alpha
from annotations.quality.bradley_terry import strengths
from annotations.quality.dawid_skene import fit
from benchmarks.house import ROOT
from tests.quality.crowds import Crowd, labelled, mlqe, pandalm, plain_dawid_skene, told_br

JUDGEMENTS, PEOPLE, EACH, CLASSES = 1_000_000, 20_000, 5, 4
MODELS = 50
LIMIT = 0.5
BELOW = 0.005
"""How far the model may lie below the better of the other two, as a share of all items."""


def main() -> None:
    _accuracy()
    _agreement()
    with tempfile.TemporaryDirectory(prefix="minka-bench-") as folder:
        _speed(Path(folder) / "rows.npz")


def _accuracy() -> None:
    print("| crowd | items, people | majority, % right | Dawid-Skene as published | ours | limit | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in ("bluebirds", "crowd-binary-5x1000"):
        crowd = labelled(name)
        majority, published = crowd.right(crowd.counts.argmax(axis=1)), crowd.right(plain_dawid_skene(crowd))
        ours, least = crowd.right(_settled(crowd)), max(majority, published - BELOW)
        size = f"{len(crowd.counts)}, {crowd.people.max() + 1}"
        print(f"| {name} | {size} | {majority:.1%} | {published:.1%} | {ours:.1%} | {least:.1%} | {least / ours:.2f} |")
    crowd = pandalm()
    majority = 2 * crowd.counts.max(axis=1) > crowd.counts.sum(axis=1)
    same = (_settled(crowd) == crowd.counts.argmax(axis=1))[majority]
    print(f"\npandalm: of {len(crowd.counts)} pairs {majority.sum()} have a strict majority of their three votes;"
          f" ours says the same in {same.sum()} of them.\n")  # fmt: skip


def _agreement() -> None:
    print("| judgements | level | alpha | 95 % interval | units, people |")
    print("| --- | --- | ---: | ---: | ---: |")
    for name in ("bluebirds", "crowd-binary-5x1000"):
        _row(name, labelled(name), "nominal")
    _row("pandalm", pandalm(), "nominal")
    for label, crowd in told_br():
        _row(f"told-br, {label}", crowd, "nominal")
    _row("mlqe ro-en", mlqe(), "interval")
    print()


def _row(name: str, crowd: Crowd, level: Level) -> None:
    found = _alpha(crowd, level)
    interval = "fewer than five people" if found.low is None else f"{found.low:.3f} to {found.high:.3f}"
    print(f"| {name} | {level} | {found.alpha:.4f} | {interval} | {found.units}, {found.people} |")


def _alpha(crowd: Crowd, level: Level) -> Alpha:
    return alpha(units=crowd.units, people=crowd.people, values=crowd.said, level=level)


def _settled(crowd: Crowd) -> np.ndarray:
    facts = {"units": crowd.units, "people": crowd.people, "said": crowd.said}
    return fit(**facts, varieties=np.zeros_like(crowd.units), classes=crowd.classes).answers()


def _speed(path: Path) -> None:
    np.savez(path, **_made_up())
    begin = time.perf_counter()
    with np.load(path) as file:
        rows = dict(file)
    read = time.perf_counter()
    found = fit(units=rows["units"], people=rows["people"], said=rows["said"], varieties=rows["people"] % 20,
                classes=CLASSES)  # fmt: skip
    settled = time.perf_counter()
    ours = settled - read
    right = (found.answers() == rows["truth"][found.units]).mean()
    their_read, theirs, their_right = _crowd_kit(path)
    print(f"{JUDGEMENTS:,} judgements by {PEOPLE:,} people, a few of whom judge most, in {CLASSES} classes:\n")
    print("| what | reading, s | settling, s | right | limit | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print(f"| ours, by variety, until nothing changes | {read - begin:.2f} | {ours:.1f} | {right:.1%} |"
          f" {theirs * LIMIT:.1f} | {ours / (theirs * LIMIT):.2f} |")  # fmt: skip
    print(f"| crowd-kit, Dawid-Skene, ten rounds | {their_read:.2f} | {theirs:.1f} | {their_right:.1%} | | |")
    begin = time.perf_counter()
    alpha(units=rows["units"], people=rows["people"], values=rows["said"], level="nominal")
    print(f"| alpha with its interval, 200 times over | | {time.perf_counter() - begin:.1f} | | | |")
    begin = time.perf_counter()
    strengths(firsts=rows["firsts"], seconds=rows["seconds"], outcomes=rows["outcomes"], people=rows["people"])
    print(
        f"| strengths of {MODELS} models with intervals, 200 times over | | {time.perf_counter() - begin:.1f} | | | |"
    )


def _made_up() -> dict[str, np.ndarray]:
    """Units of five judgements; people differ in how much they judge and how well; pairs of models beside it."""
    chance = np.random.default_rng(1)
    units = np.repeat(np.arange(JUDGEMENTS // EACH), EACH)
    busy = chance.permutation(PEOPLE)[(chance.zipf(1.3, 2 * JUDGEMENTS) - 1) % PEOPLE]
    people = _nobody_twice(units, busy)
    truth = chance.integers(0, CLASSES, JUDGEMENTS // EACH)
    knows = chance.random(len(units)) < chance.beta(6, 2, PEOPLE)[people]
    first = chance.integers(0, MODELS, len(units))
    return {
        "units": units, "people": people, "truth": truth,
        "said": np.where(knows, truth[units], chance.integers(0, CLASSES, len(units))),
        "firsts": first, "seconds": (first + chance.integers(1, MODELS, len(units))) % MODELS,
        "outcomes": chance.integers(0, 3, len(units)),
    }  # fmt: skip


def _nobody_twice(units: np.ndarray, people: np.ndarray) -> np.ndarray:
    """People for the units; who would judge one twice is replaced by the next in number."""
    people = people[: len(units)].copy()
    while True:
        order = np.lexsort((people, units))
        twice = (np.diff(units[order]) == 0) & (np.diff(people[order]) == 0)
        if not twice.any():
            return people
        again = order[1:][twice]
        people[again] = (people[again] + 1) % PEOPLE


def _crowd_kit(path: Path) -> tuple[float, float, float]:
    argv = [ROOT / ".venv-crowd/bin/python", "-P", ROOT / "benchmarks/rival.py", path]  # -P: our `queue` is not theirs
    done = subprocess.run([str(each) for each in argv], capture_output=True, text=True, check=True)
    read, settled, right = map(float, done.stdout.split())
    return read, settled, right


if __name__ == "__main__":
    main()
