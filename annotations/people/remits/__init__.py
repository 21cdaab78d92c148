"""Remits: the varieties that somebody of the team looks after, one by one or those of a country.

What a person may do is their roles' (`roles.py`); to what they may do it is their remit. Who was never given one looks
after the whole house.
"""
