"""Translating: a text from one variety into another, for people who speak the other.

One begins with an empty field, or with what was accepted already: the same text in a sister variety, or a similar one.
Both come out of one memory, which keeps accepted translations and nothing else, and offers the nearest first: the more
alike the sources, and the fewer steps between the varieties in their tree, the nearer. "Valid here too" takes a
sister's text as it is, in one tap.

Checks stop what cannot be meant: nothing written, the source copied, a placeholder or a number lost. What only seems
odd is asked about once and stored as a warning, which is evidence for those who read and never a verdict.

Texts of governed varieties stand in the memory only where their stewards' charter opens it to them.
"""
