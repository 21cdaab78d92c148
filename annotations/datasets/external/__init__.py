"""Votes that people gave elsewhere: in an arena, in a form, at another desk, before this house was there. Whoever holds
them brings them in once, under the document by which those people consented. They never mix with what is judged here:
they stand in a config of their own (`configs/external.py`), and no campaign, verdict, measure or board reads them. When
the document falls, all of its votes go, from the next release and from those that hold them.
"""
