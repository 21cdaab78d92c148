"""The vote as a registered kind."""

from annotations.assignments.kinds import Kind
from annotations.rating.actions import GUIDELINE_VERSION, check, keep

VOTE = Kind(name="vote", guideline_version=GUIDELINE_VERSION, check=check, keep=keep, takes_guests=True)
