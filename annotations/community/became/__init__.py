"""What became of my work: from each answer to what it settled, the release it stands in, and the models that learnt.

Told to its person alone, in plain words, with why something stands in nothing. What was not published yet is not told:
nobody learns here how others answer to a question that is still asked.
"""
