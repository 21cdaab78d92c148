"""`manage.py retract_release VERSION --reason … --why …`: a release is taken back at once, by who runs the machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.datasets.models import Release
from annotations.datasets.recalls.actions import retract
from annotations.datasets.recalls.models import REASONS
from annotations.errors import Refused


class Command(BaseCommand):
    help = (
        "Take a release back, for everybody and for good. In the panel this takes two people; here whoever runs the"
        " machine does it alone, and what changed is written down without a name."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--reason", required=True, choices=sorted(dict(REASONS)))
        parser.add_argument("--why", required=True, help="a sentence that everybody reads")

    def handle(self, *_args: Any, version: str, reason: str, why: str, **_options: Any) -> None:
        release = Release.objects.filter(version=version).first()
        if release is None:
            raise CommandError(f"there is no release {version}")
        try:
            retract(release=release, reason=reason, why=why)
        except Refused as refused:
            raise CommandError(f"{refused} {refused.errors or ''}".strip()) from refused
        self.stdout.write(f"{version} is taken back")
