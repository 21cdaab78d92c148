"""`manage.py name_edition VERSION SLUG --title … --why …`: a release gets a name, is kept, and can be cited."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.datasets.keeping.actions import name_edition
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.models import Person


class Command(BaseCommand):
    help = "Give a release a name of its own: it is kept for good, and can be cited."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("slug", help="its short name, for addresses")
        parser.add_argument("--title", required=True, help="as it is cited")
        parser.add_argument("--why", required=True, help="why it has a name")
        parser.add_argument("--by", help="username of whoever names it")

    def handle(self, *_args: Any, version: str, slug: str, title: str, why: str, by: str | None, **_more: Any) -> None:
        release = Release.objects.filter(version=version).first()
        if release is None:
            raise CommandError(f"there is no release {version}")
        person = Person.objects.filter(username=by).first() if by else None
        if by and person is None:
            raise CommandError(f"there is nobody called {by}")
        try:
            edition = name_edition(release=release, slug=slug, title=title, why=why, person=person)
        except Refused as refused:
            raise CommandError(f"{refused} {refused.errors or ''}".strip()) from refused
        self.stdout.write(f"{edition.slug}: {edition.title}")
