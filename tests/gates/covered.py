"""`make coverage`: every branch of the money path is taken by a test, and 95 of 100 lines and branches of everything.

`python -m tests.gates.covered [PYTEST'S ARGUMENTS]` runs the tests and judges. Those count that stand in one process
with the code, or start it as a command; houses in a browser and houses that are struck are not asked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.gates.money import ROOT, files

OVERALL: Final = 95.0
"""Percent of the lines and branches of everything."""
PLACE: Final = ROOT / "test-results" / "coverage"
TESTS: Final = (
    "tests", "--ignore=tests/browser", "--ignore=tests/faults", "--ignore=tests/training",
    "--ignore=tests/datasets/test_kills.py",
)  # fmt: skip


def wrong(report: Mapping[str, Any], money: list[str]) -> Iterator[str]:
    """What the gate refuses, a line each; `report` is what `coverage json` writes."""
    measured = report["files"]
    for name in money:
        if name not in measured:
            yield f"{name}: no test came near it"
            continue
        lines = [str(line) for line in measured[name]["missing_lines"]]
        branches = [f"{one}->{other}" for one, other in measured[name]["missing_branches"]]
        missing = lines + [each for each in branches if each.split("->")[0] not in lines]
        if missing:
            yield f"{name}: not taken: {', '.join(missing)}"
    percent = report["totals"]["percent_covered"]
    if percent < OVERALL:
        yield f"all together {percent:.2f} %, and {OVERALL:g} % are asked"


def run(arguments: tuple[str, ...]) -> None:
    """The tests, and what they took as `report.json`. A test that fails ends it."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for old in PLACE.glob("data*"):
        old.unlink()
    coverage = [sys.executable, "-m", "coverage"]
    tests = ["-m", "pytest", "-q", "-n", "3", *(arguments or TESTS)]
    surroundings = {**os.environ, "COVERAGE_RCFILE": str(ROOT / "pyproject.toml")}
    for words in (["run", *tests], ["combine", "-q"], ["json", "-q", "-o", str(PLACE / "report.json")]):
        subprocess.run([*coverage, *words], cwd=ROOT, env=surroundings, check=True)


def main(arguments: tuple[str, ...]) -> int:
    run(arguments)
    report = json.loads((PLACE / "report.json").read_text("utf-8"))
    told = list(wrong(report, files()))
    print("\n".join(told) or f"whole: {len(files())} files of the money path; {_overall(report)}")
    return 1 if told else 0


def _overall(report: Mapping[str, Any]) -> str:
    totals = report["totals"]
    return (
        f"all together {totals['percent_covered']:.2f} % of {totals['num_statements']:,} lines and"
        f" {totals['num_branches']:,} branches"
    )


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
