"""`make bench`, or `python -m benchmarks NAME …`: run measurements, print a table each, and write it into
`docs/figures.md`: what the documents say was measured, on which commit and when.
"""

import contextlib
import io
import os
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
from benchmarks.page import ROOT, Page, origin

ALL = {
    "start": start.main, "cycle": cycle.main, "queue": queue.main, "rights": rights.main, "proof": proof.main,
    "weight": weight.main, "lighthouse": lighthouse.main, "quality": quality.main,
    "likeness": likeness.main, "poisoning": poisoning.main, "release": release.main,
    "purge": purge.main,
}  # fmt: skip
SIZES = ("BENCH_ITEMS", "BENCH_JUDGEMENTS", "LIKE_OUTPUTS", "LIKE_TEXTS", "POISON_PAIRS", "POISON_SEEDS")
"""What makes one of them larger or smaller than it is by itself; told beside its figures."""
FIGURES = Page(
    ROOT / "docs" / "figures.md",
    "# Figures\n\nWritten by `make bench`, not by hand. A ratio is the measured figure over its limit: below 1 is"
    f" within. {os.cpu_count()} processors, shared with others, so that what stands in one table was measured in the"
    " same minutes and what stands in two was not.\n",
    tuple(ALL),
)


def measure(name: str) -> str:
    sizes = " ".join(f"{name}={os.environ[name]}" for name in SIZES if name in os.environ)
    before = f"{origin()} {sizes}".rstrip()
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        ALL[name]()
    text = f"{before}\n\n{out.getvalue()}"
    print(f"## {name}\n\n{text}", flush=True)
    return text


if __name__ == "__main__":
    for name in sys.argv[1:] or list(ALL):
        FIGURES.write(name, measure(name))
