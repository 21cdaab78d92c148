"""`manage.py approve_consent --by USERNAME`: what can be done in the panel, for a house that nobody can work in yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import Refused
from annotations.people.consenting.actions import approve_consent_text, note_consent_text
from annotations.people.models import Person
from annotations.people.texts import faults_of_consent


class Command(BaseCommand):
    help = (
        "Approve the consent text in MINKA_CONSENT_DIR, in the name of somebody who may (an administrator, a campaign"
        " lead). Two of them approve it, each having read it in every language; a minute later it is in force. The"
        " command takes their name from whoever runs the machine; the panel takes it from who is logged in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, help="username of whoever approves it")

    def handle(self, *_args: Any, by: str, **_options: Any) -> None:
        person = Person.objects.filter(username=by).first()
        if person is None:
            raise CommandError(f"there is nobody called {by}")
        if faults := list(faults_of_consent()):
            raise CommandError("\n".join(faults))
        text = note_consent_text()
        if text is None:
            raise CommandError("no consent text waits: what lies in MINKA_CONSENT_DIR is approved already")
        try:
            text = approve_consent_text(by=person, text=text, sha256=text.sha256)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        then = f"in force from {text.in_force_at:%F %T %Z}" if text.in_force_at else "a second person is needed"
        self.stdout.write(f"{text.name} ({', '.join(sorted(text.texts))}; {text.sha256}): approved by {by}; {then}")
