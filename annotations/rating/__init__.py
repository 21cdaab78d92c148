"""Rating: which of the outputs is better, for this person and this place.

A vote prefers one of two to four outputs, or says that they are level, both good or both bad. The words a volunteer is
guided by stand in `guidelines/`, versioned: every judgement keeps the version it was made under.
"""
