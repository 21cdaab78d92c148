"""Mail that can be found again where it lies: it bears a mark of its person, whatever name or address they had."""

from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from annotations.people.models import Person

MAIL_HEADER = "X-Minka-Account"


def mail_mark(person: Person) -> str:
    """What tells a person's mail, whatever name or address they had when it was written."""
    return salted_hmac("annotations.people.mail", str(person.subject), algorithm="sha256").hexdigest()


def forget_mail(sign: str) -> None:
    """Mail that is kept as files (where no mail server is set) and bears this mark or names this address goes."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    for path in Path(folder).glob("*.log") if folder else ():
        with suppress(FileNotFoundError):  # its period, or somebody else's erasure, took it meanwhile
            if sign.encode() in path.read_bytes():
                path.unlink()
