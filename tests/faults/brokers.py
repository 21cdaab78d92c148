"""`python -m tests.faults.brokers redis|rabbitmq [PYTEST'S ARGUMENTS]`: what depends on them, against Debian's
PostgreSQL and a broker of its own.

The broker lies in a folder that goes away, listens on the loopback, and keeps nothing: whenever it ends it is started
again, empty, which is what `strikes.py` does to it. No service of the system is touched, and nothing is left running.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self

from benchmarks.house import ROOT, free_port
from benchmarks.page import tell

TESTS: Final = (
    "tests/faults/test_crash.py",
    "tests/services",
    "tests/assignments/test_queue.py",
    "tests/assignments/test_exact.py",
    "tests/datasets/test_night.py",
    "tests/datasets/test_release.py",
    "tests/house/test_at_once.py",
    "tests/house/test_migrations.py",
)


class Program(NamedTuple):
    """How a broker is started in a folder, where it is reached, and what has to be in place for it."""

    argv: list[str]
    environment: Mapping[str, str]
    url: str
    port: int


def redis(folder: Path) -> Program:
    port = free_port()
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
            "--appendonly", "no"]  # fmt: skip
    return Program(argv, {}, f"redis://127.0.0.1:{port}/0", port)


def rabbitmq(folder: Path) -> Program:
    port, gossip, names = free_port(), free_port(), free_port()
    surroundings = {
        "HOME": str(folder), "RABBITMQ_NODENAME": f"minka{port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port), "RABBITMQ_DIST_PORT": str(gossip), "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "rabbit.pid"),
    }  # fmt: skip
    return Program(["/usr/lib/rabbitmq/bin/rabbitmq-server"], surroundings, f"amqp://127.0.0.1:{port}//", port)


PROGRAMS: Final[Mapping[str, Callable[[Path], Program]]] = {"redis": redis, "rabbitmq": rabbitmq}


class Broker:
    """A broker that is started again, empty, whenever it ends."""

    def __init__(self, name: str, folder: Path) -> None:
        self._folder = folder / "broker"
        self.program, self.pid_file = PROGRAMS[name](self._folder), folder / "pid"
        self._over, self.starts = threading.Event(), 0
        self._tender = threading.Thread(target=self._tend, daemon=True)

    def __enter__(self) -> Self:
        self._tender.start()
        while not self.answers():
            time.sleep(0.1)
        return self

    def __exit__(self, *_fault: object) -> None:
        self._over.set()
        os.kill(int(self.pid_file.read_text()), signal.SIGTERM)
        self._tender.join()
        subprocess.run(
            ["epmd", "-kill"], env={**os.environ, **self.program.environment}, check=False, capture_output=True
        )

    def answers(self) -> bool:
        with socket.socket() as door:
            door.settimeout(1)
            return self._tender.is_alive() and door.connect_ex(("127.0.0.1", self.program.port)) == 0

    def _tend(self) -> None:
        while not self._over.is_set():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()
            with (self._folder.parent / "broker.log").open("ab") as log:
                process = subprocess.Popen(
                    self.program.argv, env={**os.environ, **self.program.environment}, cwd=self._folder,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            self.pid_file.write_text(str(process.pid))
            self.starts += 1
            process.wait()
            try:
                os.killpg(process.pid, signal.SIGKILL)  # what a shell or a port mapper of it left
            except ProcessLookupError:
                continue


def debian() -> Path:
    """The programs of the distribution's newest PostgreSQL."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    if not found:
        raise SystemExit("Debian's PostgreSQL is not here: apt-get install postgresql")
    return max(found, key=lambda path: int(path.parent.name))


def main(name: str, *arguments: str) -> int:
    with tempfile.TemporaryDirectory(prefix="minka-broker-") as made, Broker(name, Path(made)) as broker:
        surroundings = {
            **os.environ, "MINKA_POSTGRES_BIN": str(debian()), "CELERY_BROKER_URL": broker.program.url,
            "BROKER_PID": str(broker.pid_file),
        }  # fmt: skip
        told = surroundings.pop("MINKA_TELL", "")
        begun = time.monotonic()
        argv = [sys.executable, "-m", "pytest", "-q", *(arguments or TESTS)]
        status = subprocess.run(argv, env=surroundings, cwd=ROOT, check=False).returncode
        if told and not status and not arguments:
            tell(
                f"PostgreSQL of Debian, {name}",
                f"{debian().parent.name} with {name}, which was killed and came back empty {broker.starts - 1} times:"
                f" {', '.join(TESTS)} pass, in {(time.monotonic() - begun) / 60:.0f} minutes.",
            )
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
