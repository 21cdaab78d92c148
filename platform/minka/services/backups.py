"""Backups: all that happens, as it happens, and every night the whole; with PostgreSQL's own programs.

`MINKA_BACKUPS` is a folder on another disk. In it:

    history-1/                  one history of one database; a restore begins the next
        wal/                    its log, written here by the receiver a moment after each commit
        20261130T023000Z/       a backup: complete, or not there
            base.tar.gz, pg_wal.tar.gz, backup_manifest    PostgreSQL's
            files/              releases, boards, what partners get, media
            proof.json          what is in the tables at a named point of the log, and the sums of the files

A backup and the log after it are the database at any moment since (`restoring.py`). The **receiver** holds a slot, so
that the server keeps what it has not got yet; where the server had to let go of it (4 GB), the history has a gap and a
new one begins. A **backup** counts only with the log behind it: without a receiver at work it fails. Copies of files
that did not change are links to those of the backup before.

Never here: the secrets (`SECRET_KEY`, `MINKA_MASTER_KEY`), which are kept elsewhere, or whoever has the backup has all.
No backup is older than 35 days, which is promised to whoever was erased. Whoever takes, tries or restores one holds the
folder meanwhile, and begins by clearing away what somebody who was killed left half done.

As a program (`python -m minka.services.backups`) this is the receiver.
"""

import datetime as dt
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from minka.services import proofs
from minka.services.postgres import (
    OURSELVES,
    Binaries,
    PostgresError,
    binaries_for,
    dying_with_parent,
    environment,
    run,
    sync_directory,
)  # fmt: skip
from minka.services.up import NOTE

SLOT: Final = "minka"
MOST_DAYS: Final = 35
KEPT_FILES: Final = ("releases", "boards", "partners", "media")
"""Folders of MINKA_HOME. What begins with a dot there is half made."""
PROOF: Final = "proof.json"
DRAFTS: Final = (".2*Z", ".drill-*", ".restore-*")
"""Folders of who is at work: a backup, a drill, a restore. `minka-away.service` leaves them out."""
SEGMENT: Final = 16 << 20
RECEIVER_PATIENCE: Final = 60.0
"""Seconds for the receiver to write down what a proof needs."""
PAUSE: Final = 2.0
AGAIN: Final = 3600.0
"""Seconds after which a backup that should have come about at once is tried again."""
OPENED: Final = "opened"
"""In a history's folder: a house was let work in it."""
MANAGE: Final = Path(__file__).resolve().parents[3] / "manage.py"


class BackupError(RuntimeError):
    """There is no backup to be had. The message is for the person at the terminal."""


