"""Reading for a release: one repeatable-read snapshot, through a database role that cannot see people.

The role may read what a release needs and the view `annotations_exportable`, which shows judgements with the terms of
their consent and whether it was withdrawn, and nothing else of a person (`minka/roles.py` grants it).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.rows import DictRow, dict_row

BATCH = 2_000

Snapshot = psycopg.Connection[DictRow]


@contextmanager
def open_snapshot() -> Iterator[Snapshot]:
    """A read-only connection whose view of the data does not move while it is open."""
    parameters = {**settings.MINKA_EXPORT_DATABASE, "dbname": connection.settings_dict["NAME"]}
    with psycopg.connect(**parameters, row_factory=dict_row) as snapshot:
        snapshot.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot.read_only = True
        yield snapshot


def stream(snapshot: Snapshot, sql: str, facts: Mapping[str, Any]) -> Iterator[DictRow]:
    """Rows through a server-side cursor: memory does not grow with how many there are."""
    with snapshot.cursor(name="rows") as cursor:
        cursor.itersize = BATCH
        cursor.execute(sql, facts)
        yield from cursor
