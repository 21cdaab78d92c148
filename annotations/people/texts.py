"""The texts people agree to and read: consent, terms, conduct, privacy, guidelines.

They are Markdown files beside the code, one for each language, so that every change is a commit. A text has
`{blanks}` that settings fill; what is hashed into the ledger is the text as it was shown, in the language it was shown
in: a language that is only begun has a text where a file of it lies, whole, and else reads the Spanish one.

The consent that comes with the code is a draft. An operator's own is a folder named after its version
(`MINKA_CONSENT_DIR`), and in force once two people approved it (`consenting/`). What people agree to is the words and
who the data go to: both make the version.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotations.errors import Refused
from annotations.people.consenting.queries import words_in_force
from annotations.people.consenting.rules import Words

LANGUAGES = ("es", "pt-BR", "en")
HERE = Path(__file__).parent / "texts"
DRAFT = HERE / "consent" / "2026-11-draft"
NOT_YET = gettext_lazy("Nobody is asked for consent here yet: its text is still to be approved.")
CUT = "\n---\n"
"""The line in a consent text behind which the long version starts."""
BLANKS = ("contribution_licence", "controller_name", "controller_contact", "hosting_country", "processors")
"""What a consent text must name, or it is no informed consent."""
NOBODY_ELSE = {"es": "nadie más", "pt-BR": "mais ninguém", "en": "nobody else"}


@dataclass(frozen=True)
class Text:
    """A text as shown. `sha256` is over its UTF-8 bytes."""

    version: str
    language: str
    markdown: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.markdown.encode()).hexdigest()

    @property
    def short(self) -> str:
        return self.markdown.partition(CUT)[0]

    @property
    def long(self) -> str:
        return self.markdown.partition(CUT)[2]


def supported(language: str | None) -> str:
    """The nearest language we have texts in: `pt` and `pt-PT` read Brazilian Portuguese, all else Spanish."""
    code = (language or "").lower()
    return "pt-BR" if code.startswith("pt") else "en" if code.startswith("en") else "es"


def shown_in(folder: Path, language: str | None) -> str:
    """The language in which a reader of `language` is shown the text in `folder`: a begun one's own where it is there,
    else the nearest of ours."""
    begun = language in settings.MINKA_BEGUN and (folder / f"{language}.md").is_file()
    return language if language and begun else supported(language)


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page(folder: Path, language: str | None, version: str = "", **blanks: str) -> Text:
    """The text in `folder` for `language`, its blanks filled from the settings' controller block and `blanks`."""
    code = shown_in(folder, language)
    return _filled(_read(folder / f"{code}.md"), code, version, **blanks)


def _filled(markdown: str, code: str, version: str, **blanks: str) -> Text:
    for name, value in {**settings.MINKA_CONTROLLER, "processors": _processors(code), **blanks}.items():
        markdown = markdown.replace("{" + name + "}", value)
    return Text(version=version, language=code, markdown=markdown)


def _processors(code: str) -> str:
    named = [f"{name} ({country}: {purpose})" for name, country, purpose in settings.MINKA_PROCESSORS]
    return "; ".join(named) or NOBODY_ELSE.get(code, NOBODY_ELSE["es"])


def _consent_folder() -> Path:
    return Path(settings.MINKA_CONSENT_DIR) if settings.MINKA_CONSENT_DIR else DRAFT


def laid_down() -> Words | None:
    """What lies in the operator's folder at this moment; None where there is none, or not all of it can be read."""
    try:
        return _words_of(_consent_folder()) if settings.MINKA_CONSENT_DIR else None
    except (OSError, ValueError):
        return None


def _words_of(folder: Path) -> Words:
    return Words(folder.name, tuple((code, (folder / f"{code}.md").read_text("utf-8")) for code in _written_in(folder)))


_draft = cache(partial(_words_of, DRAFT))


def _words() -> Words | None:
    """What people are asked now: the draft, or of the operator's texts the one in force; None where none is yet."""
    return words_in_force() if settings.MINKA_CONSENT_DIR else _draft()


