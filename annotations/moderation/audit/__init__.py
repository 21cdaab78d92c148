"""What changed, kept by the database itself: of judgements, verdicts, consents, releases, sanctions, rights and what
else decides, every change is a row that nobody rewrites. Rows hold keys, states and sums of texts, and no text.
"""
