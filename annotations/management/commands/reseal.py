"""`manage.py reseal`: after the master key was changed, seal all that is sealed under the new one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.people.keys import seal_anew


class Command(BaseCommand):
    help = "Seal sensitive facts and second steps under MINKA_MASTER_KEY; MINKA_MASTER_KEY_OLD is what they open with."
    requires_system_checks = ()
    """One of them refuses a key that opens nothing, and this is how to go on with it."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forget", action="store_true", help="delete what opens under neither key: it is lost")

    def handle(self, *_args: Any, forget: bool, **_options: Any) -> None:
        done = seal_anew(forget=forget)
        self.stdout.write(f"{done.sealed} sealed under MINKA_MASTER_KEY")
        if done.closed and not forget:
            raise CommandError(f"{done.closed} open under neither key; docs/keys.md says what can be done")
        if done.closed:
            self.stdout.write(f"{done.closed} opened under neither key and are deleted")
