"""`manage.py restore`: a backup and the log after it, into a house that has no database."""

import datetime as dt
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from minka.services.backups import Backup, BackupError, Place, owner_url
from minka.services.postgres import PostgresError
from minka.services.restoring import chosen, lay_for_another, restore
from minka.services.up import ROOT, House, Trouble, embedded_database


def moment(text: str) -> dt.datetime:
    found = parse_datetime(text)
    if found is None:
        raise CommandError(f"{text!r} is not an ISO date and time, like 2026-11-23T06:00:00Z")
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


class Command(BaseCommand):
    help = "Bring the newest backup back, with all that happened since, into a MINKA_HOME that has no database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=moment, help="only to this moment; who was erased since is erased again")
        parser.add_argument("--anyway", action="store_true", help="also where something of it cannot be had")
        parser.add_argument("--into", type=Path, help="an empty folder, for a server of your own (docs/operate.md)")

    def handle(self, *_args: Any, to: dt.datetime | None, into: Path | None, anyway: bool, **_options: Any) -> None:
        house = House.from_environment()
        try:
            place = Place.from_environment()
            backup = chosen(place, to=to, anyway=anyway)
            if into:
                _refuse_living(house.home)
                lay_for_another(backup, into.absolute(), house.home, to=to, anyway=anyway)
                self.stdout.write(f"{into}: start the server on it, then `manage.py furnish`; docs/operate.md")
                return
            with house.occupied():
                self._bring_back(house, backup, to, anyway=anyway)
        except (BackupError, PostgresError, Trouble, OSError) as error:
            raise CommandError(str(error)) from error

    def _bring_back(self, house: House, backup: Backup, to: dt.datetime | None, *, anyway: bool) -> None:
        done = restore(backup, house.home, to=to, anyway=anyway)
        self.stdout.write(f"{backup.name} and the log after it: the last commit is of {done.until or 'then'}")
        with ExitStack() as stack:
            env = house.environment()
            embedded_database(house, env, stack)
            argv = [sys.executable, str(ROOT / "manage.py"), "furnish"]
            told = subprocess.run(argv, env={**os.environ, **env}, capture_output=True, text=True, check=False)  # noqa: S603
        self.stdout.write(told.stdout, ending="")
        if told.returncode:
            raise CommandError(
                "The database is in place, and what was to be done then was not done whole:\n"
                f"{told.stderr.strip()}\nMend it, and start the house: it does the rest before it opens."
            )
        backup.place.history.open()
        self.stdout.write("Done. Start the house: another history begins, and the receiver has it backed up at once.")


def _refuse_living(home: Path) -> None:
    """A house at work goes on writing into the history that a restore ends."""
    try:
        psycopg.connect(owner_url(home), connect_timeout=5).close()
    except (BackupError, psycopg.Error):
        return
    raise BackupError("the database of this house answers: stop the house and its server first")
