"""The lock that publishing, recalling, expiring and naming share, and the one of who moves `latest`."""

from django.db import connection

_PUBLISH_LOCK = 0x6D696E6B0003
"""One publisher at a time (a transaction's advisory lock)."""

_LATEST_LOCK = 0x6D696E6B000C
"""Held for a moment, where the publishers' may be held for as long as a release takes."""


def one_at_a_time() -> None:
    """Until this transaction ends nobody else publishes, recalls, or lets go of a release."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISH_LOCK])


def somebody_publishes() -> bool:
    """Whether anybody holds that lock now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) | objid::bigint = %s)", [_PUBLISH_LOCK],
        )  # fmt: skip
        return bool(cursor.fetchone()[0])


def one_points() -> None:
    """Until this transaction ends nobody else moves `latest`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LATEST_LOCK])
