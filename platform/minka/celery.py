"""Celery's app: jobs are found in the chapters' `jobs.py`, the timetable stands in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.settings")

app = Celery("minka")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [f"annotations.{chapter}" for chapter in ("assignments", "quality", "datasets")], related_name="jobs"
)
