"""Lineage: what came of what, in both directions, in one request.

One asks of a run, a release, a model, an output, or of a single row of a release, by its `record_id` or `id`. What is
told is three things: what it came of, what it is, and what it went into: release -> run -> model -> outputs -> votes ->
verdicts -> release. It names no person and no text, and no key of the database that is not asked with: of a row it says
nothing that the row does not hold, and which runs are behind its models.
"""
