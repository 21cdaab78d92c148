"""`manage.py seed_volunteers N --variety TAG`: consenting volunteers with tokens, for rehearsals."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import Refused
from annotations.people.actions import new_token
from annotations.people.demo import volunteer


class Command(BaseCommand):
    help = "Make N consenting volunteers; prints USERNAME TOKEN, one a line. Refuses in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int)
        parser.add_argument("--variety", required=True, help="the tag of the variety they speak")

    def handle(self, *_args: Any, count: int, variety: str, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("this is production: no made-up people here")
        for _each in range(count):
            try:
                person = volunteer(f"volunteer-{secrets.token_hex(5)}", None, variety)
            except Refused as refused:
                raise CommandError(str(refused)) from refused
            self.stdout.write(f"{person.username} {new_token(person=person)}")
