"""`make bench`, or `python -m benchmarks NAME …`: run measurements and print a table each.

All of them together also write `docs/figures.md`: what the documents say was measured, and when.
"""

import contextlib
import datetime as dt
import io
import os
import subprocess
import sys

from benchmarks import cycle, lighthouse, proof, quality, queue, rights, start, weight
from benchmarks.house import ROOT

ALL = {
    "start": start.main, "cycle": cycle.main, "queue": queue.main, "rights": rights.main, "proof": proof.main,
    "weight": weight.main, "lighthouse": lighthouse.main, "quality": quality.main,
}  # fmt: skip
FIGURES = ROOT / "docs" / "figures.md"


def measure(name: str) -> str:
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        ALL[name]()
    text = f"## {name}\n\nLoad average before: {load}.\n\n{out.getvalue()}"
    print(text, flush=True)
    return text


def head() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    today = dt.datetime.now(dt.UTC).date()
    return (
        "# Figures\n\nWritten by `make bench`, not by hand. A ratio is the measured figure over its limit: below 1 is"
        f" within.\n\nCommit {commit}, {today}, {os.cpu_count()} processors, shared with others.\n\n"
    )


if __name__ == "__main__":
    names = sys.argv[1:] or list(ALL)
    texts = [measure(name) for name in names]
    if names == list(ALL):
        FIGURES.write_text(head() + "\n".join(texts), "utf-8")
