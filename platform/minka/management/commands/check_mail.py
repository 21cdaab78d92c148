"""`manage.py check_mail ADDRESS`: does mail leave this house? A letter is sent, and what the server says is told."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email


class Command(BaseCommand):
    help = "Send a letter to an address, as the house would, and say what became of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *_args: Any, address: str, **_options: Any) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(f"{address!r} is no address") from error
        name, sender = settings.MINKA_SITE_NAME, settings.DEFAULT_FROM_EMAIL
        words = f"Mail from {name} arrives. Whether it came as spam says how the next ones will come."
        try:
            send_mail(f"{name}: mail arrives", words, None, [address])
        except (OSError, UnicodeError) as error:  # all of smtplib's are among them
            raise CommandError(f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} did not take it: {error}") from error
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            raise CommandError(f"EMAIL_URL is not set: the letter is a file in {settings.EMAIL_FILE_PATH}")
        self.stdout.write(f"{settings.EMAIL_HOST} took a letter from {sender} to {address}. Look whether it is there.")
