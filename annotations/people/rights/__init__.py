"""Rights by self-service: see everything about me, correct it, rest, ask, take it all along, be erased.

The registry says for every table that points to a person what is theirs to take along and what erasing does to it, so
that one export and one erasure serve every chapter there is or will be. What is done and what is asked stands in a
register of keys and dates that outlives the account and names nobody. What can show who somebody is, if they care to
tell it, lies encrypted and apart, and is only ever counted. Every table has a period, and a job empties what is over.
"""
