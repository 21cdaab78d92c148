"""What tells a person at the door from a machine that opens a thousand of them, without asking anybody else.

With JavaScript the browser searches a number whose hash was given (the ALTCHA protocol, SHA-256): a second or so on a
cheap phone, once, and dear for who needs thousands. Without it the form carries the time it was opened, sealed: too
quick is no person, and such accounts are few per address and do not count until somebody has looked. Both can be used
once.
"""

import datetime as dt
import hashlib
from typing import Any

from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from django.core import signing
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

MAX_NUMBER = 20_000
"""Half of it is searched on average; `benchmarks/` says what that takes."""
LASTS = dt.timedelta(minutes=30)
AT_LEAST = dt.timedelta(seconds=3)
_SALT = "annotations.people.accounts.proof"


def challenge() -> dict[str, Any]:
    """A fresh task for the browser: `algorithm, challenge, maxNumber, salt, signature`."""
    options = ChallengeOptions(
        algorithm="SHA-256", max_number=MAX_NUMBER, hmac_key=_key(), expires=timezone.now() + LASTS
    )
    return dict(create_challenge(options).to_dict())


def is_proof(payload: str) -> bool:
    """Was this task of ours solved, in time, and never shown before?"""
    try:
        solved, _why = verify_solution(payload, _key())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False
    return bool(solved) and _first_time(payload)


def seal() -> str:
    """The sealed moment at which a form is handed out."""
    return signing.TimestampSigner(salt=_SALT).sign(get_random_string(12))


def is_unhurried(sealed: str) -> bool:
    """Was this form opened by us, a few seconds ago at least, and not sent before?"""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        signer.unsign(sealed, max_age=LASTS)
    except signing.BadSignature:
        return False
    try:
        signer.unsign(sealed, max_age=AT_LEAST)
    except signing.SignatureExpired:
        return _first_time(sealed)
    return False


def _key() -> str:
    return salted_hmac(_SALT, "altcha", algorithm="sha256").hexdigest()


def _first_time(token: str) -> bool:
    return cache.add(f"proof:{hashlib.sha256(token.encode()).hexdigest()}", 1, LASTS.total_seconds())
