"""What no password here may be, beside what nobody's should be: a stranger tries the house's own words first."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_SHORTEST_WORD, _ENOUGH = 4, 8


class NotTheHouse:
    """Refuses a password of which too little is left once the names of the house are taken out (ASVS 6.2.11)."""

    def validate(self, password: str, user: object = None) -> None:
        rest = password.lower()
        for word in words_of_the_house():
            rest = rest.replace(word, "")
        if len(rest) < _ENOUGH and len(rest) < len(password):
            raise ValidationError(_("This password is little more than the name of this site."), "the_house")

    def get_help_text(self) -> str:
        return _("Not the name of this site.")


def words_of_the_house() -> list[str]:
    """Its name, its hosts' and ours, the longest first."""
    told = " ".join(["minka mink'a minca latamgpt latam-gpt", settings.MINKA_SITE_NAME, *settings.ALLOWED_HOSTS])
    words = {word for word in re.split(r"[\s.]+", told.lower()) if len(word) >= _SHORTEST_WORD}
    return sorted(words, key=len, reverse=True)
