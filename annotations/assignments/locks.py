"""Two locks that no row could be.

The submit lock: no judgement can appear behind a release's cutoff. A submit takes it shared and *then* reads the clock.
Publishing waits until the clock has passed its cutoff and takes the lock exclusively once: when it has it, every
judgement stamped before the cutoff is committed.

The cells' lock: nobody waits in a circle. Whoever locks several cells in one round does it in the order of their ids
and takes this lock shared; whoever goes on from cells to other cells, as an erasure does, takes it alone, before the
first. Whoever locks one cell needs neither.

Both are transaction-level advisory locks, so they hold behind a connection pooler too.
"""

import datetime as dt
from typing import Final

from django.db import connection

_SUBMIT_LOCK = 0x6D696E6B0002
_CELLS_LOCK = 0x6D696E6B0004


# The clock is read from the lock's row: not before there is one.
CLOCK: Final = f"""
    lock AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({_SUBMIT_LOCK})),
    clock AS MATERIALIZED (SELECT clock_timestamp() AS now FROM lock)"""  # noqa: S608 -- a number of ours
"""Behind the WITH of a statement that writes a row: `now` of `clock` is the database's clock, read under the shared
submit lock."""


def stamp() -> dt.datetime:
    """The same for a row that is written by itself; call it last before."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {CLOCK} SELECT now FROM clock")  # noqa: S608 -- the same
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def wait_for_submits() -> None:
    """Returns when every submit that has read the clock so far is committed or gone. Call inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SUBMIT_LOCK])


def one_round_of_cells() -> None:
    """Before several cells are locked in the order of their ids (`holding.lock_cells`), and before any other row of the
    transaction but its person's: an erasure may want that row and hold this lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_CELLS_LOCK])


def rounds_of_cells() -> None:
    """Before cells are locked whose ids are not all known yet. Call inside a transaction that holds no cell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CELLS_LOCK])
