"""`make mutants`: does a test fail when something is wrong on the money path?

`MUTANTS` small mistakes are drawn by `SEED` (`mutations.py`). Each is made in a copy of the house, and the tests that
came by its line (`make coverage` wrote down which) run there until one fails. What no test sees is told as a
difference, to be read: a test is missing, or it is no mistake at all. It takes hours: after `MINUTES` it tells what it
has, and the same again, at the same commit, goes on from there.
"""

import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from coverage import CoverageData

from annotations.quality.intervals import wilson
from benchmarks.page import commit, table, tell
from tests.gates.covered import PLACE
from tests.gates.money import PATHS, ROOT, by_step, files

MUTANTS: Final = int(os.environ.get("MUTANTS", "300"))
SEED: Final = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
MINUTES: Final = float(os.environ.get("MINUTES", "inf"))
AT_ONCE: Final = 2
NEAR: Final = 40
"""How many tests are tried first."""
FAR: Final = 400
"""How many at most, where these see nothing."""
LIMIT: Final = 1800
"""Seconds after which a house that turns round for ever counts as seen."""
MAKER: Final = ROOT / ".venv-mutants" / "bin" / "python"


class Tests:
    """Which tests came by a line, by what `make coverage` wrote down; nothing is drawn where it wrote down none."""

    def __init__(self, data: Path = PLACE / "everything" / "data") -> None:
        self._data = CoverageData(str(data))
        self._data.read()
        if not _nodes(self._data.measured_contexts()):
            sys.exit(f"{data} tells no test that came by a line: `make coverage` writes it")

    def of(self, mutant: dict[str, Any]) -> list[str]:
        """Those of its chapter first. Where none came by the line while it ran (a constant), those of the file."""
        by_line = self._data.contexts_by_lineno(mutant["file"])
        every = [each for several in by_line.values() for each in several]
        chapter = mutant["file"].split("/")[1].removesuffix(".py")
        nodes = _nodes(by_line.get(mutant["line"], [])) or _nodes(every)
        random.Random(mutant["line"]).shuffle(nodes)
        return sorted(nodes, key=lambda node: f"/{chapter}/" not in node)


def _nodes(contexts: Iterable[str]) -> list[str]:
    """`tests.people.test_rights.test_x` as pytest names it; nothing of what is no test."""
    found = set()
    for context in contexts:
        module, _dot, name = context.rpartition(".")
        path = f"{module.replace('.', '/')}.py"
        if module.startswith("tests.") and (ROOT / path).exists():
            found.add(f"{path}::{name}")
    return sorted(found)


class Copy:
    """A copy of the house to make mistakes in, with a database that stays from one to the next."""

    def __init__(self, place: Path) -> None:
        self._place, self._ground = place / "house", place / "ground"
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in tracked.split("\0"):
            if name and (ROOT / name).is_file():
                (self._place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self._place / name)

    def sees(self, mutant: dict[str, Any], tests: list[str]) -> bool:
        """Whether a test fails with this mistake in the house."""
        file = self._place / mutant["file"]
        right = file.read_text("utf-8")
        file.write_text(mutant["source"], "utf-8")
        try:
            return any(self._fails(some) for some in (tests[:NEAR], tests[NEAR:FAR]) if some)
        finally:
            file.write_text(right, "utf-8")

    def is_whole(self, tests: list[str]) -> bool:
        """Whether these pass as the house is."""
        return not self._fails(tests)

    def _fails(self, tests: list[str]) -> bool:
        path = os.pathsep.join([str(self._place), str(self._place / "platform")])
        surroundings = {
            **os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "MINKA_TESTS_GROUND": str(self._ground),
        }  # fmt: skip
        argv = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--reuse-db", *tests]
        try:
            done = subprocess.run(
                argv, cwd=self._place, env=surroundings, capture_output=True, timeout=LIMIT, text=True, check=False
            )
        except subprocess.TimeoutExpired:
            shutil.rmtree(self._ground, ignore_errors=True)
            return True
        assert done.returncode != 5, f"these are no tests: {tests}"
        return done.returncode != 0


