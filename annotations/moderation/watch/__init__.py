"""Watching over the house itself: whoever answers for it is written to where answers stop although people are there,
and where the disk fills up. A night without its release and a recall that does not come about are told by `datasets/`.
"""
