"""Rulings: what a moderator decides about an item by hand, with a reason.

Votes are settled by a rule. Where they cannot be, or should not, somebody who gave none of them asks for more, or says
themselves what it is, and a release says that a human decided (`adjudicated`). Where a vote behind it goes, the rule
decides anew. What stewards govern is theirs to decide.
"""
