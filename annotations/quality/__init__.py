"""Quality: what the judgements of an item amount to.

When a cell has what its campaign's rule asks, it is settled into a `Verdict`. A verdict is a pure function of the
counted judgements and the rule: computed again from the same rows it is the same. A tie, "both good" and "both bad"
are verdicts like any other, and so is that there was no majority.

Each night it is measured how much people agree, within a variety and across varieties apart, and a model that reads
each judgement by who made it says its word beside the verdict. `agreement.py`, `dawid_skene.py` and `bradley_terry.py`
are functions of rows and nothing else; `measures.py` says which rows, `measuring.py` keeps what comes out.
"""
