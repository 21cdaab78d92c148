"""A migration that meets people at work: it gives up soon and leaves everything as it was, or it passes. Nobody waits
behind it, whether it is Django's own step, SQL or Python."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import LockNotAvailable, QueryCanceled

from minka.management.commands import migrate
from minka.management.commands.migrate import impatient

SOON_MS = 150
ANATOMY = """
    SELECT table_name, column_name, data_type, is_nullable, column_default
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '', '' FROM pg_trigger
    ORDER BY 1, 2, 3
"""


@pytest.fixture(scope="module")
def second(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database as our second migration left it: what the others are copied from."""
    with django_db_blocker.unblock(), an_older("minka_second", "template0") as on:
        executor(on).migrate([("annotations", "0002_tables")])
        on.close()
        yield "minka_second"


@pytest.fixture
def older(second: str, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    with django_db_blocker.unblock(), an_older("minka_older", second) as on:
        yield on


@contextmanager
def an_older(name: str, template: str) -> Iterator[BaseDatabaseWrapper]:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    connections.databases[name] = connection.settings_dict | {"NAME": name, "OPTIONS": {}}
    try:
        yield connections[name]
    finally:
        connections[name].close()
        del connections[name], connections.databases[name]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def executor(on: BaseDatabaseWrapper) -> MigrationExecutor:
    return MigrationExecutor(on)


def later(on: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Our migrations that are not there yet, in their order."""
    plan = executor(on).migration_plan(executor(on).loader.graph.leaf_nodes())
    return [(step.app_label, step.name) for step, _backwards in plan]


@dataclasses.dataclass
class AtWork:
    """Somebody in the middle of writing to every table there is."""

    on: BaseDatabaseWrapper

    def __enter__(self) -> None:
        self.other = psycopg.connect(**self.on.get_connection_params() | {"context": None, "cursor_factory": None})
        tables = ", ".join(f'"{name}"' for name in self.on.introspection.table_names() if name != "django_migrations")
        self.other.execute(f"LOCK TABLE {tables} IN ROW EXCLUSIVE MODE")

    def __exit__(self, *_error: object) -> None:
        self.other.close()


def anatomy(on: BaseDatabaseWrapper) -> list[Any]:
    with on.cursor() as cursor:
        cursor.execute(ANATOMY)
        return cursor.fetchall()


def test_every_migration_gives_up_soon_or_passes_while_people_work(older: BaseDatabaseWrapper) -> None:
    name, gave_up = older.alias, []
    for step in later(older):
        before = anatomy(connections[name])
        try:
            with AtWork(connections[name]), impatient(connections[name], SOON_MS):
                executor(connections[name]).migrate([step])
        except OperationalError as error:
            assert isinstance(error.__cause__, LockNotAvailable), step  # noqa: PT017 -- or it passes, which is well
            migrate._let_go(name)
            assert anatomy(connections[name]) == before, step
            assert step not in MigrationRecorder(connections[name]).applied_migrations()
            gave_up.append(step)
            executor(connections[name]).migrate([step])
    assert later(connections[name]) == []
    assert len(gave_up) > 5, "or nobody held anything"


def test_a_step_in_python_and_one_in_sql_wait_no_longer(older: BaseDatabaseWrapper) -> None:
    """Those of libraries that set a limit for Django's own steps alone waited for ever here."""
    with AtWork(older), impatient(older, SOON_MS):
        for sql in ("ALTER TABLE annotations_person ADD COLUMN x int", "LOCK TABLE annotations_person"):
            with pytest.raises(OperationalError) as refused, older.cursor() as cursor:
                cursor.execute(f"BEGIN; {sql}")
            assert isinstance(refused.value.__cause__, LockNotAvailable)
            older.rollback()


def test_without_a_limit_it_waits_for_as_long_as_somebody_works(older: BaseDatabaseWrapper) -> None:
    """The twin: what another limit, of ten times as long, had to end."""
    with AtWork(older), impatient(older, 0), older.cursor() as cursor:
        cursor.execute("SET statement_timeout = '1500ms'")
        with pytest.raises(OperationalError) as ended:
            executor(older).migrate([later(older)[0]])
        assert isinstance(ended.value.__cause__, QueryCanceled)
        cursor.execute("RESET statement_timeout")


def test_the_command_tries_again_and_then_says_what_to_do(older: BaseDatabaseWrapper) -> None:
    told, before, name = StringIO(), anatomy(older), older.alias
    third = {"app_label": "annotations", "migration_name": "0003_rules_of_a_campaign", "database": name}
    with AtWork(older), pytest.raises(CommandError, match=r"in use.*changed nothing.*pg_stat_activity"):
        call_command("migrate", **third, tries=2, pause=0, verbosity=0, stderr=told)
    assert told.getvalue().count("A table is in use") == 1
    assert anatomy(connections[name]) == before
    call_command("migrate", database=name, tries=1, verbosity=0)
    assert later(connections[name]) == []
    with connections[name].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
