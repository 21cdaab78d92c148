"""Sealing what is kept apart: Fernet (AES-128-CBC with HMAC-SHA-256), under a key that only the master key gives
(HKDF-SHA-256, RFC 5869). Whoever has the database alone has nothing; a lost master key loses what was sealed.

While `MINKA_MASTER_KEY_OLD` is set, what was sealed under it opens too; nothing is sealed under it any more
(`keys.py` seals all of it anew).
"""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FACTS = "minka-sensitive-facts"
SECOND_STEP = "minka-second-step"


def seal(facts: Mapping[str, str]) -> str:
    return box(FACTS).encrypt(json.dumps(dict(facts)).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Raises `cryptography.fernet.InvalidToken` for what was changed or sealed under another key."""
    return dict(json.loads(box(FACTS).decrypt(sealed.encode())))


def box(purpose: str) -> MultiFernet:
    """What seals and unseals for one purpose; nothing sealed for another opens in it."""
    keys = (settings.MINKA_MASTER_KEY, settings.MINKA_MASTER_KEY_OLD)
    return MultiFernet([_fernet(purpose, key) for key in keys if key])


def _fernet(purpose: str, key: str) -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=purpose.encode(), info=b"1")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(key.encode())))
