"""A database that an older Minka made goes on, or is left alone with a clear word."""

import inspect
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db


def made_by_an_older_one(but: int = 0) -> None:
    """What is written in the book of migrations there, where the last so many had not been there yet."""
    replacements = MigrationLoader(connection).replacements
    replaced = sorted(key for (app, _), each in replacements.items() if app == "annotations" for key in each.replaces)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'annotations'")
        cursor.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())",
            replaced[: len(replaced) - but],
        )


def migrated() -> str:
    told = StringIO()
    call_command("migrate", "--plan", database="default", stdout=told)
    return told.getvalue()


def test_a_database_with_all_that_was_before_goes_on() -> None:
    made_by_an_older_one()
    assert "annotations.0002_tables" not in migrated()


def test_a_first_start_that_was_interrupted_goes_on() -> None:
    """Django writes down what a migration took the place of: after our first it looks like an older Minka's."""
    made_by_an_older_one(14)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE annotations_variety RENAME TO not_made_yet")
    assert "annotations.0002_tables" in migrated()


@pytest.mark.parametrize("but", [1, 14])
def test_a_database_on_the_way_there_is_left_alone_with_a_clear_word(but: int) -> None:
    made_by_an_older_one(but)
    with pytest.raises(CommandError, match=r"lack .*annotations\.0015_queue.*Nothing was changed"):
        migrated()


def own_steps() -> Iterator[tuple[str, Callable[..., None]]]:
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in ("annotations", "minka"):
            for step in migration.operations:
                if isinstance(step, RunPython) and step.code.__module__ == migration.__module__:
                    yield f"{app} {name}", step.code


def test_a_step_of_our_own_writes_on_the_connection_that_migrates() -> None:
    """Any other waits for ever for the tables that were just changed; a test has one connection, and sees nothing."""
    steps = dict(own_steps())
    assert len(steps) >= 3
    uses = {
        name: inspect.getsource(code).count([*inspect.signature(code).parameters][1]) for name, code in steps.items()
    }
    assert [name for name, times in uses.items() if times < 2] == [], "named, and used"
