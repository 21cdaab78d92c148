"""Moderation: what the house does where somebody harms others or the work, told to them in plain words, for a time, and
with a way to another human.
"""
