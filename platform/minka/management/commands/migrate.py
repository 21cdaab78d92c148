"""`manage.py migrate`, as the owner of the tables unless told otherwise: web and worker may not make any."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if missing := _missing(options["database"]):
            raise CommandError(
                f"This database was made by an older Minka, and its tables lack {', '.join(missing)}, which this one no"
                " longer has. Nothing was changed. Start the last version that has them once, then this one; or begin"
                " anew in another MINKA_HOME."
            )
        super().handle(*args, **options)


_OTHERS = "annotations_variety"
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
