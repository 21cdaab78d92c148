"""What the platform says no with: one exception, stable codes.

An action that will not do what it is asked raises `Refused` with a code from `CODES`. The API turns it into an
RFC 9457 problem document, the pages into a sentence; nothing else in the house invents an error of its own.
"""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CODES: Final[dict[str, tuple[int, Promise]]] = {
    "invalid": (400, _("Something in what was sent is not valid.")),
    "consent_required": (403, _("This needs consent first.")),
    "competence_required": (403, _("This is asked of people whose knowledge of the variety is confirmed.")),
    "not_invited": (403, _("This campaign is by invitation, and this account was not invited.")),
    "forbidden": (403, _("This is not for this account.")),
    "suspended": (403, _("This account is paused.")),
    "not_found": (404, _("There is nothing here under this name.")),
    "already_judged": (409, _("There is already an answer to this item.")),
    "newer_draft": (409, _("This was saved from another tab or phone since.")),
    "not_open": (409, _("This is not open at the moment.")),
    "paused": (409, _("This account rests, and nothing is asked of it until it goes on.")),
    "model_exists": (409, _("There is already a model of this name, and it is not of this run.")),
    "name_taken": (409, _("There is one of this name already.")),
    "recalled": (410, _("This release was recalled.")),
    "expired": (410, _("The files of this release were kept for their time, and that is over.")),
    "too_large": (413, _("This is more than is taken at once.")),
    "too_many_requests": (429, _("Too many tries. Please wait a few minutes.")),
    "try_later": (503, _("This cannot be taken at the moment. Please try again in a few minutes.")),
    "key_reused": (409, _("This key was already used for another answer.")),
}


class Refused(Exception):
    """An action that will not be done.

    Args:
        code: one of `CODES`; the HTTP status follows from it.
        detail: a sentence for a person; the code's own sentence when empty.
        errors: per field or line, when there is more to say.
    """

    def __init__(self, code: str, detail: str | Promise = "", errors: Any = None) -> None:
        self.status, default = CODES[code]
        self.code = code
        self.detail = detail or default
        self.errors = errors
        super().__init__(code)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def gone() -> Refused:
    """What is said where the account was erased meanwhile."""
    return Refused("not_found", _("This account is not there any more."))
