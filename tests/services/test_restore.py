"""A whole house is lost and brought back by the commands people use; who was erased stays erased."""

import contextlib
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from benchmarks.house import ROOT, House, environment, started
from minka.services.postgres import Postgres
from tests.cast import line
from tests.services.test_whole import GROUND, call, gone, wait_for


@pytest.fixture
def _backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "backups").mkdir(mode=0o700)
    for name in (*GROUND, "MINKA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MINKA_BACKUPS", str(tmp_path / "backups"))
    monkeypatch.setenv("MINKA_SMALL_CELL", "0")


def manage(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(ROOT / "manage.py"), *command]
    env = {**environment(), "MINKA_HOME": str(home)}
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def vote(house: House, token: str, key: str) -> None:
    status, turn = call(house, token, "POST", "/api/v1/campaigns/prueba/next/", {})
    assert status == 200
    body = {"assignment": turn["assignment"], "answer": {"preferred": "a", "strength": 2}}
    assert call(house, token, "PUT", f"/api/v1/judgements/{key}/", body)[0] == 201


@pytest.mark.usefixtures("_backed_up")
def test_a_lost_house_comes_back_and_who_was_erased_stays_erased(tmp_path: Path) -> None:
    items, home, other = tmp_path / "items.jsonl", tmp_path / "home", tmp_path / "other"
    items.write_text(json.dumps(line("uno")) + "\n", "utf-8")
    home.mkdir()
    with started(home) as house:
        house.manage("load_items", "prueba", str(items))
        people = [row.split() for row in house.manage("seed_volunteers", "3", "--variety", "es-CL").splitlines()]
        names = [name for name, _token in people]
        for number, (_name, token) in enumerate(people):
            vote(house, token, f"8d3b1c5e-0000-4000-8000-00000000000{number}")
        house.manage("backup")
        assert "all as they were" in house.manage("drill")
        moment = dt.datetime.now(dt.UTC)
        first = house.manage("publish_release").splitlines()[-1]
        erased = (
            "from annotations.people.rights.actions import erase; from annotations.people.models import Person;"
            f"erase(person=Person.objects.get(username='{names[0]}'), contributions=True)"
        )
        house.manage("shell", "-v", "0", "-c", erased)
        wait_for(lambda: _received(house), 30)
        refused = manage(home, "restore")
        assert "already running" in refused.stderr
        everything = house.processes()
        for pid in everything:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        house.process.wait()
        wait_for(lambda: gone(everything), 20)

    done = manage(other, "restore", "--to", moment.isoformat())
    assert done.returncode == 0, done.stderr
    assert "Erased again: 1." in done.stdout
    assert facts(other, names) == facts(home, names) == (names[1:], 2)
    assert (other / "releases" / "minka" / Path(first).name).exists() is False


def facts(home: Path, names: list[str]) -> tuple[list[str], int]:
    """Which of these people are there, and how many judgements."""
    with Postgres(home) as server, psycopg.connect(server.url()) as asked:
        people = asked.execute(
            "SELECT username FROM annotations_person WHERE username = ANY(%s) ORDER BY id", [names]
        ).fetchall()
        (judgements,) = asked.execute("SELECT count(*) FROM annotations_judgement").fetchone()
    return [name for (name,) in people], judgements


def _received(house: House) -> bool:
    """Whether what was done until now lies in the backups too."""
    with psycopg.connect(house.database, autocommit=True) as asked:
        (now,) = asked.execute("SELECT pg_current_wal_lsn()").fetchone()
        time.sleep(1)
        return asked.execute("SELECT restart_lsn >= %s::pg_lsn FROM pg_replication_slots", [now]).fetchone()[0]
