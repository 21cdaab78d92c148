"""People: who takes part, what they speak, what they agreed to.

A person joins with a name and a password, says which varieties they speak and how they came to them, and gives
consent, purpose by purpose. The consent ledger only grows; it knows a random subject, and only `Person` knows whose it
is. Varieties that belong to a community have stewards, who say what may be done with them (`stewards/`). Everything
later hangs on four questions answered here: who is this, whose way of speaking can they judge, what may we do with
their work, and who decides about this language.
`rights/` is the way back: what somebody brought here they see, correct, take along and erase by themselves.
"""
