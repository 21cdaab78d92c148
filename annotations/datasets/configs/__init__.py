"""The configs of a release, each in a file of its own: its columns, the SQL its rows come from, why something is not in
it, and what must hold of a row. No Django here, so that whoever receives a release can check it.

How to add one is told in `docs/add-a-config.md`.
"""
