"""Sanctions, in steps: a notice, so much a day, a pause, a closed account. Each has a reason that its person reads; a
limit and a pause have an end. Against each one may appeal (`appeals/`). To close an account takes two people: until the
second says so, it rests.

How somebody stands is never written by hand: it is what their sanctions in force add up to (`rules.py`).
"""
