"""How far a campaign is in each variety, told in the same time however many items it has.

Adding up the cells would cost more with every item, and one row of sums would make everybody who answers wait for one
another. So the database writes down what each change of a cell adds (`triggers.py`), a row of its own each time; the
sum of the rows is what stands, to the last answer; and the clock makes one row of many (`jobs.py`).
"""
