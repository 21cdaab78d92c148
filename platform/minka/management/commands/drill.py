"""`manage.py drill`: would the newest backup bring everything back? The timer asks every night."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

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
            self._tell(told)
            raise CommandError(f"This backup would not bring everything back:\n{told}")
        amount = f"{report['tables']} tables, {report['rows']:,} rows, {report['files']} files"
        self.stdout.write(f"{report['backup']}: {amount}, all as they were, in {report['seconds']} s")

    def _tell(self, told: str) -> None:
        contact = settings.MINKA_CONTROLLER["controller_contact"]
        if "@" not in contact:
            return
        try:
            send_mail(f"{settings.MINKA_SITE_NAME}: the backup is not sound", told, None, [contact])
        except OSError as error:
            self.stderr.write(f"No mail could be sent: {error}")
