"""What is no purge, and how long one can be put back."""

import datetime as dt
from typing import Final

from annotations.moderation.sanctions.models import WORDS, Sanction

RETURNS_FOR: Final = dt.timedelta(days=30)
"""So long what was taken out can be put back."""
PROPOSED: Final = dt.timedelta(days=14)
"""What nobody agreed to for so long is meant by nobody any more."""


def unfit(code: str, words: str) -> dict[str, str]:
    """What keeps this from being asked for, by the field: `unknown`, `missing` or `too_long`."""
    found = {} if code in Sanction.Code.values else {"code": "unknown"}
    if not words.strip() or len(words) > WORDS:
        found["words"] = "too_long" if words.strip() else "missing"
    return found


def can_be_put_back(done_at: dt.datetime | None, undoing_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether it was done, is not being put back, and its days are not over."""
    return done_at is not None and undoing_at is None and now < done_at + RETURNS_FOR
