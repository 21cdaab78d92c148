"""Datasets: what is settled becomes a release that `load_dataset` and a trainer take as it is.

A release is everything acknowledged before a cutoff, read in one snapshot, written aside and renamed into place whole.
`rows.py` fixes the columns without Django, `queries.py` streams the rows, `parquet.py` and `card.py` write them,
`actions.py` publishes, and `verify.py` proves a folder from nothing but its files.
"""
