"""A first start makes all tables at once: the database is the one that the migrations make, one by one."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from minka import at_once
from tests.house.test_locked import an_older, executor

WHAT = {
    "columns": """
        SELECT table_schema, table_name, column_name, udt_name, character_maximum_length, numeric_precision,
               is_nullable, column_default, is_identity, identity_generation, is_generated, generation_expression,
               collation_name
          FROM information_schema.columns""",
    "constraints": """
        SELECT connamespace::regnamespace::text, conrelid::regclass::text, contype::text,
               CASE WHEN contype IN ('c', 'u', 'x') THEN conname END, pg_get_constraintdef(oid)
          FROM pg_constraint""",
    "indexes": "SELECT schemaname, tablename, regexp_replace(indexdef, ' \\S+_pkey ON', '') FROM pg_indexes",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT pronamespace::regnamespace::text, proname, prosrc, prosecdef, proacl::text FROM pg_proc",
    "views": "SELECT schemaname, viewname, definition FROM pg_views",
    "policies": "SELECT schemaname, tablename, policyname, cmd, qual, with_check FROM pg_policies",
    "tables": """
        SELECT relnamespace::regnamespace::text, relname, relkind::text, relpersistence::text, relrowsecurity,
               relacl::text, reloptions::text
          FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'S', 'p')""",
}
NOT_OURS = ("pg_catalog", "information_schema", "pg_toast")


def anatomy(on: BaseDatabaseWrapper) -> dict[str, list[Any]]:
    """Whatever a database is made of, but the order of columns, and the names of keys, which stay as they were when
    a table is renamed."""
    found = {}
    with on.cursor() as cursor:
        for name, asked in WHAT.items():
            cursor.execute(asked)
            found[name] = sorted({str(row) for row in cursor.fetchall() if row[0] not in NOT_OURS})
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
        )
        found["rows"] = [table for (table,) in cursor.fetchall() if holds(cursor, table)]
    return found


def holds(cursor: Any, table: str) -> bool:
    cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
    return bool(cursor.fetchone()[0])


@pytest.fixture(scope="module")
def one_by_one(django_db_setup: None, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    with django_db_blocker.unblock(), an_older("minka_one_by_one", "template0") as on:
        executor(on).migrate(executor(on).loader.graph.leaf_nodes())
        yield on


@pytest.fixture
def empty(django_db_setup: None, django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    with django_db_blocker.unblock(), an_older("minka_at_once", "template0") as on:
        yield on


def test_made_at_once_a_database_is_what_the_migrations_make(
    one_by_one: BaseDatabaseWrapper, empty: BaseDatabaseWrapper
) -> None:
    at_once.make(empty)
    made, expected = anatomy(empty), anatomy(one_by_one)
    assert len(made["triggers"]) > 100
    differs = {name: sorted(set(made[name]) ^ set(rows)) for name, rows in expected.items() if made[name] != rows}
    assert differs == {}
    applied = set(MigrationRecorder(empty).applied_migrations())
    assert applied == set(MigrationRecorder(one_by_one).applied_migrations())
    assert executor(empty).migration_plan(executor(empty).loader.graph.leaf_nodes()) == []


def test_interrupted_it_leaves_nothing_and_is_begun_anew(
    empty: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_told: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MigrationRecorder, "record_applied", cut)
        with pytest.raises(KeyboardInterrupt):
            at_once.make(empty)
    assert at_once.is_empty(empty)
    call_command("migrate", database=empty.alias, verbosity=0)
    assert not at_once.is_empty(empty)


@pytest.mark.parametrize("asked", [["--check"], ["--plan"]])
def test_asked_for_something_else_no_table_is_made(empty: BaseDatabaseWrapper, asked: list[str]) -> None:
    with suppress(SystemExit):  # --check: there is something to do
        call_command("migrate", *asked, database=empty.alias, verbosity=0)
    assert not {"annotations_variety", "auth_group"} & set(empty.introspection.table_names())
