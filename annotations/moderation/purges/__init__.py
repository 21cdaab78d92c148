"""Purge and repair: what an account gave is taken out, all at once, and can be put back.

One asks, with a reason that the account's person reads, and sees before what it does; another agrees; then a job does
it, batch by batch. A judgement that is taken out keeps its row and says why it does not count (`purged`); what it
settled holds no more, its item is open again, and releases that held it are marked. For 30 days it can be put back:
each judgement is then what it was; as long its person may appeal (`appeals/`).
"""
