"""Saying what is wrong with what was decided, and answering that."""

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.moderation.appeals.models import Appeal
from annotations.moderation.deciding import both, require, require_no_part
from annotations.moderation.purges.actions import put_back_on_appeal
from annotations.moderation.purges.models import Purge
from annotations.moderation.purges.rules import can_be_put_back
from annotations.moderation.sanctions.actions import end_on_appeal
from annotations.moderation.sanctions.models import WORDS, Sanction
from annotations.people.models import Person

MAY_ANSWER: Final = "annotations.change_appeal"


@transaction.atomic
def appeal(*, person: Person, text: str, sanction: int | None = None, purge: int | None = None) -> Appeal:
    """Say what is wrong with a sanction, also when it is over; or with what was taken out, as long as it can be put
    back. Once: the same again is the first one's words.

    Raises:
        Refused: `not_found` (not theirs), `invalid` (nothing said, or too much), `not_open` (its days are over, or
            it is not done yet, or put back).
    """
    person = Person.objects.lock(person)
    against = _theirs(person, sanction, purge)
    if not text.strip() or len(text) > WORDS:
        raise Refused("invalid", _("Say why, in a few words."), {"text": "too_long" if text.strip() else "missing"})
    if earlier := Appeal.objects.filter(sanction=sanction, purge=purge).first():
        return earlier
    if isinstance(against, Purge) and not can_be_put_back(against.done_at, against.undoing_at, timezone.now()):
        raise Refused("not_open", _("There is nothing to put back, or its days are over."))
    return Appeal.objects.create(sanction_id=sanction, purge_id=purge, person=person, text=text.strip())


def _theirs(person: Person, sanction: int | None, purge: int | None) -> Sanction | Purge:
    """One of the two, if it is theirs and they are told of it."""
    found: Sanction | Purge | None = None
    if sanction and not purge:
        found = Sanction.objects.filter(pk=sanction, person=person).first()
    elif purge and not sanction:
        found = Purge.objects.filter(pk=purge, person=person, approved_at__isnull=False).first()
    if found is None:
        raise Refused("not_found")
    return found


@transaction.atomic
def answer_appeal(*, by: Person, appeal: Appeal, granted: bool, words: str) -> Appeal:
    """Somebody who had no part in it answers. Where they grant it, a sanction is over, and what was taken out is put
    back by the job: also where its days ended while the appeal waited.

    Raises:
        Refused: `forbidden` (no right to, or a part in it), `suspended`, `invalid` (no words), `not_open` (it is
            answered).
    """
    by, person = both(by, appeal.person)
    require(by, MAY_ANSWER, person)
    if not words.strip() or len(words) > WORDS:
        raise Refused("invalid", _("Say why."), {"answer": "too_long" if words.strip() else "missing"})
    found = Appeal.objects.select_for_update(of=("self",)).select_related("sanction", "purge").get(pk=appeal.pk)
    require_no_part(by, *found.parts)
    if found.answered_at:
        raise Refused("not_open", _("It is answered already."))
    found.granted, found.answer, found.answered_by = granted, words.strip(), by
    found.answered_at = timezone.now()
    found.save(update_fields=["granted", "answer", "answered_by", "answered_at"])
    if granted and found.sanction:
        end_on_appeal(by=by, sanction=found.sanction, why=words.strip())
    elif granted and found.purge:
        put_back_on_appeal(by=by, purge=found.purge, why=words.strip())
    return found
