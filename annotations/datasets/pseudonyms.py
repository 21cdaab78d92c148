"""The key of a release. One master key and the release's name give it (HKDF, RFC 5869), so that two releases cannot
be joined on their ids by anyone who lacks the master key."""

import hashlib
import hmac


def release_key(master: bytes, version: str) -> bytes:
    """32 bytes: HKDF-SHA-256 with the version as `info`. One block is all that is needed."""
    extracted = hmac.digest(b"minka-release", master, hashlib.sha256)
    return hmac.digest(extracted, version.encode() + b"\x01", hashlib.sha256)
