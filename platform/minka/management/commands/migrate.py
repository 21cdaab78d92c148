"""`manage.py migrate`, as the owner of the tables unless told otherwise: web and worker may not make any.

While a migration waits for a lock, everybody who comes after waits behind it. So none waits longer than a moment: it
gives up, which leaves everything as it was before it, and is tried again a little later.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import LockNotAvailable

from minka import at_once

WAITS_MS: Final = 2_000
"""So long a step waits for a lock, and whoever comes after it waits with it."""
TRIES: Final = 20
PAUSE_S: Final = 5.0
"""Together nearly two minutes: longer than a page, a job or a dump of ours reads in one go."""


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
        parser.add_argument("--tries", type=int, default=TRIES, help="how often it is tried where tables are in use")
        parser.add_argument("--pause", type=float, default=PAUSE_S, help="seconds between two tries")

    def handle(self, *args: Any, **options: Any) -> None:
        if missing := _missing(options["database"]):
            raise CommandError(
                f"This database was made by an older Minka, and its tables lack {', '.join(missing)}, which this one no"
                " longer has. Nothing was changed. Start the last version that has them once, then this one; or begin"
                " anew in another MINKA_HOME."
            )
        tries, pause = options.pop("tries"), options.pop("pause")
        for left in range(tries - 1, -1, -1):
            try:
                with impatient(connection := connections[options["database"]]):
                    if not any(options[each] for each in _PARTLY) and at_once.is_empty(connection):
                        at_once.make(connection)
                        if options["verbosity"]:
                            self.stdout.write("There were no tables: all were made at once.")
                    super().handle(*args, **options)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                _let_go(options["database"])
                self._put_off(error, left, pause)

    def _put_off(self, error: OperationalError, left: int, pause: float) -> None:
        """Wait for the next try, or give up with a clear word."""
        why = str(error).strip().replace("\n", " ")
        if not left:
            raise CommandError(
                f"A table is in use and was not let go of ({why}). The migration that needs it changed nothing; those"
                " before it stand. Run it again when it is quieter; who holds what stands in pg_stat_activity."
            ) from error
        self.stderr.write(f"A table is in use ({why}); {left} more tries, the next in {pause:g} s.")
        time.sleep(pause)


@contextmanager
def impatient(connection: BaseDatabaseWrapper, milliseconds: int = WAITS_MS) -> Iterator[None]:
    """Inside, no statement on this connection waits longer for a lock, whoever sends it: a step in Python or in SQL
    too. Who has waited so long gets `OperationalError`, of `psycopg.errors.LockNotAvailable`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{milliseconds}ms"])
    try:
        yield
    finally:
        if not connection.in_atomic_block:  # else it goes with the transaction
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def _let_go(database: str) -> None:
    """Begin anew on another connection: Django leaves its transaction open where what it had put off fails."""
    connections[database].close()
    del connections[database]


_PARTLY: Final = ("app_label", "plan", "check_unapplied", "fake", "prune")
"""Options with which something else is asked for than that all migrations are applied."""
_OTHERS: Final = "annotations_variety"
"""A table that older first migrations made together with a person's, and ours makes with all others."""


def _missing(database: str) -> list[str]:
    """The migrations that one of ours took the place of, where the database has gone part of the way and no file is
    left to go the rest. Django would take it for whole."""
    recorded = MigrationRecorder(connections[database]).applied_migrations()
    loader = MigrationLoader(connections[database])
    replaced = [key for migration in loader.replacements.values() for key in migration.replaces]
    begun = {app for app, name in replaced if (app, name) in recorded}
    if _OTHERS not in connections[database].introspection.table_names():
        begun.discard("annotations")  # ours, interrupted after the first: it goes on
    return [
        f"{app}.{name}"
        for app, name in replaced
        if app in begun and (app, name) not in recorded and (app, name) not in loader.disk_migrations
    ]
