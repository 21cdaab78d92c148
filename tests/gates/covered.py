"""Which branches the tests take, and whether that is enough.

`python -m tests.gates.covered money [PYTEST'S ARGUMENTS]`, which is `make money`: all tests, and every branch of the
money path is taken by one. Nothing else is measured.

`python -m tests.gates.covered everything [PYTEST'S ARGUMENTS]`, which is `make coverage`: 95 of 100 lines and branches
of everything too, and which test came by which line (`mutants.py`). Those tests count that stand in one process with
the code, or start it as a command; houses in a browser and houses that are struck are not asked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.gates.money import ROOT, files

OVERALL: Final = 95.0
"""Percent of the lines and branches of everything."""
PLACE: Final = ROOT / "test-results" / "coverage"
"""A folder of each run's own below it, so that `make test` leaves what `make coverage` wrote down."""
IN_PROCESS: Final = (
    "tests", "--ignore=tests/browser", "--ignore=tests/faults", "--ignore=tests/training",
    "--ignore=tests/datasets/test_kills.py",
)  # fmt: skip
SETTINGS: Final = """\
[run]
branch = true
parallel = true
patch = subprocess
relative_files = true
data_file = {place}/data
{measured}

[report]
exclude_also = if __name__ == .__main__.:
"""
EVERYTHING: Final = f"""\
source =
    {ROOT}/annotations
    {ROOT}/platform/minka
omit = {ROOT}/annotations/training/recipes/*
dynamic_context = test_function
sigterm = true
"""
"""The recipes run in the trainer's environment."""


def wrong(report: Mapping[str, Any], money: list[str]) -> Iterator[str]:
    """What the gate refuses, a line each; `report` is what `coverage json` writes."""
    measured = report["files"]
    for name in money:
        if name not in measured:
            yield f"{name}: no test came near it"
            continue
        lines = [str(line) for line in measured[name]["missing_lines"]]
        branches = [f"{one}->{other}" for one, other in measured[name]["missing_branches"] if str(one) not in lines]
        if lines or branches:
            yield f"{name}: not taken: {', '.join([*lines, *branches])}"
    percent = report["totals"]["percent_covered"]
    if percent < OVERALL:
        yield f"all together {percent:.2f} %, and {OVERALL:g} % are asked"


def run(place: Path, measured: str, tests: list[str]) -> Path:
    """The tests, and what they took of what is `measured`, as coverage tells it. A test that fails ends it."""
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("data*"):
        old.unlink()
    settings, report = place / "settings", place / "report.json"
    settings.write_text(SETTINGS.format(place=place, measured=measured), "utf-8")
    for words in (["run", "-m", "pytest", *tests], ["combine", "-q"], ["json", "-q", "-o", str(report)]):
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *words], cwd=ROOT, env={**os.environ, "COVERAGE_RCFILE": str(settings)},
            check=False,
        )  # fmt: skip
        if done.returncode:
            sys.exit(done.returncode)
    return report


def judge(written: Path) -> int:
    report = json.loads(written.read_text("utf-8"))
    told, totals = list(wrong(report, files())), report["totals"]
    whole = (
        f"Every branch of the money path was taken ({len(files())} files); {totals['percent_covered']:.2f} % of what"
        f" was measured, {totals['num_statements']:,} lines and {totals['num_branches']:,} branches"
    )
    print("\n".join(told) or whole)
    return 1 if told else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["money", *arguments]:
            written = run(PLACE / "money", f"include = {','.join(str(ROOT / file) for file in files())}", arguments)
        case ["everything", *arguments]:
            written = run(PLACE / "everything", EVERYTHING, [*arguments, *IN_PROCESS])
        case _:
            sys.exit(__doc__)
    sys.exit(judge(written))
