"""Stewards: communities that govern their language.

A governed variety belongs to those who speak it. Two of them or more, appointed by a letter of a body of theirs, say in
a charter what may be done with it, and decide by quorum what may leave. Opening takes the quorum; closing takes one of
them and counts at once. Nobody can decide in a steward's place: triggers of the database see to that, not pages.
"""
