"""`manage.py backup`: the whole, now; the timer runs it every night, and the receiver when a new history begins."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.letters import tell_controller
from minka.services.backups import BackupError, Place, owner_url, take
from minka.services.postgres import PostgresError


class Command(BaseCommand):
    help = (
        "Back up database and files into MINKA_BACKUPS. Fails, and writes to the controller, where none comes about."
        " Secrets are not in it: keep them elsewhere."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--gap", default="", help="what the receiver says of a log that could not go on")

    def handle(self, *_args: Any, gap: str, **_options: Any) -> None:
        if gap:
            self._tell("the log of the database has a gap", f"{gap}\n\nA backup is taken now; until it is there, what"
                       " is written from here on could not be brought back.")  # fmt: skip
        try:
            backup = take(Place.from_environment(), settings.MINKA_HOME, owner_url(settings.MINKA_HOME))
        except (BackupError, PostgresError, OSError) as error:
            told = str(error) or type(error).__name__
            self._tell("no backup came about", told)
            raise CommandError(told) from error
        self.stdout.write(str(backup.folder))

    def _tell(self, subject: str, text: str) -> None:
        try:
            tell_controller(subject, text)
        except OSError as error:
            self.stderr.write(f"No mail could be sent: {error}")