def _written_in(folder: Path) -> list[str]:
    """The languages a consent text is in: ours, and begun ones whose file is there, offered or not."""
    begun = [path.stem for path in folder.glob("*.md") if re.fullmatch(r"[a-z]{2,3}", path.stem)]
    return [*LANGUAGES, *sorted(set(begun) - set(LANGUAGES))]


def consent_version() -> str:
    """The version now in force, as `2026-11-draft+1f2e3d4c`: the folder's name, and a hash over its words in all
    languages and over whom the data go to. A new word that two people approved asks everybody again, and so does
    whoever moves the server. Empty where nothing is in force yet, and so nobody consents to anything."""
    if (words := _words()) is None:
        return ""
    processors = map("|".join, sorted(settings.MINKA_PROCESSORS))
    return _version(words, *_to_whom(settings.MINKA_CONTROLLER), *processors)


_to_whom = itemgetter("controller_name", "controller_country", "hosting_provider", "hosting_country")


@lru_cache(maxsize=8)
def _version(words: Words, *facts: str) -> str:
    texts = words.texts
    said = [texts[code] for code in (*LANGUAGES, *sorted(set(texts) - set(LANGUAGES)))]
    return f"{words.name}+{hashlib.sha256(chr(0).join([*said, *facts]).encode()).hexdigest()[:8]}"


def in_words(version: str) -> str:
    """`2026-11-draft+1f2e3d4c` as people say it: "November 2026, draft", in the language of the page. A folder that is
    named otherwise is called by its name."""
    name = version.partition("+")[0]
    dated = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(-draft)?", name)
    if dated is None:
        return name
    month = date_format(dt.date(int(dated[1]), int(dated[2]), 1), "YEAR_MONTH_FORMAT")
    return _("%(version)s, draft") % {"version": month} if dated[3] else month


def consent_text(language: str | None, licence: str) -> Text:
    """The consent now in force, naming the licence under which contributions of this campaign are published.

    Raises:
        Refused: `not_open`, where two people approved none yet.
    """
    if (words := _words()) is None:
        raise Refused("not_open", NOT_YET)
    texts = words.texts
    code = language if language and language in settings.MINKA_BEGUN and language in texts else supported(language)
    return _filled(texts[code], code, consent_version(), contribution_licence=licence)


def consent_is_draft() -> bool:
    return not settings.MINKA_CONSENT_DIR


def faults_of_consent() -> Iterator[str]:
    """Why the consent texts that are laid down are not fit for people: a sentence each."""
    folder = _consent_folder()
    if folder.name.endswith("draft"):
        yield "The consent text is a draft: set MINKA_CONSENT_DIR to the folder of the approved one."
    if not 0 < len(folder.name) <= 30:
        yield f"{folder} is no name for a version of the consent text: 1 to 30 characters."
    for path in (folder / f"{code}.md" for code in _written_in(folder)):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            yield f"{path} is missing or not UTF-8."
            continue
        lacking = [name for name in BLANKS if "{" + name + "}" not in text]
        if lacking or CUT not in text:
            yield f"{path} does not say {{{'}, {'.join(lacking)}}}." if lacking else f"{path} has no short version."


def countries() -> list[str]:
    """Where personal data lie or go: the host's country first, then those of processors."""
    home = settings.MINKA_CONTROLLER["hosting_country"]
    return list(dict.fromkeys([home, *(country for _name, country, _purpose in settings.MINKA_PROCESSORS)]))


def goes_abroad() -> bool:
    """True when personal data leave the controller's own country: then `transfer` is needed (ADR 8)."""
    own = settings.MINKA_CONTROLLER["controller_country"].casefold()
    return any(country.casefold() != own for country in countries())


def asks_transfer() -> bool:
    """Whether `transfer` has anything to allow here: data abroad, or questions sent to the servers of models."""
    return goes_abroad() or bool(settings.MINKA_MODELS)
