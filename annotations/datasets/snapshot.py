"""Reading for a release: one repeatable-read snapshot, through a database role that cannot see people.

The role may read what a release needs and the view `annotations_exportable`, which shows judgements with the terms of
their consent and whether it was withdrawn, and nothing else of a person (`minka/roles.py` grants it).
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg.sql import Literal

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi as adbc
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


class Reader:
    """What whoever shares a snapshot reads there, a query after the other. It connects once, and only when something is
    asked: ADBC then asks the database for all of its types, which takes as long as a small release."""

    def __init__(self, sight: Sight) -> None:
        self._sight, self._open = sight, ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        self._open.close()

    def columns(self, sql: str, facts: Mapping[str, Any]) -> "Iterator[pa.RecordBatch]":
        """What a query gives, in batches of about `BYTES`: memory does not grow with how many there are."""
        with self._database.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BYTES)})
            cursor.execute(sql % {fact: Literal(value).as_string() for fact, value in facts.items()})
            with cursor.fetch_record_batch() as reader:
                yield from (batch for batch in reader if batch.num_rows)

    @cached_property
    def _database(self) -> "adbc.Connection":
        import adbc_driver_postgresql.dbapi as adbc  # Arrow is the night's: at rest no process holds it

        database = self._open.enter_context(adbc.connect(_address(), autocommit=True))
        with database.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT {Literal(self._sight.name).as_string()}")
            cursor.execute(f"SET LOCAL minka.moment = {Literal(self._sight.moment).as_string()}")
        return database


def stream(snapshot: Snapshot, sql: str, facts: Mapping[str, Any]) -> Iterator[DictRow]:
    """Rows through a server-side cursor: memory does not grow with how many there are."""
    with snapshot.cursor(name="rows") as cursor:
        cursor.itersize = BATCH
        cursor.execute(sql, facts)
        yield from cursor
