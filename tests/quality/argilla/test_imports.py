"""Argilla's client is loaded where something is sent, and nowhere else: a web process would pay 136 MB for nothing."""

import os
import subprocess
import sys

import pytest

from annotations.quality.argilla.port import DeskFailed
from annotations.quality.argilla.sdk import Client

WEB = """
import sys
from minka.wsgi import application
from django.contrib import admin
from django.urls import get_resolver
assert list(get_resolver().url_patterns) and admin.site._registry
import annotations.quality.argilla.jobs, annotations.datasets.jobs, minka.celery
{more}
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("argilla", "datasets", "pandas")))
"""


def loaded(more: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WEB.format(more=more)], env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_web_process_and_the_jobs_load_none_of_it(client: None) -> None:
    assert loaded() == "[]"


def test_what_sends_does(client: None) -> None:
    """The twin."""
    sent = """
from annotations.quality.argilla.port import DeskFailed
from annotations.quality.argilla.sdk import Client
try:
    Client("http://127.0.0.1:9", "minka", key="x").push("x", [])
except DeskFailed as failed:
    assert failed.code == "no_connection", failed
"""
    assert "argilla" in loaded(sent)


def test_where_it_is_not_installed_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argilla", None)
    with pytest.raises(DeskFailed, match="no_client"):
        Client("http://127.0.0.1:9", "minka", key="x").push("x", [])
