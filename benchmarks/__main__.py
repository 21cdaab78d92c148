"""`make bench`, or `python -m benchmarks NAME …`: run measurements, print a table each, and write it into
`docs/figures.md`: what the documents say was measured, on which commit and when.
"""

import contextlib
import datetime as dt
import io
import os
import subprocess
import sys

from benchmarks import (
    cycle,
    lighthouse,
    likeness,
    poisoning,
    proof,
    purge,
    quality,
    queue,
    release,
    rights,
    start,
    weight,
)
from benchmarks.house import ROOT

ALL = {
    "start": start.main, "cycle": cycle.main, "queue": queue.main, "rights": rights.main, "proof": proof.main,
    "weight": weight.main, "lighthouse": lighthouse.main, "quality": quality.main,
    "likeness": likeness.main, "poisoning": poisoning.main, "release": release.main,
    "purge": purge.main,
}  # fmt: skip
FIGURES = ROOT / "docs" / "figures.md"
HEAD = (
    "# Figures\n\nWritten by `make bench`, not by hand. A ratio is the measured figure over its limit: below 1 is"
    f" within. {os.cpu_count()} processors, shared with others, so that what stands in one table was measured in the"
    " same minutes and what stands in two was not.\n"
)


def measure(name: str) -> str:
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        ALL[name]()
    text = f"Commit {_commit()}, {dt.datetime.now(dt.UTC).date()}. Load average before: {load}.\n\n{out.getvalue()}"
    print(f"## {name}\n\n{text}", flush=True)
    return text


def write(name: str, text: str) -> None:
    """Put a measurement in the place of the one before."""
    parts = FIGURES.read_text("utf-8").split("\n## ")[1:] if FIGURES.exists() else []
    told = {title: body for title, _line, body in (part.partition("\n") for part in parts)} | {name: f"\n{text}"}
    sections = [f"\n## {each}\n{told[each].rstrip()}\n" for each in ALL if each in told]
    FIGURES.write_text(HEAD + "".join(sections), "utf-8")


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


if __name__ == "__main__":
    for name in sys.argv[1:] or list(ALL):
        write(name, measure(name))
