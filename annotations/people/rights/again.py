"""What people asked for after the moment to which a database was restored, done again."""

from collections.abc import Iterable, Sequence

from annotations.people.actions import withdraw
from annotations.people.models import Consent, Person
from annotations.people.rights.actions import erase
from annotations.people.rights.models import Request


def keep_promises(*, erased: Iterable[Sequence[str]], withdrawn: Iterable[Sequence[str]]) -> tuple[int, int]:
    """Erase again whoever was erased, and take back again the consent of whoever did so last. Again is no harm.

    Args:
        erased: (subject, reason) of the register's entries; whoever is not here is not looked for.
        withdrawn: (subject, act), the last act of each in the ledger.

    Returns: how many were erased now, and how many consents were taken back.
    """
    gone = back = 0
    for subject, reason in erased:
        if person := Person.objects.filter(subject=subject).first():
            erase(person=person, contributions=reason == Request.Reason.CONTRIBUTIONS_TOO)
            gone += 1
    for subject, act in withdrawn:
        person = Person.objects.filter(subject=subject).exclude(consent=None).first()
        if person and act != Consent.Act.GIVE:
            withdraw(person=person, channel="restore")
            back += 1
    return gone, back
