"""The purposes one can consent to, one by one. The first three are what a campaign may require; no other ever."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Purpose:
    name: str
    label: Promise
    help: Promise
    required: bool


PURPOSES: Final = (
    Purpose("annotate", _("Keep my judgements"),
            _("What I answer is stored, with the variety I answered in."), required=True),
    Purpose("publish", _("Publish them openly"),
            _("They stand in open datasets, under a code that changes with every release, never under my name."),
            required=True),
    Purpose("train", _("Train language models with them"),
            _("Anyone may train models with them, commercial ones too."), required=True),
    Purpose("transfer", _("Store and transfer them abroad"),
            _("The server and those who download may be in other countries."), required=False),
    Purpose("special", _("Language that can show ethnic origin"),
            _("Saying that one speaks an indigenous language can reveal one's origin."), required=False),
    Purpose("credit", _("Name me in the thanks"), _("My user name stands in the list of contributors."),
            required=False),
    Purpose("demographics", _("Answer optional questions about me"),
            _("Kept encrypted and apart, shown only as counts of ten people or more."), required=False),
    Purpose("email", _("Write to me"), _("News about what became of my work. Nothing else."), required=False),
    Purpose("research", _("Ask me for studies"), _("Researchers may contact me through the platform."), required=False),
)  # fmt: skip

NAMES: Final = tuple(purpose.name for purpose in PURPOSES)
REQUIRED: Final = tuple(purpose.name for purpose in PURPOSES if purpose.required)

LICENCES: Final = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0")
"""Licences a campaign may ask contributions under; the consent text names the one. The first is the default."""
