"""Argilla's webhooks: a hint that there is something to read, and nothing more. What they say is not used.

Signed as Standard Webhooks have it (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

TOLERANCE: Final = 300
"""Seconds that a message may be old, or ahead."""


def is_signed(headers: Mapping[str, str], body: bytes, *, secret: str, now: float) -> bool:
    """Whether whoever sent this knows the secret, and sends it now.

    Args:
        secret: base64, as Argilla gives it, with or without `whsec_`.
        now: seconds since 1970.
    """
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (name and at.isascii() and at.isdigit() and len(at) < 12 and abs(now - int(at)) <= TOLERANCE):
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    wanted = base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256))
    given = [each.partition(",") for each in headers.get("webhook-signature", "").split(" ")]
    sums = [said.encode(errors="replace") for version, _comma, said in given if version == "v1"]
    return bool(key) and any(hmac.compare_digest(wanted, each) for each in sums)
