"""Getting back in, and ending what should no longer be open."""

import logging
import re

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from knox.models import AuthToken

from annotations.errors import Refused
from annotations.people.accounts.models import Help, Session, WayBack
from annotations.people.codes import new_code, plain
from annotations.people.models import Person
from annotations.people.standing import require_right

log = logging.getLogger(__name__)
_SALT = "annotations.people.accounts.way_back"
MAY_CHANGE = "annotations.change_person"
TOKEN_NAME = 16
"""As many letters of a token's digest name it on its owner's page."""


# Codes on paper -----------------------------------------------------------------------------------------------------


@transaction.atomic
def new_codes(*, person: Person) -> list[str]:
    """Eight fresh codes of 60 bits, each good for one new password; older ones stop working. Shown this once."""
    Person.objects.lock(person)
    WayBack.objects.filter(person=person).delete()
    codes = [new_code() for _ in range(WayBack.CODES)]
    WayBack.objects.bulk_create(WayBack(person=person, digest=_digest(person, code)) for code in codes)
    return codes


@transaction.atomic
def come_back(*, username: str, code: str, password: str) -> Person:
    """Set a new password with a code, which is used up; every session and token of the person ends.

    Raises:
        Refused: `invalid`, in the same words whether the name or the code is wrong.
    """
    person = Person.objects.named(username).filter(is_active=True).select_for_update(of=("self",)).first()
    # Looked up for a made-up person too, so that both ways take the same time.
    digest = _digest(person or Person(), code)
    live = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    used, _rows = WayBack.objects.filter(live, person=person, digest=digest).delete() if person else (0, {})
    if not person or not used:
        log.info("a code on paper was refused")
        raise Refused("invalid", _("The name and the code do not go together."))
    log.info("a code on paper set a new password")
    person.set_password(password)
    person.save(update_fields=["password"])
    end_others(person=person)
    return person


def _digest(person: Person, code: str) -> str:
    return salted_hmac(_SALT, f"{person.pk}:{plain(code)}", algorithm="sha256").hexdigest()


# A link by mail ----------------------------------------------------------------------------------------------------


@transaction.atomic
def mail_way_back(*, person: int, language: str, origin: str) -> bool:
    """Write to an account's address a link that sets a new password. Its token is made here and stands in the mail
    alone; the row is held meanwhile, so that who is erased at this moment finds the mail and takes it along.

    Args:
        origin: scheme and host under which the page was asked for.
    """
    found = Person.objects.filter(pk=person, is_active=True).exclude(email="")
    reader = found.select_for_update(of=("self",)).first()
    if reader is None:
        return False
    key = {"uidb36": user_pk_to_url_str(reader), "key": default_token_generator.make_token(reader)}
    link = origin + reverse("account_reset_password_from_key", kwargs=key)
    facts = {"user": reader, "username": reader.username, "password_reset_url": link}
    with override(language):
        message = get_adapter().render_mail("account/email/password_reset_key", reader.email, facts)
    try:
        message.send()
    except OSError as error:  # smtplib's own faults are OSErrors too; who waits in vain asks again
        log.warning("a way back could not be sent: %s", type(error).__name__)
        return False
    return True


# A lead's help ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_help(*, lead: Person, username: str, reason: str) -> Help:
    """A lead wants to let somebody back in. Nothing happens until a second person agrees. Asked again meanwhile, by
    whomever, it is the same wish."""
    _require_lead(lead)
    person = _who_is_helped().filter(pk__in=Person.objects.named(username)).select_for_update().first()
    if person is None:
        raise Refused("not_found", _("There is no such account, or it belongs to the team."))
    if person == lead:
        raise Refused("invalid", _("Nobody helps themselves."))
    waiting = Help.objects.filter(person=person, agreed_at=None).first()
    return waiting or Help.objects.create(person=person, asked_by=lead, reason=reason)


def _who_is_helped() -> QuerySet[Person]:
    """The team gets back in by its own ways: a lead's word opens no door beyond a volunteer's."""
    return Person.objects.filter(is_active=True, is_staff=False, is_superuser=False)


@transaction.atomic
def agree_to_help(*, lead: Person, wish: str | int) -> str:
    """The second person agrees: a code of one day, which they hand to the person. Shown this once."""
    _require_lead(lead)
    if not re.fullmatch(r"\d{1,18}", str(wish)):
        raise Refused("not_found")
    found = Help.objects.select_for_update(of=("self",)).select_related("person").filter(pk=wish).first()
    if found is None:
        raise Refused("not_found")
    if found.agreed_at:
        raise Refused("not_open", _("Somebody agreed already."))
    if not _who_is_helped().filter(pk=found.person_id).exists():
        raise Refused("not_found", _("There is no such account, or it belongs to the team."))
    found.agreed_by, found.agreed_at = lead, timezone.now()
    try:
        with transaction.atomic():
            found.save(update_fields=["agreed_by", "agreed_at"])
    except IntegrityError:
        raise Refused("forbidden", _("It takes a second person.")) from None
    code = new_code()
    WayBack.objects.create(
        person=found.person, digest=_digest(found.person, code), expires_at=timezone.now() + WayBack.HELP_LASTS
    )
    return code


def _require_lead(lead: Person) -> None:
    if lead.standing != Person.Standing.GOOD:
        raise Refused("suspended")
    if not lead.has_perm("annotations.help_back_in"):
        raise Refused("forbidden")


# Sessions and tokens ------------------------------------------------------------------------------------------------


def end_others(*, person: Person, keep: str | None = None) -> None:
    """End every session but this one, and every token: somebody else may hold them."""
    Session.objects.filter(person=person).exclude(pk=keep or "").delete()
    AuthToken.objects.filter(user=person).delete()


def log_out(*, by: Person, people: QuerySet[Person], keep: str | None = None) -> list[Person]:
    """End everything that is open of these, for accounts that somebody else may be in. Of the team only an
    administrator shuts anybody out. Returns whose it was.

    Args:
        keep: the session that this is asked from.

    Raises:
        Refused: `suspended`, or `forbidden` without the right to change people.
    """
    require_right(by, MAY_CHANGE)
    whose = list(people if by.is_superuser else people.filter(is_staff=False, is_superuser=False))
    for person in whose:
        end_others(person=person, keep=keep)
    return whose


def end_session(*, person: Person, name: str) -> None:
    """End one session of this person, named by `queries.sessions_of`."""
    for session in Session.objects.filter(person=person):
        if session_name(session) == name:
            session.delete()


def end_token(*, person: Person, name: str) -> None:
    """Revoke one token of this person, named by its digest's beginning."""
    if len(name) == TOKEN_NAME:
        AuthToken.objects.filter(user=person, digest__startswith=name).delete()


def session_name(session: Session) -> str:
    """What a page may call a session: its key opens it and is never shown."""
    return salted_hmac(_SALT, session.pk, algorithm="sha256").hexdigest()[:16]


def forget_wishes(person: Person) -> int:
    """The words in which a lead asked for somebody else go with the lead; that they asked stays."""
    return Help.objects.filter(asked_by=person).update(reason="")
