"""`manage.py load_glossary FILE`: how terms are to be translated, from a CSV; again without harm."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.translating.actions import load_glossary


class Command(BaseCommand):
    help = "Load a glossary: CSV in UTF-8 with source_variety,variety,term,translation,note. Idempotent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        try:
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            raise CommandError(f"{file} cannot be read as UTF-8: {fault}") from None
        report = load_glossary(text.splitlines(keepends=True))
        for problem in report.problems:
            self.stderr.write(f"{file.name}: {problem}")
        self.stdout.write(
            f"{report.added} added, {report.changed} changed, {report.same} known, {len(report.problems)} refused"
        )
        if report.problems and not report.added + report.changed + report.same:
            raise CommandError("nothing was added")
