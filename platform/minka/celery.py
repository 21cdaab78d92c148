"""Celery's app: jobs are found in the chapters' `jobs.py`, the timetable stands in the settings."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.settings")

app = Celery("minka")
app.config_from_object("django.conf:settings", namespace="CELERY")
CHAPTERS = (
    "people.accounts", "people.rights", "assignments", "assignments.guests", "assignments.notes",
    "assignments.tallies", "writing.asking", "flagging", "reviewing", "quality", "quality.argilla", "datasets",
    "training", "training.boards", "training.here", "moderation.sanctions",
    "moderation.purges", "moderation.watch",
)  # fmt: skip
app.autodiscover_tasks([f"annotations.{chapter}" for chapter in CHAPTERS], related_name="jobs")


@worker_init.connect
@beat_init.connect
def _refuse_unsafe_start(**_signal: Any) -> None:
    from minka.security import refuse_unsafe_start  # Django is set up only now

    refuse_unsafe_start()
