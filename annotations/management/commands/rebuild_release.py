"""`manage.py rebuild_release VERSION DIR`: write a release again from what it kept; the same bytes, or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.datasets.membership import Lost
from annotations.datasets.proof import Unsound
from annotations.datasets.rebuilding import rebuild
from annotations.errors import Refused


class Command(BaseCommand):
    help = "Write a release again as it was published, whatever happened since; not what was recalled."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("folder", type=Path, help="a folder that is not there yet, or is empty")

    def handle(self, *_args: Any, version: str, folder: Path, **_options: Any) -> None:
        try:
            rebuild(version=version, folder=folder)
        except Refused as refused:
            if refused.code == "recalled":
                self._tell(refused.errors)
            raise CommandError(str(refused)) from refused
        except (Unsound, Lost) as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(str(folder))

    def _tell(self, gone: dict[str, Any]) -> None:
        """What must go, wherever it is, and what comes instead."""
        for config, records in gone.get("records", {}).items():
            for record in records:
                self.stderr.write(f"{config} {record}")
        if after := gone.get("replaced_by"):
            self.stderr.write(f"The release in its place is {after}.")
        if why := gone.get("why"):
            self.stderr.write(f"It was taken back: {why}")
