"""What goes wrong, by what one can do about it."""

from typing import Any


class Refused(Exception):
    """The house says no (RFC 9457).

    Attributes:
        status: the HTTP status.
        code: stable, to be acted on: `invalid`, `consent_required`, `already_judged`, …
        detail: a sentence for a person.
        errors: by field or line, where there is more to say.
    """

    def __init__(self, status: int, code: str, detail: str, errors: Any = None) -> None:
        self.status, self.code, self.detail, self.errors = status, code, detail, errors
        super().__init__(f"{code}: {detail}")


class Unreachable(Exception):
    """Nobody answered, or not in time, as often as it was tried. What was sent under a key can be sent again."""


class Damaged(Exception):
    """A file is not what the release says it is, or not what it should be."""
