"""Work on an item: all that is known of it on one page, and what a moderator can do about it, in one form each."""
