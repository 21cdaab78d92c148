"""`manage.py load_items CAMPAIGN FILE`: import prompts and outputs to be judged."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.core.validators import validate_slug

from annotations.assignments.api import checked
from annotations.assignments.imports import load_items
from annotations.assignments.models import Campaign
from annotations.corpus.lines import open_file


class Command(BaseCommand):
    help = "Import items from JSONL, CSV or Parquet. A campaign that does not exist is made for what its first is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="the campaign's slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--strict", action="store_true", help="refuse the whole file when one line is refused")

    @no_translations
    def handle(self, *_args: Any, campaign: str, file: Path, strict: bool, **_options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not a file")
        try:
            validate_slug(campaign)
        except ValidationError:
            raise CommandError(f"{campaign!r} is no name for a campaign: letters, digits, - and _ only") from None
        target, new = Campaign.objects.get_or_create(slug=campaign, defaults={"name": campaign})
        report = load_items(campaign=target, lines=checked(open_file(file), file.name), strict=strict)
        if new and (first := target.items.order_by("pk").first()):
            target.kind = first.kind
            target.save(update_fields=["kind"])
        for problem in report.refused:
            self.stderr.write(f"{file.name}: {problem} [{problem.code}]")
        if report.refused_lines > len(report.refused):
            self.stderr.write(f"… and {report.refused_lines - len(report.refused)} more")
        self.stdout.write(
            f"{report.added} added, {report.known} known, {report.held_back} held back, {report.refused_lines} refused"
        )
        if report.refused_lines and (strict or not report.added + report.known):
            raise CommandError("nothing was added")
