"""Reliability: in how many of somebody's answers others say the same, and what they can say to that.

For each person, campaign and variety they judged as there are three pairs of counts: with what the guidelines expect
of gold (`assignments/gold/`), with what trusted speakers said of the same, and with the strict majority of the others.
They are never made into one number, nobody is put in an order by them, and no verdict reads them: a minority looks like
noise to a majority, so that they are a reason to ask, and no ground to decide.

Whoever they are about reads them on a page of their own, with what was expected and why, and can object to a gold item
or to the figures as a whole. A human who is somebody else answers (`/me/agreement/`, the panel).
"""
