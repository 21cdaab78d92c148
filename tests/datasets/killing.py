"""What kills a publisher in the middle, and who reads meanwhile.

A release is published in a process of its own, in a whole house. How far it is is seen from outside, by what lies on
the disk: nothing in the platform is changed for it. Four things happen to it: it is killed; the whole of PostgreSQL
is; no byte more goes on the disk its files lie on; the worker that helps is killed, with all of its pool. Nothing here
cleans up after that, other than the platform.
"""

import contextlib
import datetime as dt
import hashlib
import http.client
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from annotations.datasets import manifest as mf
from annotations.datasets.names import version_of
from annotations.datasets.verify import problems
from benchmarks.house import ROOT, House, environment

PHASES = ("settling", "writing", "proving", "keeping")
"""What a publisher is at: before anything lies on the disk; writing aside; proving what was written; in its place, and
making the row and `latest`."""
FAULTS = ("publisher", "database", "disk", "helper")
DISK = 64 << 20
"""Bytes of the disk that releases lie on, where one can be made for it: two hundred of them."""
FALLS = 5
"""How often a house picks its database up within a minute (`minka/services/up.py`)."""


@dataclass
class Place:
    """A house, and the disk its releases lie on."""

    house: House
    own_disk: bool

    @property
    def releases(self) -> Path:
        return self.house.home / "releases" / "minka"

    @property
    def visible(self) -> list[str]:
        """The releases that somebody sees who looks into their folder."""
        return sorted(path.name for path in self.releases.glob("2*"))

    @property
    def latest(self) -> str:
        """Where it leads, or nothing before the first release."""
        link = self.releases / "latest"
        return link.readlink().name if link.is_symlink() else ""

    def reached(self, version: str, phase: str) -> bool:
        """Whether the release is in this phase, or was: by what lies on the disk, in its place or aside."""
        final = self.releases / version
        if phase == "keeping":
            return final.exists()
        last = {"writing": "", "proving": mf.SUMS}[phase]
        return any((folder / last).exists() for folder in [*self.releases.glob(f".{version}-*"), final])

    def left(self, version: str) -> str:
        """How far a release had come, by what is left: one of `PHASES`; `unpointed` where the row is there and `latest`
        leads elsewhere; `done`."""
        if version in self.rows():
            return "done" if self.latest == version else "unpointed"
        return next((phase for phase in reversed(PHASES[1:]) if self.reached(version, phase)), PHASES[0])

    def ask(self, sql: str, *values: object) -> list[Any]:
        with psycopg.connect(self.house.database, autocommit=True) as database:
            answer = database.execute(sql, values or None)  # type: ignore[call-overload]
            return answer.fetchall() if answer.description else []

    def rows(self) -> list[str]:
        """The releases there are, by the database, oldest first; each has kept what it was made from."""
        return [version for (version,) in self.ask(
            "SELECT version FROM annotations_release r WHERE state = 'published'"
            "   AND EXISTS (SELECT 1 FROM annotations_membership m WHERE m.release_id = r.id)"
            "   AND EXISTS (SELECT 1 FROM annotations_preview p WHERE p.release_id = r.id) ORDER BY cutoff"
        )]  # fmt: skip

    def is_open(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.house.url}/readyz", timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, http.client.HTTPException):
            return False


@contextlib.contextmanager
def disk(home: Path) -> Iterator[bool]:
    """A small disk for the releases of a house. Only root may make one, and not everywhere; False where not."""
    folder = home / "releases"
    folder.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "minka-releases", str(folder)]
    made = os.geteuid() == 0 and subprocess.run(argv, capture_output=True, check=False).returncode == 0
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def slot_of_the_night() -> dt.datetime:
    """When the night's release was due: two hours ago, so that none else is due meanwhile."""
    return dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=2)


@contextlib.contextmanager
def house_of_its_own(slot: dt.datetime) -> Iterator[Path]:
    """A home in which whoever runs the database gets in, and the night is at this hour."""
    with tempfile.TemporaryDirectory(prefix="minka-faults-") as made, pytest.MonkeyPatch.context() as patch:
        home = Path(made)
        home.chmod(0o755)
        patch.setenv("MINKA_NIGHTLY_HOUR", str(slot.hour))
        yield home


