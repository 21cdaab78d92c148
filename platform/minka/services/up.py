"""`python -m minka.services.up`: the whole house from one command, and the parent that looks after it.

Five steps, a line each: port, database, tables with seeds and demo community, static files, services. Then this
process sleeps until a child falls (it is started again, unless it keeps falling) or somebody asks it to stop.

Every child has a session of its own, so that Ctrl-C reaches only the parent, which stops them in order: web,
timetable, worker, and the database last. Each is stopped as a group, so that no child's child stays. If the
parent is killed without a word, the kernel tells the children (`dying_with_parent`).

Environment: `PORT` (8000), `MINKA_BIND` (127.0.0.1), `MINKA_HOME` (`var` in the checkout), `MINKA_ENV`
(`demo`), `DATABASE_URL` (none: PostgreSQL is started here). The rest is read by the settings of the children.
"""

import fcntl
import hashlib
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Final, Self

from minka.services.postgres import READY_LIMIT as DATABASE_LIMIT
from minka.services.postgres import Postgres, PostgresError, dying_with_parent, open_log, tail

ROOT: Final = Path(__file__).resolve().parents[3]
PAUSES: Final = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds before a fallen child is started for the first, second … time within a minute; then no more."""
FALLS_COUNT_FOR: Final = 60.0
READY_LIMIT: Final = 60.0
PORT_LIMIT: Final = 3.0
"""Seconds to wait for a port: a house that was just killed may still be closing it."""


class Trouble(Exception):
    """The house cannot open, or stay open. The message is for the person at the terminal."""

    @classmethod
    def told_by(cls, log: Path, message: str) -> Self:
        return cls(f"{message}\n--- the end of {log}:\n{tail(log)}")


class Stopped(Exception):
    """Somebody asked to stop before the house was open."""


# Processes --------------------------------------------------------------------------------------------------


NOTE: Final = "promises.json"
"""In MINKA_HOME, what a restore left to be done again (`restoring.py`). `furnish` does it; nothing opens before."""


class Signals:
    """Requests to stop, and the end of children, as one bell to sleep beside. One per process."""

    def __init__(self) -> None:
        self.asked = 0
        self._last = -math.inf
        self._bell, rope = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # the default would not ring
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup` ignores it
                signal.signal(number, self._ask)

    def wait(self, seconds: float) -> None:
        """Until something happens, `seconds` at most."""
        if select.select([self._bell], [], [], seconds)[0]:
            os.read(self._bell, 4096)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        """Count a request. `timeout make up` sends the same one two or three times over: that is no hurry."""
        now = time.monotonic()
        if now - self._last > 1.0:
            self.asked += 1
        self._last = now


@dataclass(frozen=True)
class Service:
    """One program to keep running. Its output goes to the log of its name.

    `orphaned` is what the kernel sends to it when the parent dies without a word.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    orphaned: signal.Signals = signal.SIGTERM


