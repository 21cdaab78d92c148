"""Quality: what the judgements of an item amount to.

When a cell has what its campaign's rule asks, it is settled into a `Verdict`. A verdict is a pure function of the
counted judgements and the rule: computed again from the same rows it is the same. A tie, "both good" and "both bad"
are verdicts like any other, and so is that there was no majority.
"""
