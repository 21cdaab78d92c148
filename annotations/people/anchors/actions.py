"""Naming anchors, and ending it."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.anchors.models import Anchor
from annotations.people.models import Person, Variety
from annotations.people.queries import spoken_by
from annotations.people.remits.actions import require_variety


def name_anchor(*, lead: Person, person: Person, variety: Variety, why: str) -> Anchor:
    """From now on what this person judges as a speaker of the variety checks what others say.

    Raises:
        Refused: `forbidden` (not in their remit), `invalid` (no reason, oneself, somebody who does not say they speak
            it, named already).
    """
    if not why.strip():
        raise Refused("invalid", _("Say why."), {"why": "missing"})
    if lead.pk == person.pk:
        raise Refused("invalid", _("Nobody names themselves."), {"person": "self"})
    require_variety(lead, variety.pk)
    if not any(spoken.variety_id == variety.pk for spoken in spoken_by(person)):
        raise Refused("invalid", _("They have not said that they speak it."), {"variety": "not_spoken"})
    try:
        with transaction.atomic():
            return Anchor.objects.create(person=person, variety=variety, named_by=lead, why=why.strip())
    except IntegrityError:
        raise Refused("invalid", _("They are named already."), {"person": "known"}) from None


@transaction.atomic
def end_anchor(*, anchor: Anchor) -> Anchor:
    """What they say from now on is one voice among others; what they said until now stays what it was."""
    anchor = Anchor.objects.select_for_update().get(pk=anchor.pk)
    if anchor.until is None:
        anchor.until = timezone.now()
        anchor.save(update_fields=["until"])
    return anchor
