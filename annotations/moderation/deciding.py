"""Who may decide about somebody: what every decision of moderation asks first."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.remits.actions import NOBODY_S
from annotations.people.remits.queries import looks_after_person
from annotations.people.standing import require_right


def both(by: Person, person: Person) -> tuple[Person, Person]:
    """Both rows as they are now, locked in one order, so that two who decide about each other wait in no circle.

    Raises:
        Refused: `not_found`, an account was erased.
    """
    locked = {pk: Person.objects.lock(each) for pk, each in sorted({by.pk: by, person.pk: person}.items())}
    return locked[by.pk], locked[person.pk]


def why_not_about(by: Person, person: Person) -> Promise | str:
    """Why somebody may not decide about this person, whatever their rights are; or empty."""
    if person == by or person.is_superuser:
        return _("Nobody decides about themselves, nor about who runs the house.")
    return "" if looks_after_person(by, person) else NOBODY_S


def require(by: Person, right: str, about: Person) -> None:
    """Raises `Refused`: `suspended`, or `forbidden` (no right to, oneself, somebody of the house, or nobody in one's
    remit)."""
    require_right(by, right)
    if why := why_not_about(by, about):
        raise Refused("forbidden", why)


def require_no_part(by: Person, *parts: int | None) -> None:
    """Raises `Refused`, `forbidden`, where whoever decides is one of these."""
    if by.pk in parts:
        raise Refused("forbidden", _("Somebody who had no part in it does this."))