def launch(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    output: IO[bytes],
    errors: IO[bytes],
    orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
        preexec_fn=dying_with_parent(orphaned),
    )


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Looks without reaping: until `finish`, the number of the process and of its group stays taken."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def finish(process: subprocess.Popen[bytes]) -> int:
    """Leave nothing of the process or of its group; its exit status, negative for a signal."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


class Falls:
    """How often one thing fell lately. It is picked up five times a minute, each time a little later."""

    def __init__(self, name: str, log: Path) -> None:
        self._name, self._log = name, log
        self._times: list[float] = []

    def pause_after(self, status: int | None) -> float:
        """Seconds until it should be started again."""
        now = time.monotonic()
        self._times = [fall for fall in self._times if now - fall < FALLS_COUNT_FOR] + [now]
        ended = f"{self._name} ended ({_told(status)})"
        if len(self._times) > len(PAUSES):
            raise Trouble.told_by(self._log, f"{ended}, for the {len(self._times)}th time within a minute")
        print(f"{ended}: starting it again", flush=True)
        return PAUSES[len(self._times) - 1]


def _told(status: int | None) -> str:
    if status is None:
        return "unknown"
    return signal.Signals(-status).name if status < 0 else f"status {status}"


class Child:
    """A service and its process, or the moment when it gets the next one."""

    def __init__(self, service: Service, log: Path) -> None:
        self.name, self.log = service.name, log
        self._service = service
        self._falls = Falls(service.name, log)
        self._process: subprocess.Popen[bytes] | None = None
        self._due = 0.0

    @property
    def alive(self) -> bool:
        return self._process is not None and not has_ended(self._process)

    def tend(self) -> None:
        """Start it if it is due; if it fell, clear up after it and decide when it is due again."""
        if self._process is not None and has_ended(self._process):
            status = finish(self._process)
            self._process = None
            self._due = time.monotonic() + self._falls.pause_after(status)
        if self._process is None and time.monotonic() >= self._due:
            with open_log(self.log) as log:
                self._process = launch(
                    self._service.argv,
                    self._service.env,
                    output=log,
                    errors=log,
                    orphaned=self._service.orphaned,
                )

    def ask_to_stop(self) -> None:
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGTERM)  # Popen's own way would reap it

    def finish(self) -> None:
        if self._process is not None:
            finish(self._process)
            self._process = None


class Server:
    """The database as something to tend, with the same patience as a child."""

    def __init__(self, database: Postgres) -> None:
        self._database = database
        self._falls = Falls("PostgreSQL", database.log)

    def tend(self) -> None:
        if not self._database.running:
            time.sleep(self._falls.pause_after(self._database.status))
            self._database.start()


class Supervisor:
    """Keeps services running, and a database of ours if there is one; stops them in the order given."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        logs: Path,
        signals: Signals,
        database: Postgres | None = None,
        patience: float = 20.0,
    ) -> None:
        self._children = [Child(service, logs / f"{service.name}.log") for service in services]
        self._signals = signals
        self._server = Server(database) if database else None
        self._patience = patience

    def start(self, ready: Callable[[], bool], *, limit: float = READY_LIMIT) -> None:
        """Start all and wait until `ready`, which the first service has to bring about."""
        deadline = time.monotonic() + limit
        self._tend()
        while not ready():
            if self._signals.asked:
                raise Stopped
            if time.monotonic() > deadline:
                first = self._children[0]
                raise Trouble.told_by(first.log, f"{first.name} is not ready after {limit:.0f} seconds")
            self._signals.wait(0.1)
            self._tend()

    def watch(self) -> None:
        """Until somebody asks to stop."""
        while not self._signals.asked:
            self._tend()
            self._signals.wait(1.0)

    def stop(self) -> None:
        """Ask all, wait for the slowest, kill what is left. Another request to stop ends the waiting."""
        asked, deadline = self._signals.asked, time.monotonic() + self._patience
        for child in self._children:
            child.ask_to_stop()
        while any(child.alive for child in self._children):
            if self._signals.asked > asked or time.monotonic() > deadline:
                break
            self._signals.wait(0.2)
        for child in self._children:
            child.finish()

    def _tend(self) -> None:
        if self._server is not None:
            self._server.tend()
        for child in self._children:
            child.tend()


# Steps ------------------------------------------------------------------------------------------------------


class Steps:
    """Progress, one plain line for each step: `[2/5] PostgreSQL … 0.9 s`."""

    def __init__(self, total: int) -> None:
        self._number, self._total = 0, total

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._begin(name)
        began, outcome = time.monotonic(), "not done"
        try:
            yield
            outcome = f"{time.monotonic() - began:.1f} s"
        finally:
            print(outcome, flush=True)

    def skip(self, name: str, reason: str) -> None:
        self._begin(name)
        print(reason, flush=True)

    def _begin(self, name: str) -> None:
        self._number += 1
        print(f"[{self._number}/{self._total}] {name} … ", end="", flush=True)


