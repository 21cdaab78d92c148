"""The parent of all: starts again what falls, gives up on what keeps falling, and leaves nothing behind."""

import http.server
import json
import os
import runpy
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from minka.services import up
from minka.services.up import House, Trouble, embedded_database

PLATFORM = Path(up.__file__).parents[2]

DRIVER = """
import json, sys
from contextlib import ExitStack
from pathlib import Path
from minka.services.postgres import Postgres
from minka.services.up import Service, Signals, Supervisor, Trouble

place = Path(sys.argv[1])
plan = json.loads((place / "plan.json").read_text())
python = [sys.executable, "-ISc"]
services = [Service(name, [*python, code, str(place / name)], {}) for name, code in plan["children"].items()]
try:
    with ExitStack() as stack:
        database = None
        if plan["database"]:
            database = stack.enter_context(Postgres(place, throwaway=True))
            pid = (database.lodging.data / "postmaster.pid").read_text().split()[0]
            (place / "postgres.pids").write_text(pid)
        supervisor = Supervisor(
            services, logs=place, signals=Signals(), database=database, patience=plan["patience"]
        )
        stack.callback(supervisor.stop)
        supervisor.start((place / "ready").exists, limit=plan["limit"])
        print("ready", flush=True)
        supervisor.watch()
except Trouble as trouble:
    sys.exit(str(trouble))
"""

NOTE = """
import os, signal, sys, time
from pathlib import Path
place = Path(sys.argv[1])
def note(kind="pids"):
    with place.with_suffix("." + kind).open("a") as file:
        file.write(f"{os.getpid()}\\n")
"""
OBEYS = NOTE + "note(); place.with_name('ready').touch(); time.sleep(60)"
CLEANS_UP = f"""{NOTE}
def clean(*_):
    time.sleep(0.4)
    note("clean")
    sys.exit()
signal.signal(signal.SIGTERM, clean)
note(); place.with_name('ready').touch(); time.sleep(60)
"""
STUBBORN_FAMILY = f"""{NOTE}
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
note()
if place.with_suffix(".pids").read_text().count("\\n") >= 2: place.with_name('ready').touch()
time.sleep(60)
"""
BREAKS = NOTE + "note(); print('broken on purpose', flush=True); sys.exit(3)"


