"""How a restored database is held against the one it came from: rows and a sum of each table, at one moment of both.

The moment is a named point of the log. While it is set, every writer has ended and none begins (a lock that writers
wait for, some milliseconds); whoever reads takes the snapshot of just then and counts at leisure. What is replayed up
to the point is the same to the row, or something was lost.

Sums are of the rows' texts, in no order, so that a table need not be sorted; both servers are of one major version and
write a row alike.
"""

import time
from typing import Any, Final

import psycopg
from psycopg import sql

LOCK_PATIENCE: Final = "300ms"
"""Below the second after which PostgreSQL looks for a deadlock: the proof steps back, never a writer."""
TRIES: Final = 200
ALIKE: Final = """SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
    SET extra_float_digits = 1; SET bytea_output = 'hex'; SET search_path = public; SET statement_timeout = 0"""

Sums = dict[str, list[Any]]
"""Of each table its rows and their sum: `{"annotations_judgement": [2330, "-8120…"]}`."""


class Busy(RuntimeError):
    """Writers never let go of the tables for long enough."""


def take(url: str, point: str) -> Sums:
    """Set the point `point` in the log, and say what is in the tables at it.

    Raises:
        Busy: there was no moment without a long writer, in a minute and more.
        psycopg.Error: the login may not (it owns the tables, and may execute `pg_create_restore_point`).
    """
    with psycopg.connect(url, autocommit=True) as keeper, psycopg.connect(url, autocommit=True) as reader:
        for connection in (keeper, reader):
            connection.execute(ALIKE)
        keeper.execute(sql.SQL("SET lock_timeout = {}").format(LOCK_PATIENCE))
        _held(keeper)
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = keeper.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        reader.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
        keeper.execute("SELECT pg_create_restore_point(%s)", [point])
        keeper.execute("COMMIT")
        return _sums(reader)


def read(url: str) -> Sums:
    """What is in the tables of a database that nobody writes to."""
    with psycopg.connect(url, autocommit=True) as reader:
        reader.execute(ALIKE)
        return _sums(reader)


def differences(said: Sums, found: Sums) -> list[str]:
    """A sentence for each table that is not as it was; none, and the two are the same."""
    told = []
    for table in sorted({*said, *found}):
        before, after = said.get(table), found.get(table)
        if before is None or after is None:
            told.append(f"{table} is {'missing' if after is None else 'one too many'}")
        elif before[0] != after[0]:
            told.append(f"{table} has {after[0]} rows, and had {before[0]}")
        elif before != after:
            told.append(f"{table} has as many rows as it had, and not the same")
    return told


def _held(keeper: psycopg.Connection) -> None:
    """Every table, against writers, until the transaction ends. It takes its snapshot only afterwards."""
    names = sql.SQL(", ").join(sql.Identifier("public", name) for name in _tables(keeper))
    for _each in range(TRIES):
        keeper.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            keeper.execute(sql.SQL("LOCK TABLE ONLY {} IN SHARE MODE").format(names))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            keeper.execute("ROLLBACK")
            time.sleep(0.5)
        else:
            return
    raise Busy("somebody wrote all the time: no moment was found at which the tables can be counted")


def _tables(connection: psycopg.Connection) -> list[str]:
    """Those that are written to the log, and so to backups. The queue's are elsewhere: it may be lost at any time."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND relpersistence = 'p' ORDER BY relname"
    )
    return [name for (name,) in rows]


def _sums(reader: psycopg.Connection) -> Sums:
    found: Sums = {}
    for name in _tables(reader):
        one = sql.SQL(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM ONLY {} AS t"
        ).format(sql.Identifier("public", name))
        found[name] = list(reader.execute(one).fetchone() or ())
    return found