@dataclass(frozen=True)
class House:
    """What the environment asks for."""

    home: Path
    host: str
    port: int
    kind: str
    """`demo` or `production`."""

    @classmethod
    def from_environment(cls) -> Self:
        port = os.environ.get("PORT") or "8000"
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise Trouble(f"PORT is {port!r}, and should be a number from 1 to 65535")
        return cls(
            home=Path(os.environ.get("MINKA_HOME") or ROOT / "var").absolute(),
            host=os.environ.get("MINKA_BIND") or "127.0.0.1",
            port=int(port),
            kind=os.environ.get("MINKA_ENV") or "demo",
        )

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def counters(self) -> Path:
        """Where web and worker count what `/metrics` tells; it begins at nothing with every start of the web."""
        return self.home / "counters"

    @property
    def reached_at(self) -> str:
        """Where we reach ourselves when we listen everywhere."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 -- a key, not a bind

    @contextmanager
    def occupied(self) -> Iterator[None]:
        """Nobody else runs this house as long as we do."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
            lock = (self.home / "up.lock").open("a+")
        except OSError as error:
            raise Trouble(f"MINKA_HOME cannot be used: {error}") from error
        with lock:
            self._lock(lock)
            self.counters.mkdir(exist_ok=True)
            yield

    def begin_to_count(self) -> None:
        """From nothing, but for what processes that live count: only web and worker know of each other that they do."""
        self.counters.mkdir(parents=True, exist_ok=True)
        for path in self.counters.glob("*_*.db"):
            if not Path("/proc", path.stem.rpartition("_")[2]).exists():
                path.unlink(missing_ok=True)

    def _lock(self, lock: IO[str]) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Trouble(
                f"already running in {self.home}, as process {lock.read().strip()}: stop that one, "
                "or set MINKA_HOME to another directory"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()

    def check_port(self) -> None:
        deadline = time.monotonic() + PORT_LIMIT
        while (refusal := self._refusal()) is not None:
            if time.monotonic() > deadline:
                raise Trouble(
                    f"port {self.port} cannot be used ({refusal}): choose another one, "
                    f"for example `PORT={self.port % 65535 + 1} make up`"
                )
            time.sleep(0.1)

    def _refusal(self) -> str | None:
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind((self.host, self.port))
            except OSError as error:
                return error.strerror
        return None

    def is_ready(self) -> bool:
        """Ask the web server, over a bare socket: an HTTP library would weigh as much as the whole parent."""
        request = f"GET /readyz HTTP/1.0\r\nHost: localhost:{self.port}\r\n\r\n"
        try:
            with socket.create_connection((self.reached_at, self.port), timeout=5) as line:
                line.sendall(request.encode())
                return line.makefile("rb").readline().split()[1:2] == [b"200"]
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        """For every child. UTF-8 whatever the terminal's language, and no line held back in a buffer."""
        return {
            **os.environ,
            "MINKA_HOME": str(self.home),
            "MINKA_ENV": self.kind,
            "PORT": str(self.port),
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(self.counters),
        }

    def services(self, env: Mapping[str, str]) -> list[Service]:
        """Web first, to be stopped first: nobody asks for anything while the rest goes down."""
        python = [sys.executable, "-m"]
        web = ["gunicorn", "minka.wsgi:application", "--config", str(Path(__file__).with_name("gunicorn.py"))]
        celery = [*python, "celery", "-A", "minka"]
        beat = ["beat", "--schedule", str(self.home / "beat-schedule"), "--pidfile=", "--loglevel", "WARNING"]
        worker = ["worker", "--pool", "prefork", "--concurrency", "1"]
        # Nobody listens to what workers tell each other, and the queue on PostgreSQL cannot carry it.
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
        # Without MINKA_BACKUPS nobody receives the log.
        receiver = [Service("receiver", [*python, "minka.services.backups"], env)] if env.get("MINKA_BACKUPS") else []
        # Django's checks ran with the migrations; here they would only load every page into processes that serve none.
        jobs = {**env, "CELERY_SKIP_CHECKS": "1"}
        return [
            Service("web", [*python, *web], env),
            Service("timetable", [*celery, *beat], jobs),
            # Asked nicely it would first finish its job, for minutes, without a database. Its pool dies too.
            Service("worker", [*celery, *worker, *quiet], jobs, orphaned=signal.SIGKILL),
            *receiver,
        ]


def embedded_database(
    house: House, env: dict[str, str], stack: ExitStack, *, patience: float = DATABASE_LIMIT
) -> Postgres:
    """Start PostgreSQL, which may take `patience` seconds; tell the children by their environment, commands beside us
    by `database.json`."""
    database = Postgres(house.home, patience=patience)
    if (house.home / NOTE).exists() and not database.lodging.data.exists():
        raise Trouble(f"a restore into {house.home} did not come about: run it again (docs/operate.md)")
    stack.enter_context(database)
    database.ensure_database()
    urls = {login: database.url(login) for login in ("app", "owner", "export")}
    note = house.home / "database.json"
    write_private(note, json.dumps(urls))
    stack.callback(note.unlink, missing_ok=True)
    for name in [name for name in env if name.startswith("PG")]:
        del env[name]  # meant for another server
    env |= {
        "DATABASE_URL": urls["app"],
        "DATABASE_OWNER_URL": urls["owner"],
        "DATABASE_EXPORT_URL": urls["export"],
    }
    return database


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text)
    draft.replace(path)