# Where they lie -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """The folder of backups, and how long they are kept."""

    folder: Path
    days: int = 14

    def refuse_one_disk(self, home: Path) -> None:
        """Raises BackupError where a house that is open to people has its backups on the disk of its database: one
        fault takes both, or the other disk is not mounted."""
        if os.environ.get("MINKA_ENV") == "production" and self.folder.stat().st_dev == home.stat().st_dev:
            raise BackupError(f"{self.folder} is on the disk of {home}: is the disk for backups not mounted?")

    @classmethod
    def from_environment(cls) -> Self:
        """Of `MINKA_BACKUPS` and `MINKA_BACKUP_DAYS`.

        Raises:
            BackupError: there is no such folder, or the days are none that may be.
        """
        folder, days = os.environ.get("MINKA_BACKUPS", ""), os.environ.get("MINKA_BACKUP_DAYS") or "14"
        if not folder or not Path(folder).is_dir():
            raise BackupError("MINKA_BACKUPS should be a folder on another disk, and there is none")
        if not days.isascii() or not days.isdecimal() or not 1 <= int(days) <= MOST_DAYS:
            raise BackupError(
                f"MINKA_BACKUP_DAYS is {days!r}, and should be 1 to {MOST_DAYS}: whoever was erased is promised"
                " that no backup holds them for longer"
            )
        return cls(Path(folder).absolute(), int(days))

    @contextmanager
    def held(self) -> Iterator[None]:
        """One at a time, others wait; what a killed one left goes first."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            for history in (self.folder, *(history.folder for history in self.histories)):
                for left in (path for pattern in DRAFTS for path in history.glob(pattern)):
                    shutil.rmtree(left)
            yield
        finally:
            os.close(handle)

    @property
    def histories(self) -> list["History"]:
        """The newest last."""
        found = [path for path in self.folder.glob("history-*") if path.name.removeprefix("history-").isdecimal()]
        return [History(path) for path in sorted(found, key=lambda path: int(path.name.removeprefix("history-")))]

    @property
    def history(self) -> "History":
        """The one that goes on; the first, where there is none."""
        return self.histories[-1] if self.histories else self.begin_history()

    def begin_history(self) -> "History":
        last = int(self.histories[-1].folder.name.removeprefix("history-")) if self.histories else 0
        (self.folder / f"history-{last + 1}" / "wal").mkdir(mode=0o700, parents=True)
        sync_directory(self.folder)
        return History(self.folder / f"history-{last + 1}")

    @property
    def backups(self) -> list["Backup"]:
        """All that are complete, the newest last."""
        return [backup for history in self.histories for backup in history.backups]

    @property
    def unproven(self) -> "History | None":
        """The history that goes on, where people were let into it and no backup of it came about yet, and there are
        backups of one before: what was written in it, no restore brings back."""
        last = self.histories[-1:]
        return last[0] if last and last[0].is_open and not last[0].backups and self.backups else None

    def newest(self, *, until: dt.datetime | None = None) -> "Backup":
        """The newest, or the newest that was complete by then.

        Raises:
            BackupError: there is none.
        """
        found = [each for each in self.backups if until is None or each.complete_at <= until]
        if not found:
            raise BackupError(f"there is no backup {'of before then ' if until else ''}in {self.folder}")
        return found[-1]


@dataclass(frozen=True)
class History:
    """One history of one database, whose log has no gap."""

    folder: Path

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def backups(self) -> list["Backup"]:
        return [Backup(path) for path in sorted(self.folder.glob("2*Z")) if (path / PROOF).exists()]

    @property
    def is_open(self) -> bool:
        """Whether a house is at work in it, or was; even where nothing of that could be received."""
        return (self.folder / OPENED).exists()

    def open(self) -> None:
        (self.folder / OPENED).touch()

    def segments(self, first: str = "") -> list[Path]:
        """The files of the log from the one of this name on; the last is still written to (`.partial`)."""
        found = [path for path in self.wal.iterdir() if re.fullmatch(r"[0-9A-F]{24}(\.partial)?", path.name)]
        return sorted((path for path in found if path.name[8:24] >= first[8:]), key=lambda path: path.name[8:])

    def broken(self, first: str) -> list[str]:
        """Where the log from this file on cannot be read: every record has a sum of its own. The file that is written
        to is not looked at."""
        found, whole = [], [path.name for path in self.segments(first) if not path.suffix]
        for timeline in sorted({name[:8] for name in whole}):
            names = [name for name in whole if name[:8] == timeline]
            told = run([binaries_for(OURSELVES) / "pg_waldump", "--quiet", "--path", self.wal, names[0], names[-1]])
            found += [f"the log is broken: {told.stderr.strip()}"] if told.returncode else []
        return found

    def gaps(self, first: str) -> list[str]:
        """What lacks of the log from this file on."""
        names = [path.name[:24] for path in self.segments(first)]
        told = [] if names[:1] == [first] else [f"the log begins at {names[0] if names else 'nothing'}, not at {first}"]
        numbers = [_number(name) for name in names]
        return told + [
            f"the log has a gap after {name}" for name, here, after in zip(names, numbers, numbers[1:], strict=False)
            if after - here > 1
        ]  # fmt: skip


@dataclass(frozen=True)
class Backup:
    """A complete one. Its name is the time at which it was begun."""

    folder: Path

    @property
    def history(self) -> History:
        return History(self.folder.parent)

    @property
    def place(self) -> Place:
        return Place(self.history.folder.parent)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def begun_at(self) -> dt.datetime:
        return dt.datetime.strptime(self.name, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)

    @property
    def complete_at(self) -> dt.datetime:
        """From then on the log leads to any moment."""
        return dt.datetime.fromisoformat(self.proof["complete_at"])

    @property
    def proof(self) -> dict[str, Any]:
        """`point`, `tables`, `files`, `login`, `database`, `complete_at`, `postgres`."""
        return dict(json.loads((self.folder / PROOF).read_text("utf-8")))

    @property
    def first_segment(self) -> str:
        """The file of the log that it needs first."""
        (part,) = json.loads((self.folder / "backup_manifest").read_text())["WAL-Ranges"][:1]
        high, low = (int(half, 16) for half in part["Start-LSN"].split("/"))
        return f"{part['Timeline']:08X}{high:08X}{low // SEGMENT:08X}"


def _number(segment: str) -> int:
    return int(segment[8:16], 16) * (2**32 // SEGMENT) + int(segment[16:24], 16)


def owner_url(home: Path) -> str:
    """The login that backs up: `DATABASE_OWNER_URL`, `DATABASE_URL`, or the owner of the embedded database.

    Raises:
        BackupError: there is none: the house is not running.
    """
    if given := os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL"):
        return given
    try:
        return str(json.loads((home / "database.json").read_text())["owner"])
    except (OSError, ValueError) as error:
        raise BackupError(f"no database is running in {home}") from error


def apart(url: str) -> tuple[str, dict[str, str]]:
    """What may stand on a command line, which everybody on the machine can read, and the password, for the
    environment."""
    words = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = words.pop("password", "")
    return make_conninfo("", **words), {"PGPASSWORD": password} if password else {}


# Taking one -----------------------------------------------------------------------------------------------------------


def take(place: Place, home: Path, url: str) -> Backup:
    """The whole database and the files, proven by what is in them; older ones than `place.days` go.

    Raises:
        BackupError, OSError: there is none, and why; what was there before is left.
    """
    place.refuse_one_disk(home)
    if (home / NOTE).exists():
        raise BackupError(f"this house was restored, and what is to be done again is not done yet: {home / NOTE}")
    with place.held():
        return _take(place, home, url)


def _take(place: Place, home: Path, url: str) -> Backup:
    history, now = place.history, dt.datetime.now(dt.UTC)
    final = history.folder / f"{now:%Y%m%dT%H%M%SZ}"
    draft = history.folder / f".{final.name}"
    draft.mkdir(mode=0o700)
    programs = binaries_for(OURSELVES)
    what = ["--format=tar", "--gzip", "--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256"]
    shown, hidden = apart(url)
    told = run([programs / "pg_basebackup", "-d", shown, "-D", draft, *what, "--no-password"], more=hidden)
    if told.returncode:
        raise BackupError(f"pg_basebackup: {told.stderr.strip()}")
    point = f"minka {now:%Y%m%dT%H%M%SZ}"
    try:
        tables = proofs.take(url, point)
        _wait_for_receiver(url)
        with psycopg.connect(url) as asked:
            login, database, server = asked.info.user, asked.info.dbname, asked.info.server_version
    except (proofs.Busy, psycopg.Error) as error:
        raise BackupError(f"what is in the tables could not be counted: {error}") from error
    before = history.backups[-1].folder if history.backups else None
    proof = {
        "point": point, "tables": tables, "files": _copy_files(home, draft / "files", before and before / "files"),
        "login": login, "database": database, "postgres": server // 10_000,
        "complete_at": dt.datetime.now(dt.UTC).isoformat(),
    }  # fmt: skip
    (draft / PROOF).write_text(json.dumps(proof), "utf-8")
    _sync(draft)
    draft.rename(final)
    sync_directory(history.folder)
    expire(place, now=now)
    return Backup(final)


def _wait_for_receiver(url: str) -> None:
    """Until all that is written by now lies in the folder of backups too."""
    deadline = time.monotonic() + RECEIVER_PATIENCE
    with psycopg.connect(url, autocommit=True) as asked:
        (reached,) = asked.execute("SELECT pg_current_wal_lsn()").fetchone() or (None,)
        got = "SELECT restart_lsn >= %s::pg_lsn AND active FROM pg_replication_slots WHERE slot_name = %s"
        while not (asked.execute(got, [reached, SLOT]).fetchone() or (False,))[0]:
            if time.monotonic() > deadline:
                raise BackupError(
                    "the log does not reach the folder of backups: is the receiver at work (in minka-database, with a"
                    " server of your own minka-receiver, or `make up` with MINKA_BACKUPS)?"
                )
            time.sleep(0.2)


def _copy_files(home: Path, into: Path, before: Path | None) -> dict[str, str]:
    """Copies, or links to those of the backup before where these are the same still; of each the source's sum, by its
    path: what rotted in a backup is no proof of itself, and goes into no other."""
    sums: dict[str, str] = {}
    for path in _files(home):
        name = path.relative_to(home)
        copy, old = into / name, before / name if before else None
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            said = sum_of(path)
            if old and old.exists() and _alike(old, path) and sum_of(old) == said:
                copy.hardlink_to(old)
            else:
                shutil.copy2(path, copy)
        except FileNotFoundError:
            continue  # taken back this moment
        sums[str(name)] = said
    return sums


def _files(home: Path) -> Iterator[Path]:
    for kept in KEPT_FILES:
        for place, folders, names in os.walk(home / kept):  # follows no link
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for path in (Path(place) / name for name in sorted(names) if not name.startswith(".")):
                if path.is_file() and not path.is_symlink():
                    yield path


def _alike(one: Path, other: Path) -> bool:
    a, b = one.stat(), other.stat()
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    sync_directory(folder)


def expire(place: Place, *, now: dt.datetime) -> list[str]:
    """Backups whose time is over, and the log that only they needed. The newest stays while no other comes about, until
    what was promised to whoever was erased ends that too. Returns what went."""
    end, promised = now - dt.timedelta(days=place.days), now - dt.timedelta(days=MOST_DAYS)
    gone = [each for each in place.backups[:-1] if each.begun_at < end]
    gone += [each for each in place.backups[-1:] if each.begun_at < promised]
    for backup in gone:
        shutil.rmtree(backup.folder)
    for history in place.histories:
        if history.backups:
            first = history.backups[0].first_segment
            for path in set(history.segments()) - set(history.segments(first)):
                path.unlink()
        elif history != place.history:
            shutil.rmtree(history.folder)
        else:
            _forget_old_log(history, end)
    return [backup.name for backup in gone]


def _forget_old_log(history: History, end: dt.datetime) -> None:
    for path in history.segments():
        if path.stat().st_mtime < end.timestamp():
            path.unlink()


# The receiver ---------------------------------------------------------------------------------------------------------


def receive(home: Path) -> NoReturn:
    """Write the log into the folder of backups, for as long as this process lives. Whatever is in the way (no folder, a
    full disk, a server that is down) is told and waited for; a server that does not have what comes next begins another
    history. One that begins is backed up at once. What is in the way for long is told once."""
    said, backing_up = "", _BackingUp(home)
    while True:
        began = time.monotonic()
        try:
            place = Place.from_environment()
            place.refuse_one_disk(home)
            told = _receive_once(binaries_for(OURSELVES), owner_url(home), place, backing_up)
        except (BackupError, PostgresError, psycopg.Error, OSError) as error:
            told = str(error) or type(error).__name__
        if told != said or time.monotonic() - began > RECEIVER_PATIENCE:
            print(told, flush=True)
        said = told
        time.sleep(PAUSE)


class _BackingUp:
    """The backup of a history that has none, as soon as there is something to lose, beside the receiver, which it waits
    for: so a new disk, a restored database or a log that could not go on waits for no night."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._of: tuple[int, int] | None = None
        self._begun = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self.gap = ""

    def see_to(self, history: History, url: str) -> None:
        if history.backups or (self._process and self._process.poll() is None) or (self._home / NOTE).exists():
            return
        found = history.folder.stat()  # another disk's has the same name
        of = (found.st_dev, found.st_ino)
        if (of == self._of and time.monotonic() - self._begun < AGAIN) or not _is_furnished(url):
            return
        self._of, self._begun = of, time.monotonic()
        argv = [sys.executable, str(MANAGE), "backup", *([f"--gap={self.gap}"] if self.gap else [])]
        self._process = subprocess.Popen(argv, preexec_fn=dying_with_parent(signal.SIGTERM))


