"""`manage.py api_token USERNAME`: a new token for the API, printed once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.people.actions import new_token
from annotations.people.models import Person


class Command(BaseCommand):
    help = "Print a new API token for a person. It cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *_args: Any, username: str, **_options: Any) -> None:
        try:
            person = Person.objects.get_by_natural_key(username)
        except Person.DoesNotExist:
            raise CommandError(f"nobody is called {username}") from None
        self.stdout.write(new_token(person=person))
