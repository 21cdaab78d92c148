"""`manage.py after_restore [FILE]`: what a restored house does before anybody enters. `furnish` runs it where a restore
left a file; it goes when all of it is done."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.datasets.external.actions import withdraw_again
from annotations.datasets.restoring import make_true
from annotations.people.keys import key_opens
from annotations.people.rights.again import keep_promises


class Command(BaseCommand):
    requires_system_checks = ()  # what lacks for opening lacks for nothing here
    help = "Erase again who was erased after the moment restored to, and write releases again whose files are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("promises", type=Path, nargs="?", help="what `restore --to` wrote down")

    def handle(self, *_args: Any, promises: Path | None, **_options: Any) -> None:
        asked = json.loads(promises.read_text("utf-8")) if promises else {}
        if asked:
            gone, back = keep_promises(erased=asked["erased"], consents=asked["consents"])
            out = sum(withdraw_again(document=document, why=why) for document, why in asked["documents"])
            self.stdout.write(
                f"Erased again: {gone}. Consent taken back again: {back}. Documents withdrawn again: {out}."
            )
        made = make_true(asked.get("recalled", ()))
        if promises:
            promises.unlink()
        self.stdout.write(f"Releases recalled again: {', '.join(made.recalled) or 'none'}.")
        self.stdout.write(f"Releases written again: {', '.join(made.written) or 'none'}.")
        if made.lost:
            raise CommandError(f"These releases are lost, retract them in the panel: {', '.join(made.lost)}.")
        if not key_opens():
            raise CommandError(
                "What is sealed does not open with MINKA_MASTER_KEY: give the key of then (docs/keys.md)."
            )
