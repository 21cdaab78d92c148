"""`make coverage`: every branch of the money path is taken by a test, and 95 of 100 lines and branches of everything.

`python -m tests.gates.covered [PYTEST'S ARGUMENTS]` runs the tests and judges. Those count that stand in one process
with the code, or start it as a command; houses in a browser and houses that are struck are not asked.
"""

import json
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
        branches = [f"{one}->{other}" for one, other in measured[name]["missing_branches"] if str(one) not in lines]
        if lines or branches:
            yield f"{name}: not taken: {', '.join([*lines, *branches])}"
    percent = report["totals"]["percent_covered"]
    if percent < OVERALL:
        yield f"all together {percent:.2f} %, and {OVERALL:g} % are asked"


def run(arguments: list[str]) -> None:
    """The tests, and what they took as `report.json`. A test that fails ends it."""
    for old in PLACE.glob("data*"):
        old.unlink()
    PLACE.mkdir(parents=True, exist_ok=True)
    for words in (
        ["run", "-m", "pytest", "-q", *arguments, *TESTS], ["combine", "-q"],
        ["json", "-q", "-o", str(PLACE / "report.json")],
    ):  # fmt: skip
        subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=True)


def judge() -> int:
    report = json.loads((PLACE / "report.json").read_text("utf-8"))
    told, totals = list(wrong(report, files())), report["totals"]
    whole = (
        f"whole: {len(files())} files of the money path; all together {totals['percent_covered']:.2f} % of"
        f" {totals['num_statements']:,} lines and {totals['num_branches']:,} branches"
    )
    print("\n".join(told) or whole)
    return 1 if told else 0


if __name__ == "__main__":
    run(sys.argv[1:])
    sys.exit(judge())
