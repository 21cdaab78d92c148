"""The gate of coverage refuses what it is there to refuse, and the money path names files that are there."""

from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData

from tests.gates import mutants
from tests.gates.covered import wrong
from tests.gates.money import PATHS, ROOT, files

MONEY = "annotations/assignments/seats.py"


def report(percent: float = 97.0, lines: tuple[int, ...] = (), branches: tuple[list[int], ...] = ()) -> dict[str, Any]:
    return {
        "files": {MONEY: {"missing_lines": list(lines), "missing_branches": list(branches)}},
        "totals": {"percent_covered": percent},
    }


def test_what_is_whole_passes() -> None:
    assert list(wrong(report(), [MONEY])) == []


@pytest.mark.parametrize(
    ("measured", "money", "said"),
    [
        (report(lines=(7,)), [MONEY], f"{MONEY}: not taken: 7"),
        (report(branches=([7, 9],)), [MONEY], f"{MONEY}: not taken: 7->9"),
        (report(branches=([7, -3],)), [MONEY], f"{MONEY}: not taken: 7->-3"),
        (report(lines=(7,), branches=([7, 9],)), [MONEY], f"{MONEY}: not taken: 7"),
        (report(), [MONEY, "annotations/rights.py"], "annotations/rights.py: no test came near it"),
        (report(percent=94.99), [MONEY], "all together 94.99 %, and 95 % are asked"),
    ],
    ids=["a line", "a branch", "the end of a function", "its line says it", "a file", "everything"],
)
def test_what_no_test_takes_is_refused(measured: dict[str, Any], money: list[str], said: str) -> None:
    assert list(wrong(measured, money)) == [said]


def test_every_name_of_the_money_path_is_a_file() -> None:
    below = ROOT / "annotations"
    assert [glob for several in PATHS.values() for glob in several if not list(below.glob(glob))] == []
    assert len(files()) > 60


def _written(place: Path, *contexts: str) -> Path:
    data = CoverageData(str(place / "data"))
    for number, context in enumerate(contexts, start=1):
        data.set_context(context)
        data.add_lines({MONEY: [number]})
    data.write()
    return place / "data"


def test_a_mistake_is_shown_to_the_tests_that_came_by_its_line_its_chapter_s_first(tmp_path: Path) -> None:
    here, there = "tests.assignments.test_queue.test_one", "tests.house.test_gates.test_two"
    tests = mutants.Tests(_written(tmp_path, "", there, here))
    told = ["tests/assignments/test_queue.py::test_one", "tests/house/test_gates.py::test_two"]
    assert tests.of({"file": MONEY, "line": 2}) == told[1:]
    assert tests.of({"file": MONEY, "line": 1}) == told, "a line that ran with no test is shown to the file's"


def test_where_no_test_was_written_down_no_score_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make coverage"):
        mutants.Tests(_written(tmp_path, "", ""))
