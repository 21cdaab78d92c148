"""The vote as a registered kind."""

from annotations.assignments.kinds import Kind
from annotations.rating.actions import GUIDELINE_VERSION, check, keep, tell

VOTE = Kind(
    name="vote", guideline_version=GUIDELINE_VERSION, check=check, keep=keep, row="vote", tell=tell, takes_guests=True
)
