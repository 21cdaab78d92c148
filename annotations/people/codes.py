"""Codes that are written down, read out and typed: 60 bits, in letters that do not look alike on paper."""

import secrets
from typing import Final

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def plain(code: str) -> str:
    """As it was typed, small or with other signs between: the letters alone."""
    return "".join(letter for letter in code.upper() if letter in LETTERS)
