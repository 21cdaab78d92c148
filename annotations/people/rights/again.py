"""What people asked for after the moment to which a database was restored, done again."""

from collections.abc import Iterable, Mapping, Sequence

from annotations.people.actions import give_consent, withdraw
from annotations.people.models import Consent, Person
from annotations.people.rights.actions import erase
from annotations.people.rights.models import Request

Last = tuple[str, str, Mapping[str, bool], str, str]
"""Subject, act, purposes, language, licence: the last act of somebody in the ledger."""


def keep_promises(*, erased: Iterable[Sequence[str]], consents: Iterable[Last]) -> tuple[int, int]:
    """Erase again whoever was erased; take back again the consent of whoever did so last, and again the purposes that
    somebody left out when they agreed last. Nobody agrees to more by it. Again is no harm.

    Args:
        erased: (subject, reason) of the register's entries; whoever is not here is not looked for.
        consents: the last act of each in the ledger.

    Returns: how many were erased now, and how many consents were taken back, wholly or in part.
    """
    gone = back = 0
    for subject, reason in erased:
        if person := Person.objects.filter(subject=subject).first():
            erase(person=person, contributions=reason == Request.Reason.CONTRIBUTIONS_TOO)
            gone += 1
    for subject, act, purposes, language, licence in consents:
        person = Person.objects.filter(subject=subject).exclude(consent=None).select_related("consent").first()
        if person and act != Consent.Act.GIVE:
            withdraw(person=person, channel="restore")
            back += 1
        elif person and person.consent and (kept := _both(person.consent.purposes, purposes)) is not None:
            give_consent(person=person, purposes=kept, language=language, licence=licence, channel="restore")
            back += 1
    return gone, back


def _both(before: Mapping[str, bool], last: Mapping[str, bool]) -> dict[str, bool] | None:
    """What they agreed to both times; None where that is all they had agreed to before."""
    both = {name: given and bool(last.get(name)) for name, given in before.items()}
    return None if both == dict(before) else both
