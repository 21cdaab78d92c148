"""Giving somebody of the team a part of the house to look after, taking it back, and staying within one's own."""

from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.models import Person, Variety
from annotations.people.remits.models import Remit
from annotations.people.remits.queries import looks_after, looks_after_person, remit_of
from annotations.people.standing import require_right

MAY_GIVE: Final = "annotations.add_remit"
MAY_END: Final = "annotations.change_remit"
NOT_THEIRS: Final = _("This is no variety that you look after.")
NOBODY_S: Final = _("They speak no variety that you look after.")


def require_variety(by: Person, *varieties: str) -> None:
    """Raises `Refused`, `forbidden`, where none of these is in one's remit."""
    if not looks_after(by, *varieties):
        raise Refused("forbidden", NOT_THEIRS)


def require_speaker(by: Person, person: Person) -> None:
    """Raises `Refused`, `forbidden`, where somebody speaks no variety that is in one's remit."""
    if not looks_after_person(by, person):
        raise Refused("forbidden", NOBODY_S)


def require_givable(*, by: Person, person: Person, variety: Variety | None = None, country: str = "") -> None:
    """Raises `Refused` where `give_remit` would."""
    require_right(by, MAY_GIVE)
    if (variety is None) == (country == ""):
        raise Refused("invalid", _("A variety or a country: one of the two."), {"variety": "missing"})
    if by.pk == person.pk:
        raise Refused("invalid", _("Nobody gives themselves a part."), {"person": "self"})
    if not person.is_staff:
        raise Refused("invalid", _("They are not of the team: they have no panel."), {"person": "not_staff"})
    _require_part(by, variety.pk if variety else None)
    if remit_of(by) is not None and not Remit.objects.filter(person=person).exists():
        raise Refused("forbidden", _("They look after the whole house."))  # who has a part takes it from nobody
    if Remit.objects.filter(person=person, variety=variety, country=country, until=None).exists():
        raise _known()


def give_remit(*, by: Person, person: Person, variety: Variety | None = None, country: str = "") -> Remit:
    """From now on this person looks after the variety, or after what is spoken in the country; and after nothing that
    they were not given.

    Raises:
        Refused: `suspended`, `forbidden` (no right to, not in one's own remit, or, of somebody with a remit, to who
            looks after the whole house), `invalid` (neither or both, oneself, not of the team, given already).
    """
    require_givable(by=by, person=person, variety=variety, country=country)
    try:
        with transaction.atomic():
            return Remit.objects.create(person=person, variety=variety, country=country, given_by=by)
    except IntegrityError:
        raise _known() from None


@transaction.atomic
def end_remit(*, by: Person, remit: Remit) -> Remit:
    """They look after it no more. Who has nothing left looks after nothing, and not after everything.

    Raises:
        Refused: `suspended`, `forbidden` (no right to, one's own, not in one's own remit, or, of somebody with a remit,
            given by another).
    """
    require_right(by, MAY_END)
    remit = Remit.objects.select_for_update().get(pk=remit.pk)
    if by.pk == remit.person_id:
        raise Refused("forbidden", _("Nobody ends their own part."))
    if remit_of(by) is not None and remit.given_by_id != by.pk:
        raise Refused("forbidden", _("Somebody else gave it."))
    _require_part(by, remit.variety_id)
    if remit.until is None:
        remit.until = timezone.now()
        remit.save(update_fields=["until"])
    return remit


def _require_part(by: Person, variety: str | None) -> None:
    """Of one's own remit a variety can be given with all that descends from it, where that is in it too: a country's
    holds the whole language without its dialects elsewhere. Countries are given by those who look after the house."""
    tags = remit_of(by)
    if tags is None:
        return
    beyond = Variety.objects.filter(lineage__contains=[variety]).exclude(tag__in=tags)
    if variety not in tags or beyond.exists():
        raise Refused("forbidden", NOT_THEIRS)


def _known() -> Refused:
    return Refused("invalid", _("They look after it already."), {"person": "known"})
