"""`manage.py invite_expert USERNAME`: an account at the desk of the experts, with its password, told once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import Refused
from annotations.people.models import Person
from annotations.quality.argilla.actions import invite
from annotations.quality.argilla.link import desk
from annotations.quality.argilla.port import DeskFailed


class Command(BaseCommand):
    help = "Give an anchor an account at the desk of the experts (Argilla). Needs the key of an owner there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *_args: Any, username: str, **_options: Any) -> None:
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"there is nobody called {username}")
        try:
            invited = invite(person=person, by=None, desk=desk())
        except Refused as refused:
            raise CommandError(str(refused)) from None
        except DeskFailed as failed:
            raise CommandError(f"the desk: {failed.code} {failed.says}".strip()) from None
        told = f" with the password {invited.password}" if invited.password else ", as before"
        self.stdout.write(f"{username} is {invited.expert.name} at the desk{told}")
