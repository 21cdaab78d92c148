"""`manage.py load_seeds`: the tables the platform cannot work without; again without harm."""

from typing import Any

from django.core.management.base import BaseCommand

from annotations.people.seeding import load_varieties


class Command(BaseCommand):
    help = "Load the seed tables (varieties). Idempotent."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{load_varieties()} varieties")
