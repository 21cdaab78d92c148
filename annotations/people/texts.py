"""The texts people agree to and read: consent, terms, conduct, privacy, guidelines.

They are Markdown files beside the code, one for each language, so that every change is a commit. A text has
`{blanks}` that settings fill; what is hashed into the ledger is the text as it was shown.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

CONSENT_VERSION = "2026-11-draft"
LANGUAGES = ("es", "pt-BR", "en")
HERE = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Text:
    """A text as shown. `sha256` is over its UTF-8 bytes."""

    version: str
    language: str
    markdown: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.markdown.encode()).hexdigest()


def supported(language: str | None) -> str:
    """The nearest language we have texts in: `pt` and `pt-PT` read Brazilian Portuguese, all else Spanish."""
    code = (language or "").lower()
    return "pt-BR" if code.startswith("pt") else "en" if code.startswith("en") else "es"


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page(folder: Path, language: str | None, version: str = "", **blanks: str) -> Text:
    """The text in `folder` for `language`, its blanks filled from the settings' controller block and `blanks`."""
    code = supported(language)
    markdown = _read(folder / f"{code}.md")
    for name, value in {**settings.MINKA_CONTROLLER, **blanks}.items():
        markdown = markdown.replace("{" + name + "}", value)
    return Text(version=version, language=code, markdown=markdown)


def consent_text(language: str | None, licence: str) -> Text:
    """The consent now in force, naming the licence under which contributions of this campaign are published."""
    return page(HERE / "consent" / CONSENT_VERSION, language, CONSENT_VERSION, contribution_licence=licence)
