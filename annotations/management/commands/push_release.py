"""`manage.py push_release VERSION TARGET [--dry-run]`: send a release to a target of `MINKA_RELEASE_TARGETS`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.datasets.models import Release
from annotations.datasets.proof import Unsound
from annotations.datasets.targets.actions import plan, push
from annotations.datasets.targets.port import TargetFailed
from annotations.errors import Refused


class Command(BaseCommand):
    help = "Send a release to a target; what is there already is not sent again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("target", help="a name of MINKA_RELEASE_TARGETS")
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")

    def handle(self, *_args: Any, version: str, target: str, dry_run: bool, **_options: Any) -> None:
        release = Release.objects.filter(version=version).first()
        if release is None:
            raise CommandError(f"there is no release {version}")
        try:
            if dry_run:
                self._tell(release, target)
            else:
                delivery = push(release=release, target=target, told=self.stdout.write)
                self.stdout.write(f"{version} is at {delivery.place}: {len(delivery.files)} files, all sums hold")
        except TargetFailed as wrong:
            known = ", ".join(settings.MINKA_RELEASE_TARGETS) or "none"
            more = f"; the targets are: {known}" if wrong.code == "not_a_target" else ""
            raise CommandError(f"{target}: {wrong.code}{more}") from None
        except (Refused, Unsound) as wrong:
            raise CommandError(str(wrong)) from wrong

    def _tell(self, release: Release, target: str) -> None:
        found = plan(release=release, target=target)
        for name, size in found.files.items():
            self.stdout.write(f"{size:>12,}  {name}")
        would = f"{len(found.files)} files, {sum(found.files.values()):,} bytes would go to {found.place}"
        self.stdout.write(f"{would}; {found.there} are there")
