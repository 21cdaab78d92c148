"""Assignments: who gets a seat at which item, and the judgement that comes of it.

A campaign asks for judgements of items. An item is judged in one variety or in several; each of those is a *cell* that
needs so many judgements. A person who asks for work gets a *seat* at a cell, an `Assignment`, held for some minutes;
their answer closes it and becomes a `Judgement`. The cell counts its live seats and its counted judgements, and a
constraint keeps the sum from ever passing what it needs.

Kinds of judgement register themselves (`kinds.py`), so that this chapter knows none of them. Who has
no account yet is a story of its own (`guests/`), and so is the table on which nothing is left (`notes/`).
"""
