"""Flagging: saying that something is wrong in an answer. So far its words only: what kinds of bias there are, how grave
one can be, and whom it can harm. A code never changes; its names and help may be bettered by those they speak of.
"""
