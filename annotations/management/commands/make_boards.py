"""`manage.py make_boards`: measure the newest release's boards now, and write the votes behind them."""

from typing import Any

from django.core.management.base import BaseCommand

from annotations.training.boards.actions import make_boards
from annotations.training.boards.files import folder_of
from annotations.training.boards.models import Board


class Command(BaseCommand):
    help = "Measure the boards of the newest release, also where they are there. The last line is the votes' folder."

    def handle(self, *_args: Any, **_options: Any) -> None:
        release = make_boards(again=True)
        if release is None:
            self.stdout.write("There is no release yet, or somebody is making its boards.")
            return
        self.stdout.write(f"{Board.objects.filter(release=release).count()} boards")
        self.stdout.write(str(folder_of(release.version)))
