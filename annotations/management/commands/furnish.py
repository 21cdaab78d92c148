"""`manage.py furnish`: what a house needs before it opens, in one process, since each takes two seconds to begin."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Make or change the tables, load the seeds, do what a restore left to be done; --demo: the demo. Idempotent."
    requires_system_checks = ()  # `migrate` runs them, and there is nothing to check them against before

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="and the demo community, where nobody is there yet")

    def handle(self, *_args: Any, demo: bool, **_options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_seeds", verbosity=0, stdout=self.stderr)
        if settings.MINKA_PROMISES.exists():
            call_command("after_restore", str(settings.MINKA_PROMISES), stdout=self.stdout)
        if demo:
            call_command("seed_demo", if_empty=True, stdout=self.stdout)
