"""Partners: who has a written agreement gets what no release tells, exact times and codes that stay the same from one
release to the next. It is a table beside the public release, joined to its `judgements` by `id`, and everything else
stands there. Each agreement has codes of its own, and every hand-out is written down.
"""
