"""Sealing what is kept apart: Fernet (AES-128-CBC with HMAC-SHA-256), under a key that only the master key gives
(HKDF-SHA-256, RFC 5869). Whoever has the database alone has nothing; a lost master key loses what was sealed."""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(facts: Mapping[str, str]) -> str:
    return box("minka-sensitive-facts").encrypt(json.dumps(dict(facts)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Raises `cryptography.fernet.InvalidToken` for what was changed or sealed under another key."""
    return dict(json.loads(box("minka-sensitive-facts").decrypt(sealed.encode())))


def box(purpose: str) -> Fernet:
    """What seals and unseals for one purpose; nothing sealed for another opens in it."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=purpose.encode(), info=b"1")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(settings.MINKA_MASTER_KEY.encode())))