def mutants() -> Iterator[dict[str, Any]]:
    argv = [str(MAKER), "-m", "tests.gates.mutations", str(MUTANTS), str(SEED), *files()]
    for line in subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines():
        yield json.loads(line)


def difference(mutant: dict[str, Any]) -> str:
    before, after = (ROOT / mutant["file"]).read_text("utf-8").splitlines(), mutant["source"].splitlines()
    return "\n".join(difflib.unified_diff(before, after, mutant["file"], mutant["what"], n=1, lineterm=""))


def tried(drawn: list[dict[str, Any]], place: Path) -> Iterator[bool]:
    """Of each, in their order, whether a test sees it; several at once, each in a copy that is free."""
    tests, copies = Tests(), SimpleQueue[Copy]()
    for number in range(AT_ONCE):
        copies.put(copy := Copy(place / str(number)))
        assert copy.is_whole(tests.of(drawn[0])[:NEAR]), "what is meant to see mistakes fails without any"

    def try_one(mutant: dict[str, Any]) -> bool:
        copy = copies.get()
        try:
            return copy.sees(mutant, tests.of(mutant))
        finally:
            copies.put(copy)

    several = ThreadPoolExecutor(AT_ONCE)
    try:
        yield from several.map(try_one, drawn)
    finally:
        several.shutdown(cancel_futures=True)


def go_on(drawn: list[dict[str, Any]], seen: list[bool]) -> Iterator[bool]:
    """Those that were not tried yet, in their order, until the time is over; without any, none."""
    if not MINUTES:
        return
    end = time.monotonic() + MINUTES * 60
    with tempfile.TemporaryDirectory(prefix="minka-mutants-") as made:
        Path(made).chmod(0o755)  # so that root's database, which another account runs, can lie in it
        with closing(tried(drawn[len(seen) :], Path(made))) as results:
            for was_seen in results:
                yield was_seen
                if time.monotonic() > end:
                    return


def main() -> None:
    print(f"SEED={SEED}", flush=True)
    drawn, steps = list(mutants()), by_step()
    kept = PLACE.parent / "mutants" / f"{commit()}-{SEED}-{MUTANTS}.json"
    seen: list[bool] = json.loads(kept.read_text("utf-8")) if kept.exists() else []
    kept.parent.mkdir(parents=True, exist_ok=True)
    for was_seen in go_on(drawn, seen) if len(seen) < len(drawn) else ():
        mutant = drawn[len(seen)]
        seen.append(was_seen)
        kept.write_text(json.dumps(seen), "utf-8")
        told = "seen" if was_seen else f"MISSED\n{difference(mutant)}"
        print(f"{len(seen)}: {mutant['file']}:{mutant['line']} {told}", flush=True)
    if not seen:
        sys.exit("none was tried yet")
    drawn = drawn[: len(seen)]
    every = Counter(steps[mutant["file"]] for mutant in drawn)
    found = Counter(steps[mutant["file"]] for mutant, was_seen in zip(drawn, seen, strict=True) if was_seen)
    rows = [[step, every[step], found[step], f"{found[step] / every[step]:.0%}"] for step in PATHS if every[step]]
    low, high = wilson(sum(seen), len(seen))
    tell(
        "mutants",
        f"{len(drawn)} small mistakes, drawn by SEED={SEED} of {drawn[0]['places']:,} places of the money path"
        f" ({len(steps)} files): a test failed for {sum(seen)}, which is {sum(seen) / len(seen):.0%}"
        f" (95 of 100: {low:.0%} to {high:.0%}).\n",
        table(["step", "mistakes", "seen", "of these"], rows),
    )  # fmt: skip


if __name__ == "__main__":
    main()
