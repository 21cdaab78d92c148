"""`manage.py verify_release DIR`: prove a release from its folder, or say what is wrong."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.datasets.verify import problems


class Command(BaseCommand):
    help = "Check a release: checksums, schema, rows, and that both books balance."
    requires_system_checks: list[str] = []  # it reads a folder, nothing else

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        found = problems(folder)
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} things are wrong with {folder}")
        self.stdout.write(f"{folder} is sound")
