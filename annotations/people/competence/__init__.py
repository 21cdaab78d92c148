"""Competence: whose knowledge of a variety is confirmed, by whom, and how it is taken back.

Everybody says for themselves what they speak. A campaign may ask only people of whom somebody else knows it too: a lead
or the variety's stewards name the first, two confirmed speakers confirm a third, and a campaign's practice items can be
the quiz that does (`assignments/competence/`). Nobody's language is graded: what is confirmed is that somebody knows a
variety, never how well.
"""
