"""The whole house as one starts it: web, worker, timetable, queue and database, driven from outside.

Three people's votes over HTTP are settled by the timetable's job; a release is published and proved by the commands;
then everything is killed at once, and a new start finds it all. A way back that the web leaves to the queue is mailed
by the worker, and only to whom there is.
"""

import json
import os
import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.house import House, started
from tests.cast import line

GROUND = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_EXPORT_URL")


@pytest.fixture
def _without_the_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house brings its own database; the one under the other tests stays out of its environment."""
    for name in (*GROUND, "MINKA_HOME"):
        monkeypatch.delenv(name, raising=False)


def call(house: House, token: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    request = urllib.request.Request(
        house.url + path,
        json.dumps(body).encode() if body is not None else None,
        {"Authorization": f"Token {token}", "Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            data = response.read()
            return response.status, json.loads(data) if data else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def metric(house: House, name: str) -> float:
    with urllib.request.urlopen(f"{house.url}/metrics", timeout=20) as response:
        lines = response.read().decode().splitlines()
    return next(float(each.split()[1]) for each in lines if each.startswith(f"{name} "))


def wait_for(what: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.5)


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid) for pid in pids)


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.usefixtures("_without_the_ground")
def test_votes_are_settled_released_and_survive_a_kill_of_everything(tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text(json.dumps(line("uno")) + "\n", "utf-8")
    home = tmp_path / "home"
    home.mkdir()
    with started(home) as house:
        house.manage("load_items", "prueba", str(items))
        people = [row.split() for row in house.manage("seed_volunteers", "3", "--variety", "es-CL").splitlines()]
        for _name, token in people:
            status, turn = call(house, token, "POST", "/api/v1/campaigns/prueba/next/", {})
            assert status == 200
            place = next(o["key"] for o in turn["item"]["outputs"] if o["text"].startswith("Respuesta larga"))
            body = {"assignment": turn["assignment"], "answer": {"preferred": place, "strength": 2}}
            assert call(house, token, "PUT", f"/api/v1/judgements/{uuid.uuid4()}/", body)[0] == 201
        wait_for(lambda: metric(house, "minka_cells_settled") == 1, 100)

        folder = house.manage("publish_release").splitlines()[-1]
        assert house.manage("verify_release", folder).strip().endswith("is sound")
        manifest = json.loads((Path(folder) / "manifest.json").read_text())
        assert sum(manifest["configs"]["preference"].values()) == 1
        assert manifest["books"] == {"judgements": 3, "items": {"vote": 1}, "external": 0}

        everything = house.processes()
        for pid in everything:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        house.process.wait()
        wait_for(lambda: gone(everything), 20)
    with started(home) as house:
        assert metric(house, "minka_judgements") == 3
        assert house.manage("publish_release", "--cutoff", manifest["cutoff"]).splitlines()[-1] == folder
        everything = house.processes()
    wait_for(lambda: gone(everything), 20)


@pytest.mark.usefixtures("_without_the_ground")
def test_a_way_back_goes_through_the_queue_to_who_is_there(tmp_path: Path) -> None:
    home, mail = tmp_path / "home", tmp_path / "home" / "mail"
    home.mkdir()
    with started(home) as house:
        made = "create_user('marta', 'muy-larga-y-rara', email='marta@example.org')"
        house.manage("shell", "-v", "0", "-c", f"from annotations.people.models import Person; Person.objects.{made}")
        for address in ("nobody@example.org", "marta@example.org"):
            ask_for_a_way_back(house, address)
        wait_for(lambda: any(mail.glob("*.log")), 30)
        (letter,) = (path.read_text("utf-8") for path in mail.glob("*.log"))
    assert "To: marta@example.org" in letter
    assert f"{house.url}/back/mail/" in letter


def ask_for_a_way_back(house: House, address: str) -> None:
    """As a browser does it: the form with its token, then what it leads to."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = browser.open(f"{house.url}/back/mail/", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1), "email": address}).encode()
    assert browser.open(f"{house.url}/back/mail/", form, timeout=20).url == f"{house.url}/back/mail/sent/"