class Parent:
    """A supervisor in a process of its own, over children of a line of code."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.process: subprocess.Popen[str] | None = None

    def start(
        self, children: dict[str, str], *, patience: float = 20, limit: float = 20, database: bool = False
    ) -> subprocess.Popen[str]:
        plan = {"children": children, "patience": patience, "limit": limit, "database": database}
        (self.place / "plan.json").write_text(json.dumps(plan))
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(self.place)],
            env={**os.environ, "PYTHONPATH": str(PLATFORM)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.process

    def ready(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def ends(self) -> tuple[int, str]:
        """Its exit status and what it said on the error stream."""
        assert self.process is not None
        errors = self.process.communicate(timeout=20)[1]
        return self.process.returncode, errors

    def pids(self, name: str = "*", kind: str = "pids") -> list[int]:
        files = self.place.glob(f"{name}.{kind}")
        return [int(line) for file in files for line in file.read_text().split()]


@pytest.fixture
def parent() -> Iterator[Parent]:
    with tempfile.TemporaryDirectory(prefix="minka-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        parent = Parent(Path(place))
        try:
            yield parent
        finally:
            if parent.process is not None:
                with parent.process:
                    parent.process.kill()
            for pid in filter(lives, parent.pids()):
                os.kill(pid, signal.SIGKILL)


def until(condition: Callable[[], object], limit: float = 20.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def alive(pids: list[int]) -> list[int]:
    return list(filter(lives, pids))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_request_to_stop_leaves_no_process(parent: Parent, number: signal.Signals) -> None:
    process = parent.start({"web": OBEYS, "worker": STUBBORN_FAMILY}, patience=0.3)
    parent.ready()
    until(lambda: len(parent.pids()) == 3)
    process.send_signal(number)

    assert parent.ends() == (0, "")
    assert alive(parent.pids()) == []


def test_children_are_given_time_and_one_request_told_twice_is_no_hurry(parent: Parent) -> None:
    process = parent.start({"web": CLEANS_UP})
    parent.ready()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)

    assert parent.ends() == (0, "")
    assert parent.pids(kind="clean") == parent.pids()


def test_a_second_request_ends_the_waiting(parent: Parent) -> None:
    process = parent.start({"web": STUBBORN_FAMILY}, patience=60)
    parent.ready()
    process.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.2)
    process.send_signal(signal.SIGTERM)

    assert parent.ends() == (0, "")
    assert alive(parent.pids()) == []


def test_what_falls_is_started_again_without_its_old_children(parent: Parent) -> None:
    process = parent.start({"web": OBEYS, "worker": STUBBORN_FAMILY}, patience=0.3)
    parent.ready()
    until(lambda: len(parent.pids("worker")) == 2)
    (web,) = parent.pids("web")
    family = parent.pids("worker")
    os.kill(os.getpgid(family[0]), signal.SIGKILL)  # the one of the two that the parent started
    until(lambda: len(parent.pids("worker")) == 4)

    assert alive(family) == []
    assert parent.pids("web") == alive([web])
    process.terminate()
    assert parent.ends() == (0, "")


def test_what_keeps_falling_ends_everything(parent: Parent) -> None:
    parent.start({"web": OBEYS, "worker": BREAKS})
    status, errors = parent.ends()

    assert status == 1
    assert "worker ended (status 3), for the 6th time within a minute" in errors
    assert errors.rstrip().endswith("broken on purpose")
    assert len(parent.pids("worker")) == 6
    assert alive(parent.pids()) == []


def test_what_does_not_become_ready_ends_everything(parent: Parent) -> None:
    waits = NOTE + "note(); print('still waiting', flush=True); time.sleep(60)"
    parent.start({"web": waits}, limit=1)
    status, errors = parent.ends()

    assert status == 1
    assert errors.startswith("web is not ready after 1 seconds")
    assert errors.rstrip().endswith("still waiting")
    assert alive(parent.pids()) == []


def test_kill_9_of_the_parent_leaves_no_process(parent: Parent) -> None:
    process = parent.start({"web": OBEYS, "worker": OBEYS}, database=True)
    parent.ready()
    until(lambda: len(parent.pids()) == 3)
    process.kill()

    until(lambda: alive(parent.pids()) == [])


def test_a_database_that_falls_is_started_again(parent: Parent) -> None:
    process = parent.start({"web": OBEYS}, database=True)
    parent.ready()
    os.kill(parent.pids("postgres")[0], signal.SIGKILL)
    assert process.stdout is not None
    said = process.stdout.readline()
    process.terminate()

    assert said == "PostgreSQL ended (SIGKILL): starting it again\n"
    assert parent.ends() == (0, "")


def house(home: Path, *, port: int = 8000, host: str = "127.0.0.1") -> House:
    return House(home=home, host=host, port=port, kind="demo")


def test_a_house_is_open_once(tmp_path: Path) -> None:
    with (
        house(tmp_path).occupied(),
        pytest.raises(Trouble, match=f"as process {os.getpid()}"),
        house(tmp_path).occupied(),
    ):
        pass
    with house(tmp_path).occupied():
        assert (tmp_path / "up.lock").read_text() == f"{os.getpid()}\n"


def test_a_new_home_is_private(tmp_path: Path) -> None:
    with house(tmp_path / "deep" / "home").occupied():
        assert stat.S_IMODE((tmp_path / "deep" / "home").stat().st_mode) == 0o700


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "PORT_LIMIT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=rf"port {port} cannot be used .*PORT={port + 1} make up"):
            house(tmp_path, port=port).check_port()
    house(tmp_path, port=port).check_port()


class Answers(http.server.BaseHTTPRequestHandler):
    """`/readyz` of a server whose migrations run while it is asked."""

    status = 503

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def web_server() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_ready_is_200_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server() as port:
        everywhere = house(tmp_path, port=port, host="0.0.0.0")
        early = everywhere.is_ready()
        monkeypatch.setattr(Answers, "status", 200)
        late = everywhere.is_ready()

    assert (early, late, everywhere.is_ready()) == (False, True, False)


def test_the_database_is_made_known_and_forgotten(parent: Parent) -> None:
    home = parent.place
    env = {"PGHOST": "192.0.2.1", "LANG": "C.UTF-8"}
    with ExitStack() as stack:
        database = embedded_database(house(home), env, stack)
        note = home / "database.json"
        mode = stat.S_IMODE(note.stat().st_mode)
        urls = json.loads(note.read_text())
        login = database.psql("SELECT current_user", user="export")

    address = f"@/minka?host={home}/postgres/run"
    assert urls == {login: f"postgresql://{login}{address}" for login in ("app", "owner", "export")}
    assert env == {
        "LANG": "C.UTF-8",
        "DATABASE_URL": urls["app"],
        "DATABASE_OWNER_URL": urls["owner"],
        "DATABASE_EXPORT_URL": urls["export"],
    }
    assert (mode, login) == (0o600, "export")
    assert not note.exists()


def test_static_files_are_collected_again_when_one_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "ROOT", tmp_path)
    style = tmp_path / "static" / "rating" / "ask.css"
    style.parent.mkdir(parents=True)
    seen = [up.static_sources(), up.static_sources()]
    style.write_text("a {}")
    seen.append(up.static_sources())
    os.utime(style, (1, 1))
    seen.append(up.static_sources())

    assert [seen.index(one) for one in seen] == [0, 0, 2, 3]


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "٣"])
def test_a_port_that_is_none_is_refused_at_once(port: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "minka.services.up"],
        env={**os.environ, "PYTHONPATH": str(PLATFORM), "PORT": port, "MINKA_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert result.stderr == f"Minka: PORT is {port!r}, and should be a number from 1 to 65535\n"
    assert result.returncode == 1
    assert not (tmp_path / "home").exists()


def test_the_parent_loads_nothing_heavy() -> None:
    asked = "import sys, minka.services.up; print({'django', 'celery', 'psycopg', 'http'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert result.stdout == "set()\n"


@pytest.mark.parametrize(
    ("given", "bind"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "9000", "MINKA_BIND": "0.0.0.0"}, "0.0.0.0:9000"),
        ({"MINKA_BIND": "::1"}, "[::1]:8000"),
    ],
)
def test_gunicorn_listens_where_the_environment_says(
    given: dict[str, str], bind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PORT", "MINKA_BIND"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert runpy.run_path(str(Path(up.__file__).with_name("gunicorn.py")))["bind"] == bind


def test_what_was_loaded_is_not_gone_through_for_garbage_again() -> None:
    rules = str(Path(up.__file__).with_name("gunicorn.py"))
    lines = ("import gc, runpy", f"runpy.run_path({rules!r})['when_ready'](None)", "print(gc.get_freeze_count())")
    told = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 1_000
