"""The table of privacy requirements names each of them once, and only tests that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/privacy.md").read_text("utf-8")
REQUIREMENTS = 35
"""Thirty-four that the house began with, and one that came with the desk of the experts."""
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def test_the_table_holds_every_requirement_once() -> None:
    assert re.findall(r"^\| (C\d+) \|", TEXT, re.MULTILINE) == [f"C{number}" for number in range(1, REQUIREMENTS + 1)]


def test_every_row_shows_a_test() -> None:
    rows = re.findall(r"^\| (C\d+) \| (.*) \| (.*) \|$", TEXT, re.MULTILINE)
    assert len(rows) == REQUIREMENTS
    silent = [name for name, _does, shown in rows if not re.search(r"::\w+`", shown)]
    assert silent == []


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: str(part).rsplit("/", 1)[-1])
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
