"""Reviewing: what people wrote is read by others of the same variety, who accept it, with changes or without, or do
not, and say why. Two who agree settle it; where they do not, a third decides.

Nobody is rejected for their accent or variety. A text is read by people who speak the variety its author wrote it as,
and that it is "not the variety asked for" can be said in one case only: author and reader both speak the very variety
that was asked for. Where either speaks a part of it, theirs is as much that variety as any other (`models.py:Review`).
"""
