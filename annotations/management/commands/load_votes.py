"""`manage.py load_votes DOCUMENT FILE --by USERNAME`: votes that people gave elsewhere, under a document of theirs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations

from annotations.datasets.external.actions import bring_in
from annotations.datasets.external.lines import SUFFIXES
from annotations.datasets.external.queries import votes_of
from annotations.errors import Refused
from annotations.people.models import Person


class Command(BaseCommand):
    help = "Bring in votes that were given elsewhere, from JSONL or CSV. They stand apart, in the config `external`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", help="the consent or agreement under which they were given: its name or number")
        parser.add_argument("file", type=Path)
        parser.add_argument("--licence", default="", help="of lines that name none, an SPDX identifier")
        parser.add_argument("--by", required=True, help="who answers for it: the user name of a campaign lead")
        parser.add_argument("--only-try", action="store_true", help="say what would be done, and add nothing")

    @no_translations
    def handle(
        self, *_args: Any, document: str, file: Path, licence: str, by: str, only_try: bool, **_options: Any
    ) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not a file")
        if file.suffix.lower() not in SUFFIXES:
            raise CommandError(f"{file} is no JSONL and no CSV")
        person = Person.objects.filter(username=by).first()
        if person is None:
            raise CommandError(f"there is no account called {by}")
        try:
            with file.open("rb") as raw:
                lines = votes_of(file.name, raw, licence.strip())
                report = bring_in(by=person, document=document, lines=lines, only_try=only_try)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        for problem in report.refused:
            self.stderr.write(f"{file.name}: {problem} [{problem.code}]")
        if report.refused_lines > len(report.refused):
            self.stderr.write(f"… and {report.refused_lines - len(report.refused)} more")
        said = f"{report.added} added, {report.known} known, {report.held_back} held back"
        said += f", {report.refused_lines} refused"
        self.stdout.write(f"{said}; nothing was changed" if only_try else said)
        if report.refused_lines and not report.added + report.known:
            raise CommandError("nothing was added")
