"""What no password here may be, beside what nobody's should be: a stranger tries the house's own words first."""

import unicodedata
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_OURS: Final = ("minka", "minca", "latamgpt")
_LONG: Final = 6
"""A single word of the name is one of the house's own from so many letters on; *voz* or *datos* is anybody's."""
_ENOUGH: Final = 4
"""Letters that have to be left."""


class NotTheHouse:
    """Refuses a password of which next to nothing is left once the names of the house are taken out (ASVS 6.2.11):
    fewer than four letters, however many digits and signs stand beside them."""

    def validate(self, password: str, user: object = None) -> None:
        written = _bare(password)
        rest = written
        for word in words_of_the_house():
            rest = rest.replace(word, "")
        if rest != written and sum(map(str.isalpha, rest)) < _ENOUGH:
            raise ValidationError(_("This password is little more than the name of this site."), "the_house")

    def get_help_text(self) -> str:
        return _("Not the name of this site.")


def words_of_the_house() -> list[str]:
    """Its name, that of its hosts and ours, the longest first."""
    name = settings.MINKA_SITE_NAME
    hosts = [host for host in settings.ALLOWED_HOSTS if host not in settings.LOOPBACK]
    words = {*_OURS, _bare(name), *(word for word in map(_bare, name.split()) if len(word) >= _LONG)}
    words |= {_bare(part) for host in hosts for part in (host, host.strip(".").split(".")[0]) if len(_bare(part)) > 3}
    return sorted(filter(None, words), key=len, reverse=True)


def _bare(text: str) -> str:
    """Letters and digits alone, small, without accents: however somebody would write it."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum())
