"""The purposes one can consent to, one by one. The first three are what a campaign may require; no other ever.

`transfer` and `special` are no campaign's to ask: the first is needed where the house itself keeps data abroad, and for
whatever of somebody's is sent to the servers of models; the second for work in a language that can show ethnic origin.
`email` is the whole of what somebody can choose to be told: without it the platform writes what it must, and nothing
else.
"""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.people.texts import asks_transfer, countries, goes_abroad


@dataclass(frozen=True)
class Purpose:
    name: str
    label: Promise
    help: Promise
    required: bool

    def told(self) -> str:
        """Its sentence; that of `transfer` says what leaves this house by its settings, and for where."""
        if self.name != "transfer":
            return str(self.help)
        abroad = str(self.help) % {"countries": ", ".join(countries())} if goes_abroad() or not asks_transfer() else ""
        asked = str(_TO_MODELS) if settings.MINKA_MODELS else ""
        return " ".join(filter(None, [abroad, asked]))


_TO_MODELS: Final = _("Questions I propose, once accepted, are sent without my name to the servers of models.")
PURPOSES: Final = (
    Purpose("annotate", _("Keep my judgements"),
            _("What I answer is stored, with the variety I answered in."), required=True),
    Purpose("publish", _("Publish them openly"),
            _("They stand in open datasets, under a code that changes with every release, never under my name."),
            required=True),
    Purpose("train", _("Train language models with them"),
            _("Anyone may train models with them, commercial ones too."), required=True),
    Purpose("transfer", _("Store and transfer them abroad"),
            _("My account and my work are kept or handled in: %(countries)s."), required=False),
    Purpose("special", _("Language that can show ethnic origin"),
            _("Saying that one speaks an indigenous or creole language can reveal one's origin. Without this, such "
              "languages are taken off my profile."), required=False),
    Purpose("credit", _("Name me in the thanks"), _("My user name stands in the list of contributors."),
            required=False),
    Purpose("demographics", _("Answer optional questions about me"),
            _("Kept encrypted and apart, shown only as counts of ten people or more."), required=False),
    Purpose("email", _("Write to me"),
            _("News about what became of my work, and the notes I ask for. Nothing else."), required=False),
    Purpose("research", _("Ask me for studies"), _("Researchers may contact me through the platform."), required=False),
)  # fmt: skip

NAMES: Final = tuple(purpose.name for purpose in PURPOSES)
REQUIRED: Final = tuple(purpose.name for purpose in PURPOSES if purpose.required)

APART: Final = ("transfer", "special")
"""What the law protects in a special way: asked apart, needed only by who they concern (ADR 8)."""

LICENCES: Final = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0")
"""Licences a campaign may ask contributions under; the consent text names the one. The first is the default."""
