"""`manage.py backup`: the whole, now; the timer runs it every night."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from minka.services.backups import BackupError, Place, owner_url, take


class Command(BaseCommand):
    help = "Back up database and files into MINKA_BACKUPS. Secrets are not in it: keep them elsewhere."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            backup = take(Place.from_environment(), settings.MINKA_HOME, owner_url(settings.MINKA_HOME))
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(backup.folder))
