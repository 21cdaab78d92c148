"""What stewards decide about: the records of their variety, hidden at once and brought back by decision.

`people/stewards` knows who decides; here stand the items they decide about, and the room they do it in.
"""
