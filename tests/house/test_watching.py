"""The house is watched: requests have names that follow into jobs and logs, numbers are right over all processes, and
whoever watches asks for numbers that are there."""

import json
import logging
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.app.task import Context
from celery.signals import task_postrun, task_prerun
from django.db import DatabaseError
from django.test import Client, override_settings
from django.urls import path

from annotations.people.accounts.jobs import mail_ways_back
from minka import metrics
from minka.celery import app
from minka.logs import JSONLine, formatter, request_id
from minka.urls import handler404, handler500, urlpatterns
from tests.cast import work_off

__all__ = ["handler404", "handler500"]
ROOT = Path(__file__).parents[2]
WATCHING = ROOT / "deploy" / "watching"
NAMED = re.compile(r"\bminka_[a-z_]+")


def breaks(_request: Any) -> Any:
    mail_ways_back.delay([], "es", "http://localhost")
    raise RuntimeError("from 203.0.113.77")


urlpatterns = [*urlpatterns, path("breaks/", breaks)]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def told(client: Client) -> dict[str, float]:
    rows = client.get("/metrics").content.decode().splitlines()
    return {name: float(value) for name, value in (row.rsplit(" ", 1) for row in rows if not row.startswith("#"))}


# Names of requests ---------------------------------------------------------------------------------------------------


def test_a_request_keeps_the_name_it_came_with_if_it_can_say_nothing(client: Client) -> None:
    given = str(uuid.uuid4())
    assert client.get("/livez", headers={"X-Request-ID": given})["X-Request-ID"] == given.replace("-", "")
    for odd in ("", "ana@example.org", "x" * 32, given + "0", "\n" + given):
        made = client.get("/livez", headers={"X-Request-ID": odd})["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{32}", made)
        assert made not in odd
    assert request_id.get() == "", "and nobody else has it"


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_what_breaks_is_logged_under_the_requests_name_and_so_is_the_job_it_left(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = uuid.uuid4().hex
    (ours,) = [handler for handler in logging.root.handlers if handler.formatter.__class__.__module__ == "minka.logs"]
    monkeypatch.setattr(ours, "stream", sys.stderr)
    assert client.get("/breaks/", headers={"X-Request-ID": given}).status_code == 500
    line = capsys.readouterr().err
    assert f"ERROR {given} django.request Internal Server Error: /breaks/" in line
    assert "203.0.113.0" in line
    ((_arguments, message),) = work_off()
    assert given in message


def test_the_worker_takes_the_name_up_and_lays_it_down() -> None:
    seen: list[str] = []

    @app.task(name="tests.looks")
    def looks() -> None:
        seen.append(request_id.get())

    given, own = uuid.uuid4().hex, uuid.uuid4()
    for came_along in ({"minka_request_id": given}, {}):
        looks.request_stack.push(Context(came_along))
        task_prerun.send(sender=looks, task=looks, task_id=str(own))
        looks.run()
        task_postrun.send(sender=looks, task=looks)
        looks.request_stack.pop()
    del app.tasks["tests.looks"]
    assert seen == [given, own.hex], "what the timetable sends is its own request"
    assert request_id.get() == ""


# Lines ---------------------------------------------------------------------------------------------------------------


def test_lines_as_objects_say_the_same_and_name_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINKA_LOGS", "json")
    lines = formatter("%(message)s")
    assert isinstance(lines, JSONLine)
    said = "broken\nDETAIL:  Key (lower(username))=(ana) already exists."
    try:
        raise DatabaseError(said)
    except DatabaseError as fault:
        trace = (type(fault), fault, fault.__traceback__)
        record = logging.LogRecord("minka", 40, "", 0, "login of %s", ("203.0.113.78",), trace)
    line = lines.format(record)
    found = json.loads(line)
    assert "\n" not in line
    assert (found["level"], found["logger"], found["message"]) == ("ERROR", "minka", "login of 203.0.113.0")
    assert "DatabaseError" in found["trace"]
    assert "ana" not in line


# Numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_what_breaks_is_counted(client: Client) -> None:
    before = told(client).get('minka_http_responses_total{status="5xx"}', 0)
    client.get("/breaks/")
    assert told(client)['minka_http_responses_total{status="5xx"}'] == before + 1


@pytest.mark.django_db
def test_without_a_database_the_rest_is_still_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise DatabaseError

    monkeypatch.setattr(metrics, "progress", away)
    found = told(client)
    assert found["minka_database_up"] == 0
    assert "minka_disk_free_ratio" in found
    assert "minka_judgements" not in found


def test_two_processes_count_together(tmp_path: Path) -> None:
    surroundings = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "minka.settings"}
    program = (
        "import django; django.setup(); from minka import metrics\n"
        "metrics.RESPONSES.labels('2xx').inc(3); print(metrics._counted().decode())"
    )
    for expected in (3.0, 6.0):
        argv = [sys.executable, "-c", program]
        done = subprocess.run(argv, env=surroundings, cwd=ROOT, check=True, capture_output=True, text=True)
        assert f'minka_http_responses_total{{status="2xx"}} {expected}' in done.stdout


@pytest.mark.django_db
def test_whoever_watches_asks_for_numbers_that_are_there(client: Client) -> None:
    """Of counts without an event yet only the description is there."""
    text = client.get("/metrics").content.decode()
    there = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)) | {row.split("{")[0] for row in text.splitlines()}
    there |= {f"{name}_bucket" for name in there}
    for file in ("alerts.yml", "dashboard.json"):
        named = set(NAMED.findall((WATCHING / file).read_text("utf-8")))
        assert len(named) > 5
        assert named - there == set(), file


def test_prometheus_asks_where_the_proxy_answers() -> None:
    (job,) = yaml.safe_load((WATCHING / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (address,) = job["static_configs"][0]["targets"]
    assert f"listen {address};" in (ROOT / "deploy/one-machine/nginx.conf").read_text("utf-8")


def test_the_dashboard_is_one() -> None:
    board = json.loads((WATCHING / "dashboard.json").read_text("utf-8"))
    assert all(panel["targets"] for panel in board["panels"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
