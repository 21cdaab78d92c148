"""Asking for a note, taking the wish back, and sending what is due."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from annotations.assignments.addresses import address
from annotations.assignments.models import Campaign
from annotations.assignments.notes.models import Note
from annotations.assignments.notes.queries import may_be_written_to, work_for
from annotations.errors import Refused
from annotations.people.mail import MAIL_HEADER, mail_mark
from annotations.people.models import Person

log = logging.getLogger(__name__)


@transaction.atomic
def ask_for_note(*, person: Person, campaign: Campaign | None = None) -> Note:
    """Keep that this person wants a note, once, when there is work for them again; asked twice it is one wish.

    Raises:
        Refused: `invalid` (there is no address to write to), `consent_required` (the purpose `email` was not agreed
            to).
    """
    person = Person.objects.lock(person)
    if not person.email:
        raise Refused("invalid", _("There is no e-mail address to write to."))
    if not (person.consent and person.consent.purposes.get("email")):
        raise Refused("consent_required", errors={"purpose": "email"})
    note, _new = Note.objects.get_or_create(person=person, campaign=campaign)
    return note


def forget_note(*, person: Person, campaign: Campaign | None = None) -> bool:
    """Take the wish back. False when there was none."""
    return bool(Note.objects.filter(person=person, campaign=campaign).delete()[0])


def send_notes() -> int:
    """Write to everybody who waits and for whom there is work now; each wish is met once. Returns how many."""
    return sum(_send(pk) for pk in Note.objects.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _send(pk: int) -> bool:
    """Mail first, then the row: a note that could not be sent waits for the next hour. Who finds the row locked leaves
    it to whoever is sending it."""
    notes = Note.objects.select_for_update(of=("self",), skip_locked=True).select_related("person__consent", "campaign")
    note = notes.filter(pk=pk).first()
    if note is None or not may_be_written_to(note.person):
        return False
    work = work_for(note.person)
    if not (work.filter(campaign=note.campaign) if note.campaign else work).exists():
        return False
    try:
        _write(note)
    except OSError as error:  # smtplib's own faults are OSErrors too
        log.warning("a note could not be sent: %s", type(error).__name__)
        return False
    note.delete()
    return True


def _write(note: Note) -> None:
    """The mail names nobody, and says that no other follows."""
    with override(note.person.language.lower()):
        subject = _("There is work again")
        where = note.campaign.name if note.campaign else settings.MINKA_SITE_NAME
        text = _(
            "In «%(where)s» there is something to do again, in what you speak. This note was asked for once; no other "
            "follows."
        ) % {"where": where}
    text = "\n\n".join(filter(None, [text, _address(note)]))
    subject = f"{settings.MINKA_SITE_NAME}: {subject}"
    EmailMessage(subject, text, None, [note.person.email], headers={MAIL_HEADER: mail_mark(note.person)}).send()


def _address(note: Note) -> str:
    """Of the table, where we know under which name people reach us."""
    origin = next(iter(settings.CSRF_TRUSTED_ORIGINS), "")
    slug, table = (note.campaign.slug, note.campaign.table) if note.campaign else (None, "rate")
    path = address("table", slug, table)
    return origin + path if origin else ""
