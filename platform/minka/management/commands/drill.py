"""`manage.py drill`: would the newest backup bring everything back? The timer asks every night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.letters import tell_controller
from minka.services.backups import BackupError, Place
from minka.services.restoring import drill


class Command(BaseCommand):
    help = (
        "Restore the newest backup into an empty place and compare. Fails, and writes to the controller, if it is not."
    )
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            report = drill(Place.from_environment())
        except BackupError as error:
            report = {"problems": [str(error)]}
        if problems := report["problems"]:
            told = "\n".join(f"- {each}" for each in problems)
            try:
                tell_controller("the backup is not sound", told)
            except OSError as error:
                self.stderr.write(f"No mail could be sent: {error}")
            raise CommandError(f"This backup would not bring everything back:\n{told}")
        amount = f"{report['tables']} tables, {report['rows']:,} rows, {report['files']} files"
        self.stdout.write(f"{report['backup']}: {amount}, all as they were, in {report['seconds']} s")
