"""Pages of what was measured, not written by hand: a section each, with its commit, its day and what else the machine
was doing.

`docs/figures.md` is what `make bench` measures. `docs/reliability.md` is what was tried to break, and how often: `make
faults`, `make load`, `make fuzz`, `make test-debian` and `make mutants` write a section each, those of the short forms
that run with every test do not.
"""

import datetime as dt
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Page:
    """Sections by their names: those in `order` first, in that order, then the others as they came."""

    path: Path
    head: str
    order: tuple[str, ...] = ()

    def write(self, name: str, text: str) -> None:
        """Put a measurement in the place of the one before."""
        parts = self.path.read_text("utf-8").split("\n## ")[1:] if self.path.exists() else []
        told = {title: body for title, _line, body in (part.partition("\n") for part in parts)} | {name: f"\n{text}"}
        names = [*(each for each in self.order if each in told), *(each for each in told if each not in self.order)]
        sections = [f"\n## {each}\n{told[each].rstrip()}\n" for each in names]
        self.path.write_text(self.head + "".join(sections), "utf-8")


RELIABILITY: Final = Page(
    ROOT / "docs" / "reliability.md",
    "# Reliability\n\nWritten by `make faults`, `make load`, `make fuzz`, `make test-debian` and `make mutants`, not by"
    " hand: what was tried to break, how often, from which seed, and what came of it. What is struck, cut, killed or"
    " asked by chance here is so with every change too, in a short form; there each has a twin that is broken on"
    " purpose and must be found out. Times are those of a machine shared with others, told beside its load, and no test"
    " fails for one.\n",
    ("crash", "load", "releases killed", "answers cut", "sessions lost", "seats", "fuzz", "mutants"),
)


def origin() -> str:
    """Where a measurement comes from, in a line: commit, day, load of the machine."""
    return f"Commit {commit()}, {dt.datetime.now(dt.UTC).date()}. Load average: {loads()}."


def loads() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def tell(name: str, *lines: str) -> None:
    """Print what came of a trial; where `MINKA_TELL` is set, it is also put onto the page of reliability."""
    text = "\n".join(lines)
    print(f"## {name}\n{text}", flush=True)
    if os.environ.get("MINKA_TELL"):
        RELIABILITY.write(name, f"{origin()}\n\n{text}\n")


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Cells as a table of Markdown: the first column of words, the others of numbers."""
    first, *others = head
    lines = [[first, *others], ["---", *("---:" for _each in others)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
