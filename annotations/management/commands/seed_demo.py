"""`manage.py seed_demo`: the demo community, its people and its prompts."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.assignments.demo import seed_campaigns
from annotations.people.demo import cast, give_roles, seed_people
from annotations.people.models import Person
from annotations.people.texts import consent_version


class Command(BaseCommand):
    help = "Load the demo community; prints its people and their passwords. Refuses in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="only where nobody has an account yet")

    def handle(self, *_args: Any, if_empty: bool, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("this is production: no demo people here")
        if not consent_version():
            self.stdout.write(
                "  no demo people yet: the text in MINKA_CONSENT_DIR waits for two (approve_consent, then seed_demo)"
            )
            return
        if not if_empty or not Person.objects.exists():
            seed_people()
            seed_campaigns()
        else:
            give_roles()
        for member, password in cast():
            self.stdout.write(f"  {member.username:<8} {password}   {member.role}")
