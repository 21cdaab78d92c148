"""The short text a guest agrees to, in `consent/`: hashed as it was shown, like the consent of members."""

from pathlib import Path

from annotations.people.texts import Text, page

VERSION = "1"
_FOLDER = Path(__file__).parent / "consent" / VERSION


def guest_text(language: str | None) -> Text:
    return page(_FOLDER, language, VERSION)
