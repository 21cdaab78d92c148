"""The lock that publishing, recalling, expiring and naming share."""

from django.db import connection

_PUBLISH_LOCK = 0x6D696E6B0003
"""One publisher at a time (a transaction's advisory lock)."""


def one_at_a_time() -> None:
    """Until this transaction ends nobody else publishes, recalls, or lets go of a release."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISH_LOCK])
