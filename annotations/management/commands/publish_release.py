"""`manage.py publish_release`: settle what is due and publish; the last line printed is the release's folder."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.progress import on_the_disk
from annotations.datasets.proof import Unsound
from annotations.errors import Refused


def cutoff_argument(text: str) -> dt.datetime:
    """An ISO date and time; UTC when it names no zone."""
    moment = parse_datetime(text)
    if moment is None:
        raise CommandError(f"{text!r} is not an ISO date and time, like 2026-11-23T06:00:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


class Command(BaseCommand):
    help = "Publish a release of everything acknowledged up to the cutoff (now, when left out)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cutoff", type=cutoff_argument, help="ISO date and time, in the past")

    def handle(self, *_args: Any, cutoff: dt.datetime | None, **_options: Any) -> None:
        try:
            with self._telling():
                release = publish(cutoff=cutoff)
        except (Refused, Unsound) as refused:
            raise CommandError(str(refused)) from refused
        for config, splits in release.manifest["configs"].items():
            rows = ", ".join(f"{split} {count:,}" for split, count in splits.items())
            self.stdout.write(f"{config}: {rows}")
        self.stdout.write(str(folder_of(release.version)))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """How far it is, once a second, where somebody looks."""
        over = threading.Event()

        def tell() -> None:
            while not over.wait(1):
                if now := on_the_disk():
                    left = "" if now.seconds_left is None else f", about {now.seconds_left:.0f} s left"
                    told = f"{now.version}: {now.phase}, {now.done:,} of {now.of:,} ({now.percent} %){left}"
                    self.stderr.write(f"\r{told:<79}", ending="")
            self.stderr.write(f"\r{'':<79}\r", ending="")

        teller = threading.Thread(target=tell, daemon=True)
        if self.stderr.isatty():
            teller.start()
        try:
            yield
        finally:
            over.set()
            if teller.is_alive():
                teller.join()