@dataclass(frozen=True)
class Management:
    """Django's commands, each in a process of its own; a request to stop ends the one that runs."""

    env: Mapping[str, str]
    log: Path
    signals: Signals

    def run(self, *arguments: str) -> str:
        """What the command printed. Its errors go to the log."""
        with self.begun(*arguments) as result:
            return result()

    @contextmanager
    def begun(self, *arguments: str) -> Iterator[Callable[[], str]]:
        """The command at work while others go on; call what is given to wait for what it printed."""
        argv = [sys.executable, str(ROOT / "manage.py"), *arguments]
        with tempfile.TemporaryFile() as output, open_log(self.log) as errors:
            process = launch(argv, self.env, output=output, errors=errors)

            def result() -> str:
                while not has_ended(process) and not self.signals.asked:
                    self.signals.wait(1.0)
                status = finish(process)
                if self.signals.asked:
                    raise Stopped
                if status:
                    raise Trouble.told_by(self.log, f"`manage.py {' '.join(arguments)}` failed ({_told(status)})")
                output.seek(0)
                return output.read().decode(errors="replace")

            try:
                yield result
            finally:
                if process.returncode is None:
                    finish(process)


def static_sources() -> str:
    """Another one when `collectstatic` may have something else to collect: our files, settings, packages."""
    ours = [ROOT / "platform" / "minka" / name for name in ("settings.py", "bundles.py", "apps.py")]
    files = [*ours, *sorted((ROOT / "static").rglob("*"))]
    seen = [f"{path.relative_to(ROOT)} {path.stat().st_mtime_ns}" for path in files if path.is_file()]
    packages = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    return hashlib.sha256("\n".join([*seen, *packages]).encode()).hexdigest()


def prepare(house: House, management: Management, steps: Steps) -> str:
    """Tables, demo community, static files: what the services expect to find. Returns the demo's people."""
    with static_files(house, management) as collected:
        with steps.step("Tables and seeds, demo community" if house.kind == "demo" else "Tables and seeds"):
            people = management.run("furnish", *["--demo"] * (house.kind == "demo"))
        if collected is None:
            steps.skip("Static files", "unchanged")
        else:
            with steps.step("Static files"):
                collected()
    return people


@contextmanager
def static_files(house: House, management: Management) -> Iterator[Callable[[], object] | None]:
    """Collecting and compressing, beside the database's work: it would take half of a first start. None when nothing
    changed since the last."""
    sources, note = static_sources(), house.home / "static.made-of"
    whole = (house.home / "static" / "staticfiles.json").exists()
    if whole and note.exists() and note.read_text() == sources:
        yield None
        return
    with management.begun("collectstatic", "--noinput") as result:

        def collected() -> None:
            result()
            write_private(note, sources)

        yield collected


def open_house(house: House, signals: Signals, stack: ExitStack) -> None:
    """The five steps, and then to watch. What is to be stopped is left on the stack, the last first."""
    steps = Steps(5)
    env, database = house.environment(), None
    stack.enter_context(house.occupied())
    house.begin_to_count()
    with steps.step(f"Port {house.port}"):
        house.check_port()
    if env.get("DATABASE_URL"):
        steps.skip("PostgreSQL", "given by DATABASE_URL")
    else:
        with steps.step("PostgreSQL"):
            database = embedded_database(house, env, stack)
    people = prepare(house, Management(env, house.logs / "setup.log", signals), steps)
    supervisor = Supervisor(
        house.services(env),
        logs=house.logs,
        signals=signals,
        database=database if database and database.owned else None,
    )
    with steps.step("Web, worker, timetable"):
        stack.callback(supervisor.stop)
        supervisor.start(house.is_ready)
    print(f"Minka is ready at http://localhost:{house.port}")
    print(people, end="", flush=True)
    supervisor.watch()
    print("Stopping …", flush=True)


def main() -> int:
    """Exit status 0 when asked to stop, 1 when there was trouble."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    signals = Signals()
    try:
        with ExitStack() as stack:
            open_house(House.from_environment(), signals, stack)
    except Stopped:
        pass
    except (Trouble, PostgresError) as trouble:
        print(f"Minka: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
