"""Flagging: saying that something is wrong in an answer, where a campaign asks for it, or in passing, wherever an
output is shown. What may harm is hidden by rule, first from whoever flagged it, then from everybody; a person looks at
it and decides, with a reason. The words (`seeds/`) say what kinds of bias there are, how grave one can be and whom it
can harm: a code never changes, its names and help may be bettered by those they speak of.
"""
