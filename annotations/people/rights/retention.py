"""How long everything personal is kept, and why; and emptying what is over.

`PERIODS` names every table that points to a person, and the tables beside them that come from persons. A house test
fails where one is missing. The periods are choices of this house, to be confirmed by whoever answers for the data.
"""

import datetime as dt
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override
from knox.models import AuthToken

from annotations.people.accounts.models import Session
from annotations.people.mail import MAIL_HEADER, mail_mark
from annotations.people.models import Person
from annotations.people.rights.models import SensitiveFacts
from annotations.people.rights.queries import accounts, was_active

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Period:
    """How long rows of a table are kept.

    Attributes:
        table: the model's label.
        why: the reason for the period.
        days: kept so many days after the moment in `since`; None: as long as the account, or for ever without one.
        since: the lookup of that moment; a row where it is null has not begun to age.
    """

    table: str
    why: str
    days: int | None = None
    since: str = ""


PERIODS: Final = (
    Period("annotations.Person", "the account itself: until its person erases it; it rests after two years unused"),
    Period("annotations.SpokenVariety", "past work keeps what was true then: until the account is erased"),
    Period("annotations.Confirmed", "past work keeps who was asked then: until the account is erased"),
    Period("annotations.Vouch", "by whose word somebody is asked: until either account is erased"),
    Period("annotations.VouchCode", "a code that ran out serves nothing", 0, "expires_at"),
    Period("annotations.Consent", "proof of what was agreed to; it names a random subject and no person"),
    Period("annotations.ConsentText", "what people agreed to, word by word, and that two people approved it"),
    Period("annotations.Assignment", "nobody meets an item twice: until the account is erased"),
    Period("annotations.Judgement", "the contribution: until its person erases it or leaves it without a link"),
    Period(
        "annotations.Averted",
        "what one flagged or sent in is not shown to them: until the account is erased",
    ),
    Period("annotations.Bookmark", "where somebody goes on in a queue: until the account is erased"),
    Period("annotations.Flag", "the contribution: until its person erases it or leaves it without a link"),
    Period("annotations.Look", "why something was hidden, and who decided so"),
    Period("annotations.Draft", "what was begun and not sent for so long is not meant any more", 90, "saved_at"),
    Period("annotations.Item", "the work of others stands on it; whose it was goes with the account"),
    Period("annotations.Receipt", "an answer sent again is known again: until the account is erased"),
    Period("annotations.Tombstone", "releases must know what was erased; it names no person"),
    Period("annotations.Membership", "a release is written again from it: until it is recalled or its time is over"),
    Period("annotations.Release", "what was published, and why it was taken back"),
    Period("annotations.Retraction", "why a release was taken back, or was to be, and that two people said so"),
    Period("annotations.Edition", "what people call a release by"),
    Period("annotations.Pin", "what is cited is kept, and why"),
    Period("annotations.Partnership", "with whom something was agreed, and who did: what was handed out stays known"),
    Period("annotations.ExternalBatch", "under which consent votes of elsewhere came, and who brought them"),
    Period("annotations.TrainingRun", "what a model was made of stays known, no longer who made it"),
    Period("annotations.Session", "a visit that ran out serves nothing", 0, "expire_date"),
    Period("annotations.Credit", "until it is emptied, its purpose is taken back or the account is erased"),
    Period("annotations.SensitiveFacts", "until they are emptied, their purpose is taken back or the account rests"),
    Period("annotations.Request", "proof that rights were honoured; it names no person", 5 * 365, "done_at"),
    Period("annotations.RequestText", "time to come back to an answer", 30, "request__done_at"),
    Period("annotations.Guest", "thirty days, unless claimed: `guests/actions.py:delete_unclaimed` keeps count"),
    Period("annotations.Note", "a wish unmet for half a year is hardly meant any more", 180, "asked_at"),
    Period("annotations.Pack", "its seven days are long over, and its seats tell the rest", 90, "taken_at"),
    Period("annotations.WayBack", "a code that ran out serves nothing", 0, "expires_at"),
    Period("annotations.Help", "who let whom back in is asked for in a dispute", 3 * 365, "asked_at"),
    Period("annotations.Admission", "who may take part where not everybody does: until the account is erased"),
    Period("annotations.Inquiry", "a note and its answer serve while the campaign goes on", 365, "asked_at"),
    Period("annotations.OpenAnswer", "it stands beside the guidelines, and names nobody who asked"),
    Period("annotations.Remit", "without it they would look after everything: until the account is erased"),
    Period("annotations.Anchor", "whose word verdicts rest on: until the account is erased"),
    Period("annotations.Expert", "an account at the desk of the experts: until it is removed there"),
    Period("annotations.ExpertRecord", "what experts were asked about: as long as the item"),
    Period("annotations.Known", "why a gold item is asked of nobody: as long as the item"),
    Period("annotations.Reliability", "made anew each night: until the account is erased"),
    Period(
        "annotations.Objection", "what was objected to and answered is not asked again: until the account is erased"
    ),
    Period("annotations.Hold", "who let what was kept aside count again, and why; a report goes when it is over"),
    Period("annotations.Alarm", "why verdicts waited for trusted speakers, and who ended that"),
    Period(
        "annotations.Signal", "what somebody looked at is not asked again while it would be counted", 180, "last_at"
    ),
    Period("annotations.Sanction", "what was decided and why is asked for in a dispute", 3 * 365, "ended_at"),
    Period("annotations.Appeal", "until its person erases it, or what it is against goes"),
    Period("annotations.Ruling", "why a human decided in the place of the votes: as long as the item"),
    Period("annotations.Purge", "what was taken out and why is asked for in a dispute", 3 * 365, "asked_at"),
    Period("annotations.Change", "who changed what decides is asked for in a dispute", 3 * 365, "at"),
    Period("annotations.Steward", "who spoke for a community, and by which letter"),
    Period("annotations.StewardsDecision", "what a community decided, and why"),
    Period("annotations.StewardsApproval", "by which quorum"),
    Period("annotations.VarietyProposal", "until its person erases it"),
    Period("annotations.Hidden", "what was hidden stays hidden until it is lifted"),
    Period("account.EmailAddress", "the way back in: until it is changed, rests or is erased"),
    Period("mfa.Authenticator", "the second step: until it is switched off or erased"),
    Period("knox.AuthToken", "a token opens the account: until it is renewed, rests or is erased"),
    Period("admin.LogEntry", "who changed what by hand is asked for in a dispute", 3 * 365, "action_time"),
)
FILES: Final = (("logs", 90), ("mail", 30))
"""Folders of `MINKA_HOME` with the days after which a file nobody wrote to any more goes."""


