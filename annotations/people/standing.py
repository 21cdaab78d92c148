"""What whoever does something is asked first: that their account is not paused or closed, and that they have the right
to it. Object by object the chapters ask more: a part of the house (`remits/`), no part in what is decided."""

from annotations.errors import Refused
from annotations.people.models import Person


def require_standing(person: Person) -> None:
    """Raises `Refused`, `suspended`, where an account is paused or closed."""
    if person.standing != Person.Standing.GOOD or not person.is_active:
        raise Refused("suspended")


def require_right(by: Person, right: str) -> None:
    """Raises `Refused`: `suspended`, or `forbidden` without the right."""
    require_standing(by)
    if not by.has_perm(right):
        raise Refused("forbidden")
