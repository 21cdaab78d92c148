"""`manage.py affected_people --from ISO --to ISO`: whose data were there in a window of time, as CSV."""

import csv
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.management.commands.publish_release import cutoff_argument
from annotations.people.rights.queries import affected

COLUMNS = ("username", "email", "language", "countries", "joined", "active")


class Command(BaseCommand):
    help = "List people who had an account in a window of time, with countries, and whether they were active in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="start", type=cutoff_argument, required=True, help="ISO date and time")
        parser.add_argument("--to", dest="end", type=cutoff_argument, required=True, help="ISO date and time")

    def handle(self, *_args: Any, start: dt.datetime, end: dt.datetime, **_options: Any) -> None:
        if end < start:
            raise CommandError("the window ends before it begins")
        table = csv.writer(self.stdout)
        table.writerow(COLUMNS)
        for each in affected(start, end):
            person = each.person
            table.writerow([
                person.username, person.email, person.language, " ".join(each.countries),
                person.date_joined.isoformat(), "yes" if each.active else "no",
            ])  # fmt: skip
