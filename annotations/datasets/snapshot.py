"""Reading for a release: one repeatable-read snapshot, through a database role that cannot see people.

The role may read what a release needs and the view `annotations_exportable`, which shows judgements with the terms of
their consent and whether it was withdrawn, and nothing else of a person (`minka/roles.py` grants it).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg.sql import Literal

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 2_000
BYTES = 4 << 20
"""About how large a batch of columns is."""

Snapshot = psycopg.Connection[DictRow]


@contextmanager
def open_snapshot() -> Iterator[Snapshot]:
    """A read-only connection whose view of the data does not move while it is open."""
    with psycopg.connect(_address(), row_factory=dict_row) as snapshot:
        snapshot.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot.read_only = True
        yield snapshot


def _address() -> str:
    return make_conninfo(**{**settings.MINKA_EXPORT_DATABASE, "dbname": connection.settings_dict["NAME"]})


class Sight(NamedTuple):
    """What others need to see the same while a snapshot is open: its name, and the moment (ISO 8601) for which what
    runs out is asked about. A snapshot shows the same rows to all; what `now()` is, each would ask its own clock."""

    name: str
    moment: str


def shared(snapshot: Snapshot) -> Sight:
    row = snapshot.execute("SELECT pg_export_snapshot() AS name, now() AS moment").fetchone()
    assert row is not None
    return Sight(row["name"], row["moment"].isoformat())


def columns(sight: Sight, sql: str, facts: Mapping[str, Any]) -> "Iterator[pa.RecordBatch]":
    """What a query gives whoever shares a snapshot, in batches of about `BYTES`: memory does not grow with how
    many there are."""
    import adbc_driver_postgresql.dbapi as adbc  # Arrow is the night's: at rest no process holds it

    with adbc.connect(_address(), autocommit=True) as database, database.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT {Literal(sight.name).as_string()}")
        cursor.execute(f"SET LOCAL minka.moment = {Literal(sight.moment).as_string()}")
        cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BYTES)})
        cursor.execute(sql % {fact: Literal(value).as_string() for fact, value in facts.items()})
        with cursor.fetch_record_batch() as reader:
            yield from (batch for batch in reader if batch.num_rows)


def stream(snapshot: Snapshot, sql: str, facts: Mapping[str, Any]) -> Iterator[DictRow]:
    """Rows through a server-side cursor: memory does not grow with how many there are."""
    with snapshot.cursor(name="rows") as cursor:
        cursor.itersize = BATCH
        cursor.execute(sql, facts)
        yield from cursor
