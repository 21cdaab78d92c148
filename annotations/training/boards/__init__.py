"""Boards: which models people prefer, with how sure one may be of it, and the votes behind every number.

A **board** is made of what a release was made of: the same cutoff, left out what the release leaves out, each vote
under the id it has there. So nothing of an item that is still open gets out, nobody's name is near it, and whoever
doubts a number counts again from the files. There is one of everything, and one of each variety, each domain and each
aspect of the rubric; each again of the prompts that never train, alone.

Votes become strengths by the model of `quality/bradley_terry.py`, with ties, the pull of the place and of length taken
out; aspects are means of points. Whatever is told has an interval, and a rank is two ranks: the best and the worst that
the intervals allow. Where a model has too few votes, or of too few people, there is no number and the page says so. A
pair in which an answer says which model it is (`corpus/naming.py`) was not blind: it counts for nobody and is counted.

`battles.py` reads, `columns.py` holds, `measuring.py` counts (with numpy, which only the night has), `actions.py`
keeps, `files.py` hands out the votes. `choosing.py` draws whom a run's new answer meets, by what a board knows.
"""
