"""Expert review: linguists and partner teams who work in Argilla judge there what was disputed here.

What is sent is a sample, never a mirror (`rules.py`, `queries.py`): the question, the outputs in an order of their own
without the names of models, and what volunteers said as a suggestion (`sheets.py`). What comes back is judged under the
expert's own consent, through the same door as everything else, as the word of an anchor in the channel `argilla`; it
enters verdicts by the rule of `quality/stopping.py`.

The truth stays in our database: whatever is at the desk can be sent again, and the house works with Argilla switched
off. `port.py` says what a desk does, in our words. The real one is in two halves:
`sdk.py`, the only file that imports Argilla's client, builds and fills data sets; `rest.py` reads and takes away. Both
run in the one worker of the queue `argilla`. Why: `docs/adr/0030-expert-review-in-argilla.md`.
"""