def _is_furnished(url: str) -> bool:
    with psycopg.connect(url) as asked:
        return bool((asked.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone() or (False,))[0])


def _receive_once(programs: Binaries, url: str, place: Place, backing_up: _BackingUp) -> str:
    """Until it ends. Returns what it said."""
    made = _receiver(programs, url, "--create-slot", "--if-not-exists")
    if made.returncode:
        return made.stderr.strip()
    history = place.history
    history.open()
    into = ("--synchronous", "--no-loop", "-D", str(history.wal))
    told = _receiver(programs, url, *into, meanwhile=lambda: backing_up.see_to(history, url)).stderr.strip()
    if not re.search(r"has already been removed|is ahead of the WAL flush|can no longer|not in this server's", told):
        return told
    _receiver(programs, url, "--drop-slot")
    place.begin_history()
    backing_up.gap = f"the log in {history.folder} cannot go on, another begins: {told}"
    return backing_up.gap


def _receiver(
    programs: Binaries, url: str, *options: str, meanwhile: Callable[[], object] = lambda: None
) -> subprocess.CompletedProcess[str]:
    """Its program until it ends; `meanwhile` again and again."""
    shown, hidden = apart(url)
    argv = [str(programs / "pg_receivewal"), "-d", shown, "--slot", SLOT, "--no-password", *options]
    with subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/", env=environment() | hidden,
        preexec_fn=dying_with_parent(signal.SIGTERM),
    ) as process:  # fmt: skip
        try:
            while True:
                try:
                    _said, wrong = process.communicate(timeout=PAUSE)
                except subprocess.TimeoutExpired:
                    meanwhile()
                else:
                    return subprocess.CompletedProcess(argv, process.returncode, "", wrong)
        finally:
            process.terminate()


def main(surroundings: Mapping[str, str] = os.environ) -> NoReturn:
    """A receiver that ended again and again would take the database along (`up.py`)."""
    receive(Path(surroundings.get("MINKA_HOME") or "var").absolute())


if __name__ == "__main__":
    main()
