"""Who is asked: a campaign that asks only people whose knowledge of the variety is confirmed (`asks_confirmed`).

Whose is, and by whom, is a fact about people (`people/competence/`). Here stands what work has to do with it: whom such
a campaign gives a seat, the quiz that its practice items are, and the page on which everybody sees what is confirmed of
theirs and how the rest can be.
"""
