"""Noting what an operator laid down, and approving it, by two people."""

from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.consenting.models import ConsentText
from annotations.people.consenting.queries import approved, forget, waiting
from annotations.people.consenting.rules import IN_FORCE_AFTER, sum_of
from annotations.people.models import Person
from annotations.people.standing import require_right
from annotations.people.texts import faults_of_consent, laid_down

MAY_APPROVE: Final = "annotations.approve_consenttext"
_NOTE_LOCK: Final = 0x6D696E6B0038


@transaction.atomic
def note_consent_text() -> ConsentText | None:
    """Note what lies in the folder of `MINKA_CONSENT_DIR`: what is not in force waits from now on, in the place of what
    waited before. Returns what waits now. Run again, it changes nothing; of a folder that is not fit for people, or
    where there is none, nothing is noted (`texts.py:faults_of_consent` says why)."""
    words = laid_down()
    if words is None or any(faults_of_consent()):
        return waiting().first()
    _one_at_a_time()
    sha256 = sum_of(words.name, words.texts)
    waits = waiting().select_for_update(of=("self",)).first()
    if waits and waits.sha256 == sha256:
        return waits
    if waits:
        waits.dropped_at = timezone.now()
        waits.save(update_fields=["dropped_at"])
    newest = approved().first()
    if newest and newest.sha256 == sha256:
        return None
    return ConsentText.objects.create(name=words.name, texts=words.texts, sha256=sha256)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NOTE_LOCK])


@transaction.atomic
def approve_consent_text(*, by: Person, text: ConsentText, sha256: str) -> ConsentText:
    """Say that this is what people are to be asked, word by word. The second who says so puts it in force, a minute
    later; then everybody is asked again before their next answer.

    Args:
        sha256: of what they had before them.

    Raises:
        Refused: `suspended`, `forbidden` (no right to, or they are the first already), `not_open` (another lies in its
            place, or it is approved), `invalid` (it is not what they had before them).
    """
    by = _allowed(by)
    row = ConsentText.objects.select_for_update(of=("self",)).get(pk=text.pk)
    if row.dropped_at or row.in_force_at:
        raise Refused("not_open", _("This text waits for nobody any more."))
    if not sha256 == row.sha256 == sum_of(row.name, row.texts):
        raise Refused("invalid", _("It is not the text that you had before you. Look at it once more."))
    if row.first_at is None:
        row.first_by, row.first_at = by, timezone.now()
        row.save(update_fields=["first_by", "first_at"])
        return row
    if row.first_by_id == by.pk:
        raise Refused("forbidden", _("Somebody else approves it too."))
    row.second_by, row.second_at = by, timezone.now()
    row.in_force_at = row.second_at + IN_FORCE_AFTER
    row.save(update_fields=["second_by", "second_at", "in_force_at"])
    transaction.on_commit(forget)
    return row


@transaction.atomic
def take_approval_back(*, by: Person, text: ConsentText) -> ConsentText:
    """Who approved it first does so no more, before a second one did.

    Raises:
        Refused: `suspended`, `forbidden` (it is not theirs), `not_open`.
    """
    by = _allowed(by)
    row = ConsentText.objects.select_for_update(of=("self",)).get(pk=text.pk)
    if row.dropped_at or row.in_force_at or row.first_at is None:
        raise Refused("not_open", _("This text waits for nobody any more."))
    if row.first_by_id != by.pk:
        raise Refused("forbidden")
    row.first_by, row.first_at = None, None
    row.save(update_fields=["first_by", "first_at"])
    return row


def _allowed(by: Person) -> Person:
    """As they are now, so that nobody decides who was suspended meanwhile."""
    by = Person.objects.lock(by)
    require_right(by, MAY_APPROVE)
    return by
