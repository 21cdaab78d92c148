"""Publishers that do it wrong, so that what proves the right one is proven itself: `python -m tests.datasets.sabotage
WRONG publish_release …` is `manage.py publish_release …` with one thing changed.

`in_place` writes a release where it is read. `row_first` says that it is there before it is: a moment later it is put
into its place.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.core.management import execute_from_command_line


def in_place() -> None:
    from annotations.datasets import actions

    def publish(terms: Any, replaces: Any = None) -> Any:
        facts = {"version": terms.version, "cutoff": terms.cutoff, "replaces": replaces}
        release = actions.Release.objects.create(manifest={}, **facts)
        final = actions.folder_of(terms.version)
        with actions.open_snapshot() as snapshot:
            actions.write(final, actions.Live(snapshot, terms, release), terms)
        release.manifest = actions.prove(final)
        release.release_id = release.manifest["release_id"]
        release.save()
        actions.keep_previews(release, final)
        return release

    actions._publish = publish


def row_first() -> None:
    from annotations.datasets import actions

    put, keep_previews, point_latest = actions.put, actions.keep_previews, actions.point_latest
    later: list[tuple[Path, Path]] = []

    def pointing() -> None:
        time.sleep(30)  # until it is killed
        put(*later.pop())
        point_latest()

    actions.put = lambda staging, final: later.append((staging, final))
    actions.keep_previews = lambda release, final: keep_previews(release, later[0][0])
    actions.point_latest = pointing


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "minka.settings"
    django.setup()
    {"in_place": in_place, "row_first": row_first}[sys.argv[1]]()
    execute_from_command_line(sys.argv[1:])
