"""Datasets: what is settled becomes a release that `load_dataset` and a trainer take as it is.

A release is everything acknowledged before a cutoff, read in one snapshot, written aside and renamed into place whole.
`rows.py` fixes the columns without Django, `sources.py` gives the rows, `writing.py` makes files of them (`parquet.py`,
`card.py`, `croissant.py`, `manifest.py`), `actions.py` publishes, and `verify.py` proves a folder from nothing but its
files. What a release was made from is kept (`membership.py`), so that it can be written again (`rebuilding.py`); what
somebody erases leaves every release that holds it (`recalls/`).
"""

import os

# Read when Arrow is loaded, which is later. Its own pools keep what was freed, and grow with a release.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
