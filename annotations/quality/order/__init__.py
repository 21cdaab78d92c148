"""Order: which items of a campaign come first, where its lead says what is wanted.

Without a word of theirs items come in the order of the import. A `Quota` says how many settled items of a variety, a
country or a domain are wanted: what lacks most comes first, what has enough comes last, and is still there for whoever
has nothing else. `Campaign.close_first` puts first, of what is wanted alike, pairs of models of which it is not yet
clear which one people prefer.

The order is the cells' priority (`assignments/queue.py`), never above 0, so that putting in order moves things back
and nothing ahead of what came back. It is written by the hour, for cells that are open, in steps coarse enough that a
cell moves a few times in its life.
"""