def until(condition: Callable[[], object], limit: float = 120.0, pause: float = 0.05) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(pause)


# A publisher --------------------------------------------------------------------------------------------------------


class Publisher:
    """`publish_release`, as somebody runs it beside the house. `sabotage` is one of `tests/datasets/sabotage.py`."""

    def __init__(self, place: Place, cutoff: dt.datetime, sabotage: str = "") -> None:
        self.place, self.version = place, version_of(cutoff)
        program = ["-m", "tests.datasets.sabotage", sabotage] if sabotage else [str(ROOT / "manage.py")]
        self.process = subprocess.Popen(
            [sys.executable, *program, "publish_release", "--cutoff", cutoff.isoformat()],
            cwd=ROOT, env={**environment(), "MINKA_HOME": str(place.house.home)}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def wait_for(self, phase: str) -> bool:
        """Whether it came so far."""
        while not (there := self._reached(phase)) and self.process.poll() is None:
            time.sleep(0.001)
        return there

    def end(self) -> tuple[int, str]:
        """Its exit status, and what it complained of."""
        _out, complaint = self.process.communicate(timeout=300)
        return self.process.returncode, complaint

    def _reached(self, phase: str) -> bool:
        return self._is_connected() if phase == "settling" else self.place.reached(self.version, phase)

    def _is_connected(self) -> bool:
        """It opens no socket but to the database."""
        for handle in Path(f"/proc/{self.process.pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                if str(handle.readlink()).startswith("socket:"):
                    return True
        return False


def publish(place: Place, cutoff: dt.datetime) -> None:
    """To its end, which must be a good one."""
    assert Publisher(place, cutoff).end() == (0, "")


def lengths(place: Place, cutoffs: Iterator[dt.datetime]) -> dict[str, float]:
    """How long each phase takes here, in seconds: the shorter of two times, since the machine may do something else."""
    first, second = (_lengths(place, next(cutoffs)) for _time in range(2))
    return {phase: min(first[phase], second[phase]) for phase in PHASES}


def _lengths(place: Place, cutoff: dt.datetime) -> dict[str, float]:
    publisher, times = Publisher(place, cutoff), []
    for phase in PHASES:
        assert publisher.wait_for(phase)
        times.append(time.monotonic())
    until(lambda: place.latest == publisher.version, pause=0.001)
    times.append(time.monotonic())
    assert publisher.end() == (0, "")
    return {phase: after - before for phase, before, after in zip(PHASES, times, times[1:], strict=False)}


# Faults -------------------------------------------------------------------------------------------------------------


class Faults:
    """What can happen to a publisher."""

    def __init__(self, place: Place) -> None:
        self._place, self._falls = place, [-60.0] * FALLS

    def get_ready(self) -> None:
        """A house picks its database up so many times a minute, and no more. Its server is found now: to look through
        all processes takes longer than a phase."""
        time.sleep(max(0.0, self._falls[0] + 61 - time.monotonic()))
        self._server = postmaster(self._place)

    def strike(self, fault: str, publisher: Publisher) -> None:
        getattr(self, f"_{fault}")(publisher)

    def mend(self) -> None:
        """The machine is in order again, and the house picks itself up."""
        (self._place.releases.parent / "ballast").unlink(missing_ok=True)
        ended = self._place.house.process.poll
        until(lambda: self._place.is_open() or ended() is not None)
        assert ended() is None, "the house gave up"

    def _publisher(self, publisher: Publisher) -> None:
        publisher.process.kill()

    def _database(self, publisher: Publisher) -> None:
        """The server and all its processes, at once."""
        self._falls = [*self._falls[1:], time.monotonic()]
        kill_family(self._server)

    def _helper(self, publisher: Publisher) -> None:
        self._falls = [*self._falls[1:], time.monotonic()]
        os.killpg(worker(self._place), signal.SIGKILL)

    def _disk(self, publisher: Publisher) -> None:
        """Full to the last byte; where there is none of its own, no file of the publisher grows any more."""
        if not self._place.own_disk:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(publisher.process.pid, resource.RLIMIT_FSIZE, (1, 1))
            return
        free = shutil.disk_usage(self._place.releases).free
        with (self._place.releases.parent / "ballast").open("wb") as file, contextlib.suppress(OSError):
            while free:
                os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)
                free = shutil.disk_usage(self._place.releases).free


def postmaster(place: Place) -> int:
    (pid,) = (pid for pid in place.house.processes() if b"postgres\0-D\0" in command_of(pid))
    return pid


def worker(place: Place) -> int:
    """The leader of its group: its pool's processes go with it."""
    return _group(place, b"celery\0", b"\0worker\0")


def web(place: Place) -> int:
    """The leader of its group: all processes that answer go with it."""
    return _group(place, b"gunicorn\0")


def _group(place: Place, *words: bytes) -> int:
    (group,) = {os.getpgid(pid) for pid in place.house.processes() if all(word in command_of(pid) for word in words)}
    return group


def kill_family(pid: int) -> None:
    """A process and all it started, at once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in [pid, *map(int, children)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


# A reader -----------------------------------------------------------------------------------------------------------


class Reader(threading.Thread):
    """Somebody who takes whatever there is to be had, again and again, and proves it: from the list over HTTP and from
    the folder. `wrongs` is what they saw that no reader may."""

    def __init__(self, place: Place) -> None:
        super().__init__(daemon=True)
        self._place, self._over = place, threading.Event()
        self.wrongs: list[str] = []
        self.looks = self.unanswered = 0
        self._listed: dict[str, str] = {}
        self._proven: set[str] = set()
        self._latest = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._look_into_the_folder()
                self._ask()
            except Exception as fault:  # noqa: BLE001 -- the test judges it
                self.wrongs.append(repr(fault))
            self.looks += 1
            time.sleep(0.1)

    def has_looked(self) -> None:
        """Returns after a whole look that began after this was called."""
        before = self.looks
        until(lambda: self.looks >= before + 2 or not self.is_alive())

    def _look_into_the_folder(self) -> None:
        for name in [name for name in self._place.visible if name not in self._proven]:
            if found := problems(self._place.releases / name):
                self.wrongs.append(f"the folder {name}: {found[0]}")
            else:
                self._proven.add(name)
        latest = self._place.latest
        if latest < self._latest or (latest and latest not in self._place.visible):
            self.wrongs.append(f"latest leads to {latest} after {self._latest}")
        self._latest = latest

    def _ask(self) -> None:
        """The list, and every file of what is new in it and of the newest. No answer is no wrong answer."""
        try:
            listed = [each for each in json.loads(self._get("/api/v1/releases/")) if each["state"] == "published"]
            ids = {each["version"]: each["release_id"] for each in listed}
            if self._listed.items() - ids.items():
                self.wrongs.append(f"the list says {ids} after {self._listed}")
            for each in listed:
                if each is listed[0] or each["version"] not in self._listed:
                    self._take(each)
                    self._listed[each["version"]] = each["release_id"]
        except urllib.error.HTTPError as refused:
            if refused.code < 500:
                self.wrongs.append(f"{refused.code} at {refused.url.removeprefix(self._place.house.url)}")
            self.unanswered += 1
        except (OSError, http.client.HTTPException):
            self.unanswered += 1

    def _take(self, release: dict[str, Any]) -> None:
        """All of its files must be of one release, the one that was listed."""
        files = {name: self._get(facts["url"]) for name, facts in release["files"].items()}
        manifest = json.loads(files.pop(mf.NAME))
        sums = dict(reversed(line.split("  ")) for line in files.pop(mf.SUMS).decode().splitlines())
        got = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        told = {name: facts["sha256"] for name, facts in manifest["files"].items()}
        ids = {release["release_id"], manifest["release_id"], mf.release_id(manifest["files"])}
        if got != told or len(ids) > 1 or not told.items() <= sums.items():
            self.wrongs.append(f"{release['version']} is made of several")

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self._place.house.url + path, timeout=20) as response:
            return bytes(response.read())


def drawn(chance: random.Random, lengths: dict[str, float]) -> tuple[str, float]:
    """A moment: a phase, and how long after its beginning. Each phase is as likely as the next, or the short ones, in
    which most can go wrong, would hardly ever be met."""
    phase = chance.choice(PHASES)
    return phase, chance.uniform(0, lengths[phase])
