"""Targets: sending a release where others take it from, and taking it away again when it is recalled.

A target is a setting: a folder, a bucket of an S3-compatible store, a data set on the Hugging Face Hub, or a workspace
of Argilla, where rows are read and no files are kept. All do the same things (`port.py`); what is where stands in
receipts (`models.py:Delivery`). Credentials come from the
environment when they are needed and are kept nowhere. Why these libraries: `docs/adr/0023-targets.md`.
"""