def empty_what_is_over(*, now: dt.datetime) -> int:
    """Delete rows and files past their period. Returns how many."""
    gone = sum(_empty(period, now) for period in PERIODS if period.days is not None)
    return gone + sum(_empty_folder(settings.MINKA_HOME / name, days) for name, days in FILES)


def _empty(period: Period, now: dt.datetime) -> int:
    over = now - dt.timedelta(days=period.days or 0)
    rows = apps.get_model(period.table)._default_manager.filter(**{f"{period.since}__lt": over})
    return int(rows.delete()[0])


def _empty_folder(folder: Path, days: int) -> int:
    return sum(_empty_file(path, days) for path in folder.glob("*"))


def _empty_file(path: Path, days: int) -> bool:
    """Whether it was old and went; one that somebody else took away meanwhile did not go by us."""
    with suppress(FileNotFoundError):
        if path.is_file() and path.stat().st_mtime < time.time() - days * 86_400:
            path.unlink()
            return True
    return False


# Accounts without a sign of their people ------------------------------------------------------------------------------


def warn_and_rest(*, now: dt.datetime) -> tuple[int, int]:
    """Tell people whose accounts are unused for `MINKA_INACTIVE_MONTHS`, and rest those told `MINKA_NOTICE_DAYS` ago
    who gave no sign. Whoever came back is no longer warned. Returns (warned, rested)."""
    unused = ~was_active(now - dt.timedelta(days=30.44 * settings.MINKA_INACTIVE_MONTHS))
    accounts().exclude(warned_at=None).exclude(unused).update(warned_at=None)
    warned = sum(_warn(person, now) for person in accounts().filter(unused, warned_at=None))
    told = now - dt.timedelta(days=settings.MINKA_NOTICE_DAYS)
    awake = Q(paused_at=None) | Q(paused_at__lt=F("warned_at"))
    due = accounts().filter(unused, awake, warned_at__lte=told)
    rested = sum(_rest(due, pk, now) for pk in list(due.values_list("pk", flat=True)))
    return warned, rested


def _warn(person: Person, now: dt.datetime) -> bool:
    """Whether the person was told; one whose mail cannot be sent now is told another night, and others all the same."""
    if person.email:
        try:
            _write_to(person)
        except OSError as error:  # smtplib's own faults are OSErrors too
            log.warning("a notice could not be sent: %s", type(error).__name__)
            return False
    return bool(Person.objects.filter(pk=person.pk, warned_at=None).update(warned_at=now))


def _write_to(person: Person) -> None:
    """The mail names nobody: it says what is to be said to whoever reads it."""
    with override(person.language.lower()):
        subject = _("Your account has not been used for a long time")
        text = _("It will rest in %(days)s days unless somebody logs in. Nothing is lost; it can be woken again.")
    text %= {"days": settings.MINKA_NOTICE_DAYS}
    subject = f"{settings.MINKA_SITE_NAME}: {subject}"
    EmailMessage(subject, text, None, [person.email], headers={MAIL_HEADER: mail_mark(person)}).send()


@transaction.atomic
def _rest(due: QuerySet[Person], pk: int, now: dt.datetime) -> bool:
    """What only serves an account in use goes: visits, tokens, address, sensitive facts. The name, the password and
    the work stay until their person erases them, and whoever logs in can wake the account. False for one who came back
    since they were found due: the row is asked once more, and held."""
    person = due.select_for_update(of=("self",)).filter(pk=pk).first()
    if person is None:
        return False
    Session.objects.filter(person=person).delete()
    AuthToken.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    SensitiveFacts.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk).update(paused_at=now, email="")
    return True
