"""A Minka of its own for a measurement: started by the same command people use, in a folder that goes away."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from minka.services.postgres import Postgres

ROOT = Path(__file__).parents[1]
_PEOPLE = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_EXPORT_URL", "MINKA_HOME", "PORT")


@dataclass
class House:
    home: Path
    port: int
    process: subprocess.Popen[str]
    seconds_to_ready: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str) -> str:
        surroundings = {**environment(), "MINKA_HOME": str(self.home)}
        argv = [sys.executable, str(ROOT / "manage.py"), *command]
        return subprocess.run(argv, env=surroundings, check=True, capture_output=True, text=True).stdout

    def processes(self) -> list[int]:
        """The supervisor and everything below it."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
        found = [self.process.pid]
        for pid in found:
            found += parents.get(pid, [])
        return found

    @property
    def database(self) -> str:
        """The address of its database, as its owner."""
        return str(json.loads((self.home / "database.json").read_text())["owner"])

    def cpu_seconds(self, program: str = "") -> float:
        """User and system time of all processes so far, or of one program's, ended children included."""
        total = 0
        for pid in self.processes():
            try:
                name, _end, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
                fields = rest.split()
            except OSError:
                continue
            if program not in name:
                continue
            total += sum(int(field) for field in fields[11:15])
        return total / os.sysconf("SC_CLK_TCK")

    def pss_mb(self) -> float:
        """Proportional set size of all processes: shared pages counted once."""
        total = 0
        for pid in self.processes():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _PEOPLE}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _passing_home() -> Iterator[Path]:
    """A home that goes away with all that is in it. Everybody reaches it, so that root's database lies there too."""
    with tempfile.TemporaryDirectory(prefix="minka-bench-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextmanager
def started(home: Path | None = None) -> Iterator[House]:
    """A running Minka; stopped, and its folder removed when it was made for this."""
    with _passing_home() as made:
        port = free_port()
        home = home or made
        surroundings = {**environment(), "MINKA_HOME": str(home), "PORT": str(port)}
        begin = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "minka.services.up"], env=surroundings, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout
            for line in process.stdout:
                if line.startswith("Minka is ready"):
                    break
            else:
                raise SystemExit("Minka did not start")
            yield House(home, port, process, time.monotonic() - begin)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def throwaway_database() -> Iterator[None]:
    """A database that is thrown away, and Django with it, in the role the application has."""
    with _passing_home() as home, Postgres(home, throwaway=True) as server:
        server.ensure_database()
        (home / "static").mkdir()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="minka.settings", MINKA_HOME=str(home), MINKA_ENV="demo",
            DATABASE_URL=server.url("owner"), DATABASE_OWNER_URL=server.url("owner"),
            DATABASE_EXPORT_URL=server.url("export"),
        )  # fmt: skip
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE minka_app")
        try:
            yield
        finally:
            connection.close()
