"""Work on a person: what they did day by day, how often others say the same, how fast, what was decided about them, and
which accounts look as if they belonged together.

That accounts are linked is found by what they did here: when they joined, who vouched for whom, how often they say the
same of the same items, and texts that are alike. Neither an address nor a browser's fingerprint is looked at: none is
kept. It is no proof: a class that joins in one lesson looks the same, and somebody has to ask.
"""
